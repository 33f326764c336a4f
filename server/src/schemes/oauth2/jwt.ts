/** Signed JSON Web Tokens (RFC 7515, RFC 7519) with the keys that clients hold, and those keys. */
import { createPrivateKey, createPublicKey, createSecretKey, type JsonWebKey, type KeyObject } from 'node:crypto'
import { signature } from '../jws.ts'
import { isPrivateKey, pemBlocks } from '../pem.ts'

export const algorithms = ['RS256', 'ES256', 'PS256'] as const
export type Algorithm = (typeof algorithms)[number]

export interface SigningKey {
  key: KeyObject
  algorithm: Algorithm
  /** `kid` of the header; null where the provider knows one key only. */
  id: string | null
}

export type Claims = Record<string, unknown>

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value), 'utf8').toString('base64url')
}

/** A compact JWS. `header`: more than `alg` and `kid`. */
export function signJwt({ key, algorithm, id }: SigningKey, claims: Claims, header: Claims = {}): string {
  const input = `${encode({ alg: algorithm, ...(id === null ? {} : { kid: id }), ...header })}.${encode(claims)}`
  return `${input}.${signature(algorithm, key, input)}`
}

/** The same with a shared secret (HS256). */
export function signWithSecret(secret: string, claims: Claims): string {
  const input = `${encode({ alg: 'HS256' })}.${encode(claims)}`
  return `${input}.${signature('HS256', createSecretKey(secret, 'utf8'), input)}`
}

/**
 * A private key as PEM or JWK; undefined where it is neither, is a public one or is locked with a password. A PEM whose
 * line breaks were lost in pasting, or came as `\n`, is read all the same.
 */
export function readPrivateKey(text: string): KeyObject | undefined {
  try {
    const trimmed = text.trim()
    if (trimmed.startsWith('{')) {
      const jwk: unknown = JSON.parse(trimmed)
      return isJwk(jwk) ? createPrivateKey({ key: jwk, format: 'jwk' }) : undefined
    }
    const block = pemBlocks(trimmed).find(isPrivateKey)
    return block === undefined ? undefined : createPrivateKey(block.pem)
  } catch {
    return undefined
  }
}

/** `kid` of a key that is a JWK; undefined where there is none. */
export function idInside(text: string): string | undefined {
  if (!text.trim().startsWith('{')) return undefined
  try {
    const jwk: unknown = JSON.parse(text)
    return isJwk(jwk) && typeof jwk['kid'] === 'string' && jwk['kid'] !== '' ? jwk['kid'] : undefined
  } catch {
    return undefined
  }
}

function isJwk(value: unknown): value is JsonWebKey {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What a key can sign with, the usual one first; [] for a kind or size that no provider takes. */
export function algorithmsOf(key: KeyObject): readonly Algorithm[] {
  const { namedCurve, modulusLength = 0 } = key.asymmetricKeyDetails ?? {}
  if (key.asymmetricKeyType === 'rsa') return modulusLength >= 2048 ? ['RS256', 'PS256'] : []
  return key.asymmetricKeyType === 'ec' && namedCurve === 'prime256v1' ? ['ES256'] : []
}

/** The public half, as it is published. */
export function publicJwk(key: KeyObject): JsonWebKey {
  return createPublicKey(key).export({ format: 'jwk' })
}
