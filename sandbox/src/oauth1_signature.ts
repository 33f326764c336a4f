import { createHmac, timingSafeEqual, verify } from 'node:crypto'

/** Verification of OAuth 1.0a signatures, RFC 5849 section 3. */

export const signatureMethods = ['HMAC-SHA1', 'HMAC-SHA256', 'RSA-SHA1', 'RSA-SHA256', 'PLAINTEXT'] as const
export type SignatureMethod = (typeof signatureMethods)[number]

export const isSignatureMethod = (name: string): name is SignatureMethod =>
  signatureMethods.some((method) => method === name)

export type Pair = readonly [name: string, value: string]

/** Section 3.6: all but the unreserved characters, upper-case hexadecimal, over UTF-8 octets. */
export function percentEncode(value: string): string {
  let encoded = ''
  for (const octet of Buffer.from(value, 'utf8')) {
    const character = String.fromCharCode(octet)
    encoded += /[A-Za-z0-9\-._~]/.test(character) ? character : `%${octet.toString(16).toUpperCase().padStart(2, '0')}`
  }
  return encoded
}

/** Section 3.4.1.3.1: a query or form body into decoded pairs. Malformed escapes stay as they are. */
export function decodePairs(encoded: string): Pair[] {
  return encoded
    .split('&')
    .filter((part) => part !== '')
    .map((part) => {
      const equals = part.indexOf('=')
      const [name, value] = equals === -1 ? [part, ''] : [part.slice(0, equals), part.slice(equals + 1)]
      return [decodeForm(name), decodeForm(value)]
    })
}

const decodeForm = (value: string): string => percentDecode(value.replaceAll('+', ' '))

export function percentDecode(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}

/** The parameters of an `Authorization: OAuth …` header, or undefined when it is none (section 3.5.1). */
export function parseOAuthHeader(header: string | undefined): Pair[] | undefined {
  const content = /^oauth\s+(.*)$/is.exec(header ?? '')?.[1]
  if (content === undefined) return undefined
  return [...content.matchAll(/([^\s=,]+)\s*=\s*"([^"]*)"/g)].map(([, name = '', value = '']) => [
    percentDecode(name),
    percentDecode(value),
  ])
}

/** Section 3.4.1.3.2: encoded, sorted by octets of the name, then of the value, joined. */
export function normalizeParameters(pairs: readonly Pair[]): string {
  const byOctets = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b))
  return pairs
    .filter(([name]) => name !== 'oauth_signature' && name !== 'realm')
    .map(([name, value]) => [percentEncode(name), percentEncode(value)] as const)
    .sort((a, b) => byOctets(a[0], b[0]) || byOctets(a[1], b[1]))
    .map(([name, value]) => `${name}=${value}`)
    .join('&')
}

/**
 * Section 3.4.1.
 * @param url absolute; its query is not looked at, its default port is left out (section 3.4.1.2)
 * @param pairs every parameter: of the query, of a form body, of the Authorization header
 */
export function signatureBaseString(method: string, url: string, pairs: readonly Pair[]): string {
  const { protocol, host } = new URL(url)
  // The path as sent: URL would resolve dots in it and change its escapes.
  const path = /^[^:]+:\/\/[^/?#]*([^?#]*)/.exec(url)?.[1] || '/'
  const baseUri = `${protocol}//${host}${path}`
  return [method.toUpperCase(), baseUri, normalizeParameters(pairs)].map(percentEncode).join('&')
}

export interface SigningKeys {
  consumerSecret: string
  /** Empty while there is no token. */
  tokenSecret: string
  /** PEM */
  rsaPublicKey: string
}

/** @param signature the decoded `oauth_signature` */
export function isSignatureValid(
  method: SignatureMethod,
  baseString: string,
  signature: string,
  { consumerSecret, tokenSecret, rsaPublicKey }: SigningKeys,
): boolean {
  const key = `${percentEncode(consumerSecret)}&${percentEncode(tokenSecret)}`
  switch (method) {
    case 'PLAINTEXT':
      return same(signature, key)
    case 'HMAC-SHA1':
      return same(signature, createHmac('sha1', key).update(baseString).digest('base64'))
    case 'HMAC-SHA256':
      return same(signature, createHmac('sha256', key).update(baseString).digest('base64'))
    case 'RSA-SHA1':
      return verify('sha1', Buffer.from(baseString), rsaPublicKey, Buffer.from(signature, 'base64'))
    case 'RSA-SHA256':
      return verify('sha256', Buffer.from(baseString), rsaPublicKey, Buffer.from(signature, 'base64'))
    default:
      return method satisfies never
  }
}

function same(a: string, b: string): boolean {
  const left = Buffer.from(a)
  const right = Buffer.from(b)
  return left.length === right.length && timingSafeEqual(left, right)
}
