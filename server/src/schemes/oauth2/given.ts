/** What whoever connects is asked for, where the grant needs more than a sign-in, and how it is read. */
import type { FieldError, PromptField } from '@mooring/contract'
import { z } from 'zod'
import { readPrompt } from '../prompt.ts'
import type { Definition } from './definition.ts'
import { begins } from './grants.ts'
import { algorithmsOf, idInside, readPrivateKey } from './jwt.ts'

export type Given = Record<string, string>

const text = z
  .string({ error: 'Give a text.' })
  .max(65_536, { error: 'Use at most 65,536 characters.' })
  .refine((value) => value.isWellFormed() && !value.includes('\0'), { error: 'Remove the broken characters.' })

/** Names as a service account's key file of Google has them, so that the file's content can be given as it is. */
const keyPrompt: PromptField[] = [
  {
    key: 'private_key',
    label: 'Private key',
    secret: true,
    required: true,
    help: 'The whole key file of a service account (JSON), or the key alone as PEM or JWK.',
  },
  {
    key: 'client_email',
    label: 'Issuer',
    secret: false,
    required: false,
    help: 'client_email, where it is not in the key file.',
  },
  {
    key: 'private_key_id',
    label: 'Key ID',
    secret: false,
    required: false,
    help: 'Where the provider tells keys apart.',
  },
]

function field(key: string, label: string, secret = true): PromptField {
  return { key, label, secret, required: true }
}

export function promptOf(definition: Definition): PromptField[] {
  if (begins(definition) !== 'prompt') return []
  switch (definition.grantType) {
    case 'jwt_bearer':
      return keyPrompt
    case 'token_exchange':
      return [
        field('subjectToken', 'Subject token'),
        ...(definition.tokenExchange.actorTokenType === null ? [] : [field('actorToken', 'Actor token')]),
      ]
    case 'refresh_token':
      return [field('refreshToken', 'Refresh token')]
    case 'password':
      return [field('username', 'Username', false), field('password', 'Password')]
    case 'authorization_code':
    case 'authorization_code_pkce':
    case 'client_credentials':
    case 'device_code':
      return []
  }
}

/** Reads what the prompt brought. */
export function readGiven(
  definition: Definition,
  values: Record<string, unknown>,
): { given: Given } | { errors: FieldError[] } {
  const isKey = definition.grantType === 'jwt_bearer'
  const read = readPrompt(promptOf(definition), isKey ? keyFile(values) : values, text)
  if ('errors' in read) return read
  const { values: given } = read
  if (!isKey) return { given }
  const key = readPrivateKey(given['private_key'] ?? '')
  if (key !== undefined && fits(definition, algorithmsOf(key))) return { given }
  const message =
    key === undefined
      ? 'Paste the key file (JSON) or a private key as PEM or JWK, not locked with a password.'
      : 'Use an RSA key of at least 2048 bits or an EC key on P-256, as the Signing Algorithm of the service asks.'
  return { errors: [{ path: 'private_key', code: 'invalid_format', message }] }
}

function fits({ signingAlgorithm }: Definition, able: readonly string[]): boolean {
  return signingAlgorithm === null ? able.length > 0 : able.includes(signingAlgorithm)
}

/** The parts of a key file, given as the object itself or as its text in the place of the key; other values as they are. */
function keyFile(values: Record<string, unknown>): Record<string, unknown> {
  const file = values['type'] === 'service_account' ? values : parsed(values['private_key'])
  if (file === undefined || !('private_key' in file)) return values
  const { private_key, client_email, private_key_id } = file
  const own = file === values ? {} : values
  return { ...defined({ client_email, private_key_id }), ...defined(own), private_key }
}

function parsed(value: unknown): Record<string, unknown> | undefined {
  // A JWK is a key by itself.
  if (typeof value !== 'string' || !value.trim().startsWith('{') || readPrivateKey(value) !== undefined)
    return undefined
  try {
    const file: unknown = JSON.parse(value)
    return typeof file === 'object' && file !== null ? { ...file } : undefined
  } catch {
    return undefined
  }
}

function defined(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined && value !== ''))
}

/** `kid` of a key that came with the connection. */
export function keyIdOf(given: Given): string | null {
  return given['private_key_id'] ?? idInside(given['private_key'] ?? '') ?? null
}
