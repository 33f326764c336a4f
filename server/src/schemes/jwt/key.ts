/** Signing keys as they are given, and whether they fit an algorithm of RFC 7518 section 3 or RFC 8037. */
import { createPrivateKey, createSecretKey, type JsonWebKeyInput, type KeyObject } from 'node:crypto'
import { isObject } from '../answer.ts'
import type { Algorithm } from '../jws.ts'
import { isEncrypted, isPrivateKey, pemBlocks } from '../pem.ts'

export const encodings = ['text', 'base64', 'hex'] as const
export type Encoding = (typeof encodings)[number]

export interface SigningKey {
  key: KeyObject
  /** What the key calls itself: `kid` of a JWK, `private_key_id` of a service account's file. */
  id: string | undefined
}

/**
 * The key in a text, for this algorithm: PEM, a JWK (RFC 7517), or the JSON file of a service account for the asymmetric
 * ones; a secret in this encoding, or a JWK, for HS. A string says what is wrong, and never what was given.
 */
export function readKey(text: string, algorithm: Algorithm, encoding: Encoding): SigningKey | string {
  const json = text.trimStart().startsWith('{') ? object(text) : undefined
  const hmac = algorithm.startsWith('HS')
  if (hmac) {
    const { k, kty } = json ?? {}
    if (kty === 'oct' && typeof k === 'string') return secret(Buffer.from(k, 'base64url'), json)
    const bytes = decode(text, encoding)
    return typeof bytes === 'string' ? bytes : secret(bytes, undefined)
  }
  const inFile = json?.['private_key']
  const block = pemBlocks(typeof inFile === 'string' ? inFile : text).find(isPrivateKey)
  let key: KeyObject
  try {
    if (block !== undefined) {
      if (isEncrypted(block)) return 'This key has a passphrase. Give it without: openssl pkey -in key.pem'
      key = createPrivateKey(block.pem)
    } else if (json !== undefined && 'kty' in json) {
      const input: JsonWebKeyInput = { key: { ...json }, format: 'jwk' }
      key = createPrivateKey(input)
    } else return `${algorithm} signs with a private key: paste its PEM (-----BEGIN PRIVATE KEY-----) or its JWK.`
  } catch {
    return 'This private key cannot be read: paste the whole of it, from -----BEGIN to -----END, or its JWK.'
  }
  return unfit(key, algorithm) ?? { key, id: idOf(json) }
}

function object(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

function secret(bytes: Buffer, json: Record<string, unknown> | undefined): SigningKey | string {
  return bytes.length === 0 ? 'The secret is empty.' : { key: createSecretKey(bytes), id: idOf(json) }
}

function idOf(json: Record<string, unknown> | undefined): string | undefined {
  const id = json?.['kid'] ?? json?.['private_key_id']
  return typeof id === 'string' && id !== '' ? id : undefined
}

function decode(text: string, encoding: Encoding): Buffer | string {
  if (encoding === 'text') return Buffer.from(text, 'utf8')
  const compact = text.replace(/\s+/g, '')
  if (encoding === 'hex')
    return /^([0-9a-fA-F]{2})+$/.test(compact) ? Buffer.from(compact, 'hex') : 'This is not hexadecimal.'
  return /^[A-Za-z0-9+/_-]+={0,2}$/.test(compact) ? Buffer.from(compact, 'base64') : 'This is not base64.'
}

const curves: Partial<Record<Algorithm, string>> = { ES256: 'prime256v1', ES384: 'secp384r1', ES512: 'secp521r1' }
const curveNames: Partial<Record<Algorithm, string>> = { ES256: 'P-256', ES384: 'P-384', ES512: 'P-521' }

function unfit({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject, algorithm: Algorithm) {
  const rsa = algorithm.startsWith('RS') || algorithm.startsWith('PS')
  if (rsa && type !== 'rsa') return `${algorithm} signs with an RSA key, and this is another kind of key.`
  const curve = curves[algorithm]
  if (curve !== undefined && details?.namedCurve !== curve)
    return `${algorithm} signs with a key on the curve ${curveNames[algorithm]}, and this is another kind of key.`
  if (algorithm === 'EdDSA' && type !== 'ed25519' && type !== 'ed448')
    return 'EdDSA signs with an Ed25519 or Ed448 key, and this is another kind of key.'
  return undefined
}
