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

/** How long a new key is published before it signs: providers keep what they have read for a while. Milliseconds. */
export const leadTime = 600_000
/** How long a key that no longer signs stays published. */
export const graceTime = 86_400_000

/** Whether Mooring makes the key itself: one is needed, and none was given. */
export function makesKeys({ clientKey, clientAuthentication, grantType, assertion }: KeyFields): boolean {
  if (clientKey !== null) return false
  return clientAuthentication === 'private_key_jwt' || (grantType === 'jwt_bearer' && assertion.keyFrom === 'service')
}

/** The key that signs for the service at this moment. Throws service_not_ready where there is none. */
export function serviceKey(definition: KeyFields, now: number): SigningKey {
  const { clientKey, clientKeyId, signingAlgorithm, signingKeys } = definition
  if (clientKey !== null) {
    const key = readPrivateKey(clientKey)
    if (key !== undefined) return signingKey(key, clientKeyId ?? idInside(clientKey) ?? null, signingAlgorithm)
  }
  const made = signingKeys === null ? undefined : signsAt(signingKeys, now)
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

/** The newest whose turn has come; where clocks disagree, the oldest there is. */
function signsAt(keys: readonly MadeKey[], now: number): MadeKey | undefined {
  return keys.find(({ signsFrom }) => signsFrom <= now) ?? keys.at(-1)
}

function make(algorithm: Algorithm, now: number, signsFrom: number): MadeKey {
  const id = randomUUID()
  const { privateKey } =
    algorithm === 'ES256'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : generateKeyPairSync('rsa', { modulusLength: 2048 })
  return { id, algorithm, jwk: { ...privateKey.export({ format: 'jwk' }) }, createdAt: now, signsFrom }
}

/** A key where one is needed and there is none; with `anew` in any case. undefined where there is nothing to make. */
export function makeKeys(definition: KeyFields, now: number, anew: boolean): { signingKeys: MadeKey[] } | undefined {
  if (!makesKeys(definition)) return undefined
  const { signingKeys, signingAlgorithm } = definition
  const newest = signingKeys?.[0]
  const fits = newest !== undefined && (signingAlgorithm === null || newest.algorithm === signingAlgorithm)
  if (fits && !anew) return undefined
  const kept = withEnds(signingKeys ?? [])
    .filter(({ publishedUntil }) => publishedUntil === null || publishedUntil > now)
    .map(({ made }) => made)
    .slice(0, 8)
  // The first of its kind has nobody to stand in for it.
  return { signingKeys: [make(signingAlgorithm ?? 'ES256', now, fits ? now + leadTime : now), ...kept] }
}

/** With the moment up to which each is published; null for the newest. */
function withEnds(keys: readonly MadeKey[]): { made: MadeKey; publishedUntil: number | null }[] {
  return keys.map((made, index) => {
    const next = keys[index - 1]
    return { made, publishedUntil: next === undefined ? null : next.signsFrom + graceTime }
  })
}

/** What a provider checks signatures with (RFC 7517 section 4), the newest first; [] where none are made here. */
export function publishedKeys(definition: KeyFields, now: number): PublishedKey[] {
  if (!makesKeys(definition)) return []
  return withEnds(definition.signingKeys ?? [])
    .filter(({ publishedUntil }) => publishedUntil === null || publishedUntil > now)
    .map(({ made: { id, algorithm, jwk, createdAt, signsFrom }, publishedUntil }) => ({
      id,
      createdAt,
      signsFrom,
      publishedUntil,
      jwk: { ...publicJwk(createPrivateKey({ key: jwk, format: 'jwk' })), kid: id, alg: algorithm, use: 'sig' },
    }))
}
