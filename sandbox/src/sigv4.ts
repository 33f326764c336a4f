import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

/**
 * Verification of AWS Signature Version 4, from the "AWS API request signatures" chapter of the IAM user guide and
 * "Authenticating Requests (AWS Signature Version 4)" of the Amazon S3 API reference.
 */

export interface SignedRequest {
  method: string
  /** Path and query as received. */
  target: string
  /** In order, names as received, repeated ones repeated. */
  headers: readonly (readonly [name: string, value: string])[]
  /** Lower-case hexadecimal SHA-256 of the body. */
  bodySha256: string
}

export interface AwsKey {
  secretAccessKey: string
  /** When set, the request must carry it. */
  sessionToken?: string
}

export type SigV4Result =
  | { ok: true; accessKeyId: string; region: string; service: string; location: 'header' | 'query' }
  | { ok: false; error: string; description: string; canonicalRequest?: string; stringToSign?: string }

const CLOCK_SKEW_SECONDS = 900
const LONGEST_EXPIRY_SECONDS = 604_800
const UNSIGNED = 'UNSIGNED-PAYLOAD'
const ALGORITHM = 'AWS4-HMAC-SHA256'

/** @param keyOf finds the secret of an access key id */
export function verifySigV4(
  request: SignedRequest,
  keyOf: (accessKeyId: string) => AwsKey | undefined,
  now: Date,
): SigV4Result {
  const mark = request.target.indexOf('?')
  const path = mark === -1 ? request.target : request.target.slice(0, mark)
  const query = splitQuery(mark === -1 ? '' : request.target.slice(mark + 1))
  const headers = collectHeaders(request.headers)

  const claim = readHeaderClaim(headers) ?? readQueryClaim(query)
  if (!claim) return refuse('MissingAuthenticationToken', 'The request carries no AWS Signature Version 4.')
  if ('error' in claim) return claim

  const [accessKeyId = '', day = '', region = '', service = '', ending = '', ...rest] = claim.credential.split('/')
  if (ending !== 'aws4_request' || rest.length > 0) {
    return refuse('IncompleteSignature', 'Credential must be KEY/YYYYMMDD/region/service/aws4_request.')
  }
  const key = keyOf(accessKeyId)
  if (!key) return refuse('UnrecognizedClientException', 'The access key id is unknown.')
  if ((key.sessionToken ?? '') !== claim.sessionToken) {
    const problem = key.sessionToken && !claim.sessionToken ? 'is missing' : 'is wrong'
    return refuse('InvalidClientTokenId', `The session token ${problem} for this access key id.`)
  }

  const untimely = checkTime(claim, day, now)
  if (untimely) return untimely
  const unsigned = checkSignedHeaders(claim, headers)
  if (unsigned) return unsigned
  const payload = payloadHash(claim, headers, request.bodySha256, service)
  if (typeof payload !== 'string') return payload

  const canonicalRequest = [
    request.method,
    service === 's3' ? encodePath(decode(path)) : encodePath(normalizePath(path)),
    canonicalQuery(query),
    ...claim.signedHeaders.map((name) => `${name}:${headers.get(name) ?? ''}`),
    '',
    claim.signedHeaders.join(';'),
    payload,
  ].join('\n')
  const scope = [day, region, service, 'aws4_request'].join('/')
  const stringToSign = [ALGORITHM, claim.date, scope, sha256(canonicalRequest)].join('\n')

  const signingKey = ['aws4_request', service, region, day].reduceRight<Buffer | string>(
    (previous, part) => hmac(previous, part),
    `AWS4${key.secretAccessKey}`,
  )
  const expected = hmac(signingKey, stringToSign)
  const given = Buffer.from(claim.signature, 'hex')
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    const description = 'The signature does not match. canonical_request and string_to_sign are what was signed here.'
    const withoutToken = (text: string) =>
      key.sessionToken
        ? text.replaceAll(key.sessionToken, '[checked]').replaceAll(encode(key.sessionToken), '[checked]')
        : text
    return {
      ...refuse('SignatureDoesNotMatch', description),
      canonicalRequest: withoutToken(canonicalRequest),
      stringToSign,
    }
  }
  return { ok: true, accessKeyId, region, service, location: claim.location }
}

