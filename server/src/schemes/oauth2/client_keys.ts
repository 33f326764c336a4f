/** The keys of a service that signs: one that somebody gave it, or those that Mooring makes, publishes and rolls over. */
import { createPrivateKey, generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto'
import { MooringError } from '../../errors.ts'
import type { PublishedKey } from '../scheme.ts'
import type { MadeKey } from './client_fields.ts'
import type { Definition } from './definition.ts'
import { type Algorithm, algorithmsOf, idInside, publicJwk, readPrivateKey, type SigningKey } from './jwt.ts'

type KeyFields = Pick<
  Definition,
  'clientAuthentication' | 'grantType' | 'assertion' | 'clientKey' | 'clientKeyId' | 'signingAlgorithm' | 'signingKeys'
>

/** How long a key that no longer signs stays published: providers keep what they have read for a while. Milliseconds. */
export const graceTime = 86_400_000

/** Whether Mooring makes the key itself: one is needed, and none was given. */
export function makesKeys({ clientKey, clientAuthentication, grantType, assertion }: KeyFields): boolean {
  if (clientKey !== null) return false
  return clientAuthentication === 'private_key_jwt' || (grantType === 'jwt_bearer' && assertion.keyFrom === 'service')
}

/** The key that signs for the service. Throws service_not_ready where there is none. */
export function serviceKey(definition: KeyFields): SigningKey {
  const { clientKey, clientKeyId, signingAlgorithm, signingKeys } = definition
  if (clientKey !== null) {
    const key = readPrivateKey(clientKey)
    if (key !== undefined) return signingKey(key, clientKeyId ?? idInside(clientKey) ?? null, signingAlgorithm)
  }
  const made = signingKeys?.find(({ retiredAt }) => retiredAt === null)
  if (clientKey !== null || made === undefined)
    throw new MooringError('service_not_ready', {
      detail: 'The service has no key to sign with.',
      hint: 'Give it a Private Key, or save it again to have one made.',
    })
  return {
    key: createPrivateKey({ key: made.jwk, format: 'jwk' }),
    algorithm: made.algorithm,
    id: made.id,
  }
}

/** `algorithm`: null for the usual one of the key's kind. */
export function signingKey(key: KeyObject, id: string | null, algorithm: Algorithm | null): SigningKey {
  const usual = algorithmsOf(key)[0]
  if (usual !== undefined) return { key, id, algorithm: algorithm ?? usual }
  throw new MooringError('service_not_ready', { detail: 'The key is of a kind that cannot sign here.' })
}

function make(algorithm: Algorithm, now: number): MadeKey {
  const id = randomUUID()
  const { privateKey } =
    algorithm === 'ES256'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : generateKeyPairSync('rsa', { modulusLength: 2048 })
  return { id, algorithm, jwk: { ...privateKey.export({ format: 'jwk' }) }, createdAt: now, retiredAt: null }
}

/** A key where one is needed and there is none; with `anew` in any case. undefined where there is nothing to make. */
export function makeKeys(definition: KeyFields, now: number, anew: boolean): { signingKeys: MadeKey[] } | undefined {
  if (!makesKeys(definition)) return undefined
  const { signingKeys, signingAlgorithm } = definition
  const current = signingKeys?.find(({ retiredAt }) => retiredAt === null)
  const fits = current !== undefined && (signingAlgorithm === null || current.algorithm === signingAlgorithm)
  return fits && !anew ? undefined : rolled(definition, now)
}

/** A new key that signs from now on; the one before stays published for a while. */
function rolled(definition: KeyFields, now: number): { signingKeys: MadeKey[] } {
  const { signingKeys, signingAlgorithm } = definition
  const kept = (signingKeys ?? [])
    .map((one) => ({ ...one, retiredAt: one.retiredAt ?? now }))
    .filter((one) => isPublished(one, now))
    .slice(0, 8)
  return { signingKeys: [make(signingAlgorithm ?? 'ES256', now), ...kept] }
}

function isPublished({ retiredAt }: MadeKey, now: number): boolean {
  return retiredAt === null || retiredAt + graceTime > now
}

/** What a provider checks signatures with (RFC 7517 section 4), the one that signs first; [] where none are made here. */
export function publishedKeys(definition: KeyFields, now: number): PublishedKey[] {
  if (!makesKeys(definition)) return []
  return (definition.signingKeys ?? [])
    .filter((one) => isPublished(one, now))
    .map(({ id, algorithm, jwk, createdAt, retiredAt }) => ({
      id,
      createdAt,
      publishedUntil: retiredAt === null ? null : retiredAt + graceTime,
      jwk: { ...publicJwk(createPrivateKey({ key: jwk, format: 'jwk' })), kid: id, alg: algorithm, use: 'sig' },
    }))
}
