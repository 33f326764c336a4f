/**
 * The stages of AWS Signature Version 4 (AWS, "Create a signed AWS API request"), as pure functions. Values of
 * headers hold one character a byte, as on the wire.
 */
import { createHmac, createSecretKey, hash, type KeyObject } from 'node:crypto'
import { percentEncode } from '../request.ts'

const algorithm = 'AWS4-HMAC-SHA256'

export const unsignedPayload = 'UNSIGNED-PAYLOAD'

/** SHA-256 as hexadecimal digits. */
export function hashOf(data: Uint8Array): string {
  return hash('sha256', data, 'hex')
}

/** When a signature is made: `20260131T120000Z`. */
export function timeOf(now: number): string {
  const iso = new Date(now).toISOString()
  return `${iso.slice(0, 4)}${iso.slice(5, 7)}${iso.slice(8, 13)}${iso.slice(14, 16)}${iso.slice(17, 19)}Z`
}

/** What a signing key is good for. `time` is from `timeOf`; only its day counts. */
export function scopeOf(time: string, region: string, service: string): string {
  return `${time.slice(0, 8)}/${region}/${service}/aws4_request`
}

export interface PathRule {
  /** Whether dot segments and doubled slashes are resolved first. */
  normalize: boolean
  /** Whether the path is percent-encoded once more as it goes out. */
  encodeTwice: boolean
}

/** S3 takes a path as it is; every other service resolves it and encodes it twice. */
export function pathRuleOf(service: string): PathRule {
  const s3 = isS3(service)
  return { normalize: !s3, encodeTwice: !s3 }
}

/** The names that S3 and what behaves like it are signed under. */
export function isS3(service: string): boolean {
  return /^s3($|-|express$)/.test(service)
}

/** `path` is as it goes out. */
export function canonicalPath(path: string, { normalize, encodeTwice }: PathRule): string {
  const resolved = normalize ? resolve(path) : path
  return resolved
    .split('/')
    .map((segment) => (encodeTwice ? percentEncode(segment) : recode(segment, '%2B')))
    .join('/')
}

/** RFC 3986 section 5.2.4, and doubled slashes count as one. */
function resolve(path: string): string {
  const segments: string[] = []
  for (const segment of path.split('/')) {
    if (segment === '..') segments.pop()
    else if (segment !== '' && segment !== '.') segments.push(segment)
  }
  return `/${segments.join('/')}${segments.length > 0 && path.endsWith('/') ? '/' : ''}`
}

/** `query` is as it goes out, without its question mark. Sorted by the encoded names, then by the values. */
export function canonicalQuery(query: string): string {
  if (query === '') return ''
  return query
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair): [string, string] => {
      const end = pair.indexOf('=')
      if (end === -1) return [recode(pair, '%20'), '']
      return [recode(pair.slice(0, end), '%20'), recode(pair.slice(end + 1), '%20')]
    })
    .sort(byNameThenValue)
    .map(([name, value]) => `${name}=${value}`)
    .join('&')
}

function byNameThenValue([nameA, valueA]: [string, string], [nameB, valueB]: [string, string]): number {
  return order(nameA, nameB) || order(valueA, valueB)
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

const unreserved = /^[A-Za-z0-9\-._~]*$/

/** Encodes what is encoded in some way already the one way that AWS does: every byte but the unreserved. */
export function recode(text: string, plus: '%20' | '%2B'): string {
  if (unreserved.test(text)) return text
  return text.replace(/%([0-9A-Fa-f]{2})|[^A-Za-z0-9\-._~]/gu, (written, hex: string | undefined) => {
    if (written === '+') return plus
    if (hex === undefined) return percentEncode(written)
    const character = String.fromCharCode(Number.parseInt(hex, 16))
    return unreserved.test(character) ? character : `%${hex.toUpperCase()}`
  })
}

export interface CanonicalHeaders {
  /** `name:value` lines, each with its line break. */
  lines: string
  /** The names, sorted: `host;x-amz-date`. */
  signed: string
}

/** Headers of the same name become one, in their order; runs of white space and folded lines become one blank. */
export function canonicalHeaders(headers: readonly (readonly [name: string, value: string])[]): CanonicalHeaders {
  const sorted = headers
    .map(([name, value]): [string, string] => [name.toLowerCase(), trimmed(value)])
    .sort(([a], [b]) => order(a, b))
  let lines = ''
  let signed = ''
  let last: string | undefined
  for (const [name, value] of sorted) {
    if (name === last) {
      lines = `${lines.slice(0, -1)},${value}\n`
      continue
    }
    lines += `${name}:${value}\n`
    signed += last === undefined ? name : `;${name}`
    last = name
  }
  return { lines, signed }
}

function trimmed(value: string): string {
  if (!/^ | $| {2}|[\t\r\n]/.test(value)) return value
  return value.replace(/[ \t\r\n]+/g, ' ').replace(/^ | $/g, '')
}

/** `path` and `query` are canonical already. */
export function canonicalRequest(
  method: string,
  path: string,
  query: string,
  headers: CanonicalHeaders,
  payloadHash: string,
): string {
  return `${method}\n${path}\n${query}\n${headers.lines}\n${headers.signed}\n${payloadHash}`
}

export function stringToSign(time: string, scope: string, request: string): string {
  return `${algorithm}\n${time}\n${scope}\n${hashOf(Buffer.from(request, 'latin1'))}`
}

/** The key for one scope: good for its day, region and service. As an object, since OpenSSL is slow to take in bytes. */
export function signingKey(secretAccessKey: string, scope: string): KeyObject {
  const [day = '', region = '', service = '', end = ''] = scope.split('/')
  return createSecretKey(hmac(hmac(hmac(hmac(`AWS4${secretAccessKey}`, day), region), service), end))
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}

export function signature(key: KeyObject, text: string): string {
  return createHmac('sha256', key).update(text).digest('hex')
}

export function authorizationHeader(accessKeyId: string, scope: string, signed: string, sign: string): string {
  return `${algorithm} Credential=${accessKeyId}/${scope}, SignedHeaders=${signed}, Signature=${sign}`
}

/** What a query carries instead of the header ("Signing with query parameters"), without the signature. */
export function presignParameters(input: {
  accessKeyId: string
  scope: string
  time: string
  expiresInSeconds: number
  signed: string
  /** Null for keys without one, and for the few services that want it added after signing. */
  sessionToken: string | null
}): string {
  const parameters: [string, string][] = [
    ['X-Amz-Algorithm', algorithm],
    ['X-Amz-Credential', `${input.accessKeyId}/${input.scope}`],
    ['X-Amz-Date', input.time],
    ['X-Amz-Expires', String(input.expiresInSeconds)],
    ['X-Amz-SignedHeaders', input.signed],
  ]
  if (input.sessionToken !== null) parameters.push(['X-Amz-Security-Token', input.sessionToken])
  return parameters.map(([name, value]) => `${name}=${percentEncode(value)}`).join('&')
}