interface Claim {
  location: 'header' | 'query'
  credential: string
  signedHeaders: string[]
  signature: string
  /** YYYYMMDD'T'HHMMSS'Z' */
  date: string
  sessionToken: string
  /** Presigned URLs only. */
  expiresInSeconds?: number
}

type Refusal = Extract<SigV4Result, { ok: false }>
type Query = (readonly [name: string, value: string])[]

const refuse = (error: string, description: string): Refusal => ({ ok: false, error, description })

function readHeaderClaim(headers: Map<string, string>): Claim | Refusal | undefined {
  const authorization = headers.get('authorization')
  if (!authorization?.startsWith(ALGORITHM)) return undefined
  const part = (name: string) => new RegExp(`(?:^|[,\\s])${name}=([^,\\s]+)`).exec(authorization)?.[1] ?? ''
  const claim: Claim = {
    location: 'header',
    credential: part('Credential'),
    signedHeaders: part('SignedHeaders').split(';'),
    signature: part('Signature'),
    date: headers.get('x-amz-date') ?? '',
    sessionToken: headers.get('x-amz-security-token') ?? '',
  }
  const missing = !claim.credential ? 'Credential' : !part('SignedHeaders') ? 'SignedHeaders' : 'Signature'
  if (claim.credential && part('SignedHeaders') && claim.signature) return claim
  return refuse('IncompleteSignature', `The Authorization header has no ${missing}.`)
}

function readQueryClaim(query: Query): Claim | Refusal | undefined {
  const part = (name: string) => query.find(([key]) => key === name)?.[1] ?? ''
  if (!part('X-Amz-Algorithm') && !part('X-Amz-Signature')) return undefined
  if (part('X-Amz-Algorithm') !== ALGORITHM) {
    return refuse('IncompleteSignature', `X-Amz-Algorithm must be ${ALGORITHM}.`)
  }
  const needed = ['X-Amz-Credential', 'X-Amz-Date', 'X-Amz-Expires', 'X-Amz-SignedHeaders', 'X-Amz-Signature']
  const missing = needed.find((name) => !part(name))
  if (missing) return refuse('IncompleteSignature', `${missing} is missing.`)
  return {
    location: 'query',
    credential: part('X-Amz-Credential'),
    signedHeaders: part('X-Amz-SignedHeaders').split(';'),
    signature: part('X-Amz-Signature'),
    date: part('X-Amz-Date'),
    sessionToken: part('X-Amz-Security-Token'),
    expiresInSeconds: Number(part('X-Amz-Expires')),
  }
}

function checkTime({ date, expiresInSeconds }: Claim, day: string, now: Date): Refusal | undefined {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date)
  if (!parts) return refuse('IncompleteSignature', "X-Amz-Date is missing or not YYYYMMDD'T'HHMMSS'Z'.")
  if (!date.startsWith(day)) return refuse('SignatureDoesNotMatch', 'The Credential names another day than X-Amz-Date.')
  const [, year, month, dayOfMonth, hour, minute, second] = parts.map(Number)
  const at = Date.UTC(year ?? 0, (month ?? 1) - 1, dayOfMonth, hour, minute, second)
  const ageSeconds = Math.round((now.getTime() - at) / 1000)
  if (ageSeconds < -CLOCK_SKEW_SECONDS) {
    return refuse('RequestTimeTooSkewed', `X-Amz-Date is ${-ageSeconds} seconds ahead of the clock here.`)
  }
  if (expiresInSeconds === undefined) {
    return ageSeconds > CLOCK_SKEW_SECONDS
      ? refuse('RequestTimeTooSkewed', `X-Amz-Date is ${ageSeconds} seconds behind the clock here.`)
      : undefined
  }
  if (!(Number.isInteger(expiresInSeconds) && expiresInSeconds > 0 && expiresInSeconds <= LONGEST_EXPIRY_SECONDS)) {
    return refuse('AuthorizationQueryParametersError', 'X-Amz-Expires must be between 1 and 604800 seconds.')
  }
  return ageSeconds > expiresInSeconds ? refuse('AccessDenied', 'The presigned URL has expired.') : undefined
}

