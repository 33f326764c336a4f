/**
 * The stages of an OAuth 1.0a signature (RFC 5849 section 3.4), as pure functions. Parameters travel through them
 * percent-encoded, so that bytes which are not UTF-8 keep what they are.
 */
import { createHmac, createPrivateKey, hash, type KeyObject, sign as signWith } from 'node:crypto'
import { MooringError } from '../../errors.ts'
import { percentEncode } from '../request.ts'

export { percentEncode }

/** The methods of RFC 5849 section 3.4, and the same with the SHA-2 family, which providers have added. */
export const signatureMethods = [
  'HMAC-SHA1',
  'HMAC-SHA256',
  'HMAC-SHA512',
  'RSA-SHA1',
  'RSA-SHA256',
  'RSA-SHA512',
  'PLAINTEXT',
] as const
export type SignatureMethod = (typeof signatureMethods)[number]

const digests = {
  'HMAC-SHA1': 'sha1',
  'HMAC-SHA256': 'sha256',
  'HMAC-SHA512': 'sha512',
  'RSA-SHA1': 'sha1',
  'RSA-SHA256': 'sha256',
  'RSA-SHA512': 'sha512',
  PLAINTEXT: null,
} as const satisfies Record<SignatureMethod, string | null>

/** Whether the consumer secret is an RSA private key instead of a shared secret. */
export function isRsa(method: SignatureMethod): boolean {
  return method.startsWith('RSA-')
}

/** A parameter, name and value percent-encoded as section 3.6 says. */
export type Parameter = readonly [name: string, value: string]

/** Section 3.4.1.2. The path is as it goes out; default ports are left out. */
export function baseStringUri(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}`
}

/**
 * Reads one `name=value` of a query or a form (section 3.4.1.3.1), one character a byte, and writes it as section 3.6
 * says, without going through characters.
 */
export function readParameter(pair: string): Parameter {
  const end = pair.indexOf('=')
  return end === -1 ? [recode(pair), ''] : [recode(pair.slice(0, end)), recode(pair.slice(end + 1))]
}

/** All parameters of a query (without its question mark) or a form. */
export function readParameters(encoded: string): Parameter[] {
  return encoded
    .split('&')
    .filter((pair) => pair !== '')
    .map(readParameter)
}

const unreserved = /^[A-Za-z0-9\-._~]*$/

/** How section 3.6 writes each byte. */
const writtenBytes = Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte)
  return unreserved.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
})

function recode(text: string): string {
  if (unreserved.test(text)) return text
  return text.replace(/%([0-9A-Fa-f]{2})|[^A-Za-z0-9\-._~]/g, (written, hex: string | undefined) => {
    if (written === '+') return '%20'
    const byte = hex === undefined ? written.charCodeAt(0) : Number.parseInt(hex, 16)
    return writtenBytes[byte] ?? percentEncode(written)
  })
}

/** Section 3.4.1.3.2: sorted by name, then by value, in the order of the encoded bytes. */
export function normalizeParameters(parameters: readonly Parameter[]): string {
  return parameters
    .toSorted(([nameA, valueA], [nameB, valueB]) => order(nameA, nameB) || order(valueA, valueB))
    .map(([name, value]) => `${name}=${value}`)
    .join('&')
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** Section 3.4.1.1. `parameters` are those of the query, the form and the protocol, without realm and signature. */
export function signatureBaseString(method: string, url: URL, parameters: readonly Parameter[]): string {
  const normalized = percentEncode(normalizeParameters(parameters))
  return `${method.toUpperCase()}&${percentEncode(baseStringUri(url))}&${normalized}`
}

/**
 * What signs: both secrets (sections 3.4.2 and 3.4.4), or the private key that the consumer secret holds as PEM
 * (section 3.4.3). Throws MooringError (validation_failed) where it holds none.
 */
export function signingKey(method: SignatureMethod, consumerSecret: string, tokenSecret: string): string | KeyObject {
  if (!isRsa(method)) return `${percentEncode(consumerSecret)}&${percentEncode(tokenSecret)}`
  const key = rsaPrivateKey(consumerSecret)
  if (key === undefined) {
    throw new MooringError('validation_failed', {
      detail: `The Consumer Secret is no RSA private key, and ${method} signs with one.`,
      hint: 'Paste the private key as PEM, without a passphrase, or choose another signature method.',
    })
  }
  return key
}

/** The key in a PEM text; undefined where there is none, or one that is not RSA or is locked by a passphrase. */
export function rsaPrivateKey(pem: string): KeyObject | undefined {
  try {
    const key = createPrivateKey(pem)
    return key.asymmetricKeyType === 'rsa' ? key : undefined
  } catch {
    return undefined
  }
}

/** Sections 3.4.2 to 3.4.4: the value of oauth_signature, not yet percent-encoded. */
export function sign(method: SignatureMethod, key: string | KeyObject, baseString: string): string {
  const digest = digests[method]
  if (digest === null) return typeof key === 'string' ? key : ''
  if (isRsa(method)) return signWith(digest, Buffer.from(baseString), key).toString('base64')
  return createHmac(digest, key).update(baseString).digest('base64')
}

/** The body's digest in the OAuth Request Body Hash extension, by the signature's own algorithm; null for PLAINTEXT. */
export function bodyHash(method: SignatureMethod, body: Uint8Array): string | null {
  const digest = digests[method]
  return digest === null ? null : hash(digest, body, 'base64')
}

/** Section 3.5.1. `realm` is not signed; null leaves it out. */
export function authorizationHeader(parameters: readonly Parameter[], realm: string | null): string {
  const written = parameters.map(([name, value]) => `${name}="${value}"`)
  if (realm !== null) written.unshift(`realm="${realm.replace(/["\\]/g, '\\$&')}"`)
  return `OAuth ${written.join(', ')}`
}
