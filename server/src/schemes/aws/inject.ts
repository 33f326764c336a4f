/** Signing a request as it goes out, by header or, for a URL to hand on, by query. */
import type { KeyObject } from 'node:crypto'
import { MooringError } from '../../errors.ts'
import { header, setHeader } from '../request.ts'
import type { Injector, OutgoingRequest } from '../scheme.ts'
import {
  authorizationHeader,
  canonicalHeaders,
  canonicalPath,
  canonicalQuery,
  canonicalRequest,
  hashOf,
  isS3,
  pathRuleOf,
  presignParameters,
  recode,
  scopeOf,
  signature,
  signingKey,
  stringToSign,
  timeOf,
  unsignedPayload,
} from './signature.ts'

export interface Keys {
  accessKeyId: string
  secretAccessKey: string
  /** Of temporary keys. */
  sessionToken?: string | undefined
}

export interface Target {
  service: string
  /** `aws-global` is signed as us-east-1. */
  region: string
}

/** What servers between us and AWS add, drop or change, and what belongs to one connection alone. */
const unsigned = new Set(
  `accept-encoding authorization baggage cache-control connection content-length expect forwarded from host keep-alive
  max-forwards pragma referer te traceparent tracestate trailer transfer-encoding upgrade user-agent via x-amzn-trace-id`
    .split(/\s+/)
    .filter((name) => name !== ''),
)
const unsignedPrefix = /^(proxy-|sec-|x-forwarded-)/

/** What is ours alone to set: a caller's own is dropped (S-37). */
const ours = new Set(['authorization', 'host', 'x-amz-content-sha256', 'x-amz-date', 'x-amz-security-token'])

const signatureParameters = new Set(
  ['algorithm', 'credential', 'date', 'expires', 'security-token', 'signature', 'signedheaders'].map(
    (name) => `x-amz-${name}`,
  ),
)

/** Services that ask for the payload's hash as a header; the others take it but do without. */
export function wantsPayloadHash(service: string): boolean {
  return isS3(service) || service === 'aoss' || service === 'glacier'
}

/**
 * Prepares signing with these keys; what holds for a whole day is computed once. Injecting throws MooringError:
 * too_large where a body was too long to keep and nothing else tells its hash, validation_failed for a key that no
 * header can hold.
 */
export function prepareInjector({ service, region }: Target, keys: Keys): Injector {
  const pathRule = pathRuleOf(service)
  const signer = prepareSigner(keys, service, region)
  return (request, now) => {
    const { time, scope, key } = signer(now)
    const claimed = header(request, 'x-amz-content-sha256')
    const payloadHash = payloadHashOf(request.body, claimed, service)
    const signed = dropCallers(request)
    const add = (name: string, value: string): void => {
      setHeader(request, name, value)
      signed.push([name, value])
    }
    signed.push(['host', request.url.host])
    add('x-amz-date', time)
    if (keys.sessionToken !== undefined) add('x-amz-security-token', keys.sessionToken)
    if (wantsPayloadHash(service) || (claimed !== undefined && claimed === payloadHash)) {
      add('x-amz-content-sha256', payloadHash)
    }
    const headers = canonicalHeaders(signed)
    const canonical = canonicalRequest(
      request.method,
      canonicalPath(request.url.pathname, pathRule),
      canonicalQuery(takeQuery(request.url)),
      headers,
      payloadHash,
    )
    const sign = signature(key, stringToSign(time, scope, canonical))
    setHeader(request, 'authorization', authorizationHeader(keys.accessKeyId, scope, headers.signed, sign))
  }
}

interface Signer {
  time: string
  scope: string
  key: KeyObject
}

/** Time, scope and key of a moment; the last two change once a day. */
function prepareSigner(keys: Keys, service: string, region: string): (now: number) => Signer {
  const signingRegion = region === 'aws-global' ? 'us-east-1' : region
  let second = Number.NaN
  let last: Signer | undefined
  return (now) => {
    const current = Math.floor(now / 1000)
    if (last !== undefined && second === current) return last
    const time = timeOf(now)
    const scope = scopeOf(time, signingRegion, service)
    const key = last?.scope === scope ? last.key : signingKey(keys.secretAccessKey, scope)
    second = current
    last = { time, scope, key }
    return last
  }
}

const hashOfNothing = hashOf(new Uint8Array())

/** The hash of what goes out. What was not read has the hash that the caller claims, or none where the service allows. */
function payloadHashOf(body: OutgoingRequest['body'], claimed: string | undefined, service: string): string {
  // A body in the aws-chunked coding carries its checksum at its end, and says so in place of a hash.
  if (claimed?.startsWith('STREAMING-UNSIGNED-PAYLOAD')) return claimed
  if (body === null) return hashOfNothing
  if (body !== undefined) return hashOf(body)
  if (claimed !== undefined) return claimed
  if (isS3(service)) return unsignedPayload
  throw new MooringError('too_large', {
    detail: `The body is too long to sign: requests to ${service} carry the hash of the whole body.`,
    hint: 'Send a shorter body, or its SHA-256 as hexadecimal digits in the header X-Amz-Content-Sha256.',
  })
}

/** Drops the caller's headers that are ours to set, and returns what is to be signed of the others. */
function dropCallers(request: OutgoingRequest): [name: string, value: string][] {
  const { headers } = request
  const signed: [string, string][] = []
  let end = 0
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index] ?? ''
    const value = headers[index + 1] ?? ''
    const lower = name.toLowerCase()
    if (ours.has(lower)) continue
    headers[end++] = name
    headers[end++] = value
    if (!unsigned.has(lower) && !unsignedPrefix.test(lower)) signed.push([lower, value])
  }
  headers.length = end
  return signed
}

/**
 * The query as it goes out, without the parameters of a signature that the caller brought. A plus becomes %20: readers
 * differ on what it means, and signature and request must agree.
 */
function takeQuery(url: URL): string {
  const query = url.search.slice(1)
  if (!/\+|x-amz-|%/i.test(query)) return query
  const kept = query
    .split('&')
    .filter((pair) => !signatureParameters.has(recode(pair.split('=', 1)[0] ?? '', '%20').toLowerCase()))
    .join('&')
    .replaceAll('+', '%20')
  // With its own question mark: one at the beginning of the query itself, as in `??a`, would be taken for it.
  if (kept !== query) url.search = kept === '' ? '' : `?${kept}`
  return kept
}

/**
 * A copy of the URL that whoever holds it can use for `expiresInSeconds`, with this method and no headers of its own
 * but Host. The payload is not signed for S3, and is empty for the others.
 */
export function presign(
  method: string,
  url: URL,
  { service, region }: Target,
  keys: Keys,
  now: number,
  expiresInSeconds: number,
): URL {
  const { time, scope, key } = prepareSigner(keys, service, region)(now)
  const signedUrl = new URL(url)
  const query = takeQuery(signedUrl)
  const headers = canonicalHeaders([['host', url.host]])
  const parameters = presignParameters({
    accessKeyId: keys.accessKeyId,
    scope,
    time,
    expiresInSeconds,
    signed: headers.signed,
    sessionToken: keys.sessionToken ?? null,
  })
  const unsent = query === '' ? parameters : `${query}&${parameters}`
  const canonical = canonicalRequest(
    method,
    canonicalPath(url.pathname, pathRuleOf(service)),
    canonicalQuery(unsent),
    headers,
    isS3(service) ? unsignedPayload : hashOfNothing,
  )
  signedUrl.search = `?${unsent}&X-Amz-Signature=${signature(key, stringToSign(time, scope, canonical))}`
  return signedUrl
}