function checkSignedHeaders({ signedHeaders }: Claim, headers: Map<string, string>): Refusal | undefined {
  const sorted = [...signedHeaders].sort()
  if (signedHeaders.some((name, index) => name !== sorted[index] || name !== name.toLowerCase())) {
    return refuse('SignatureDoesNotMatch', 'SignedHeaders must be lower-case and sorted.')
  }
  const mustBeSigned = [...headers.keys()].filter((name) => name === 'host' || name.startsWith('x-amz-'))
  const forgotten = mustBeSigned.find((name) => !signedHeaders.includes(name))
  if (forgotten) return refuse('SignatureDoesNotMatch', `The header ${forgotten} must be signed.`)
  const absent = signedHeaders.find((name) => !headers.has(name))
  return absent ? refuse('SignatureDoesNotMatch', `The signed header ${absent} did not arrive.`) : undefined
}

function payloadHash(
  { location }: Claim,
  headers: Map<string, string>,
  bodySha256: string,
  service: string,
): string | Refusal {
  const declared = headers.get('x-amz-content-sha256')
  if (declared === undefined) {
    if (service !== 's3') return bodySha256
    if (location === 'query') return UNSIGNED
    return refuse('InvalidRequest', 'S3 requires x-amz-content-sha256.')
  }
  if (declared === UNSIGNED) return UNSIGNED
  if (declared.startsWith('STREAMING-')) {
    return refuse('NotImplemented', 'Chunked signatures are not verified here; sign the payload or UNSIGNED-PAYLOAD.')
  }
  return declared === bodySha256
    ? declared
    : refuse('XAmzContentSHA256Mismatch', 'x-amz-content-sha256 is not the hash of the body that arrived.')
}

/** Lower-case names; values trimmed, runs of blanks collapsed, repeated headers joined with a comma. */
function collectHeaders(headers: SignedRequest['headers']): Map<string, string> {
  const collected = new Map<string, string>()
  for (const [name, raw] of headers) {
    const key = name.toLowerCase()
    const value = raw.trim().replace(/\s+/g, ' ')
    const before = collected.get(key)
    collected.set(key, before === undefined ? value : `${before},${value}`)
  }
  return collected
}

const splitQuery = (query: string): Query =>
  query
    .split('&')
    .filter((part) => part !== '')
    .map((part) => {
      const equals = part.indexOf('=')
      const [name, value] = equals === -1 ? [part, ''] : [part.slice(0, equals), part.slice(equals + 1)]
      return [decode(name.replaceAll('+', ' ')), decode(value.replaceAll('+', ' '))]
    })

function canonicalQuery(query: Query): string {
  const order = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b))
  return query
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => [encode(name), encode(value)] as const)
    .sort((a, b) => order(a[0], b[0]) || order(a[1], b[1]))
    .map(([name, value]) => `${name}=${value}`)
    .join('&')
}

/** RFC 3986 section 5.2.4 without dot segments and with repeated slashes merged. S3 skips this. */
function normalizePath(path: string): string {
  const kept: string[] = []
  const segments = path.split('/')
  for (const segment of segments) {
    if (segment === '..') kept.pop()
    else if (segment !== '' && segment !== '.') kept.push(segment)
  }
  const endsOpen = ['', '.', '..'].includes(segments.at(-1) ?? '')
  return `/${kept.join('/')}${endsOpen && kept.length > 0 ? '/' : ''}`
}

const encodePath = (path: string): string => path.split('/').map(encode).join('/')

/** AWS UriEncode: all but the unreserved characters, upper-case hexadecimal. */
const encode = (value: string): string =>
  encodeURIComponent(value).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)

function decode(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
const hmac = (key: Buffer | string, text: string): Buffer => createHmac('sha256', key).update(text).digest()
