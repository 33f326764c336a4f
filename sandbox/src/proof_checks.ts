/** APIs that take a proof in place of the secret itself: Digest, an HMAC signature, a signed token, a session. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Check, Refused } from './api_checks.ts'
import { demo } from './demo.ts'
import { target } from './http.ts'

/** How far a timestamp may be off, how long a nonce is good for, and how long a session lives. Milliseconds. */
const tolerance = 60_000

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
const mac = (key: string, text: string): Buffer => createHmac('sha256', key).update(text).digest()

function matches(given: string, expected: string): boolean {
  return timingSafeEqual(Buffer.from(sha256(given)), Buffer.from(sha256(expected)))
}

/** What only this sandbox can have made, with when it was made. */
const stamped = (purpose: string): string => {
  const at = String(Date.now())
  return `${at}.${mac(demo.hmac.secret, `${purpose} ${at}`).toString('base64url')}`
}
const isFresh = (purpose: string, stamp: string): boolean => {
  const [at = '', signature = ''] = stamp.split('.')
  const right = matches(signature, mac(demo.hmac.secret, `${purpose} ${at}`).toString('base64url'))
  return right && Math.abs(Date.now() - Number(at)) < tolerance
}

const header = (request: IncomingMessage, name: string): string => {
  const value = request.headers[name]
  return typeof value === 'string' ? value : ''
}

/** RFC 7616 with SHA-256 and `auth`; a nonce is good for a minute, then stale. */
export const digest: Check = (request) => {
  const refuse = (error: string, description: string, stale = false): Refused => ({
    ok: false,
    error,
    description,
    challenge: `Digest realm="sandbox", nonce="${stamped('nonce')}", algorithm=SHA-256, qop="auth", charset=UTF-8${stale ? ', stale=true' : ''}`,
  })
  const [scheme = '', ...rest] = header(request, 'authorization').split(' ')
  if (scheme.toLowerCase() !== 'digest')
    return refuse('missing_credentials', 'Answer the challenge in WWW-Authenticate.')
  const sent = new Map(
    Array.from(rest.join(' ').matchAll(/(\w+)=(?:"([^"]*)"|([^\s,]+))/g), ([, name = '', quoted, bare]) => [
      name,
      quoted ?? bare ?? '',
    ]),
  )
  const of = (name: string): string => sent.get(name) ?? ''
  const { username, password } = demo.basic
  const a1 = sha256(`${username}:sandbox:${password}`)
  const a2 = sha256(`${request.method ?? ''}:${request.url ?? ''}`)
  const wanted = sha256([a1, of('nonce'), of('nc'), of('cnonce'), 'auth', a2].join(':'))
  if (of('uri') !== request.url) return refuse('invalid_request', 'uri is not the target of the request.')
  if (!matches(of('response'), wanted)) return refuse('invalid_credentials', 'The user name or the password is wrong.')
  if (!isFresh('nonce', of('nonce'))) return refuse('stale_nonce', 'The nonce is older than a minute.', true)
  return {
    ok: true,
    credential: { location: 'header', nc: of('nc') },
    who: username,
    hiddenHeaders: ['authorization'],
    hiddenParameters: [],
  }
}

/** HMAC-SHA256 over timestamp, method, path and query, and the SHA-256 of the body, in hexadecimal digits. */
export const hmac: Check = (request, body) => {
  const refuse = (error: string, description: string, details?: Record<string, string>): Refused => ({
    ok: false,
    error,
    description,
    challenge: 'HMAC-SHA256 realm="sandbox"',
    ...(details === undefined ? {} : { details }),
  })
  const timestamp = header(request, 'x-timestamp')
  const signature = header(request, 'x-signature')
  if (signature === '') return refuse('missing_signature', 'Send X-Api-Key, X-Timestamp and X-Signature.')
  if (!matches(header(request, 'x-api-key'), demo.hmac.keyId)) return refuse('unknown_key', 'The key id is unknown.')
  const string_to_sign = `${timestamp}\n${request.method ?? ''}\n${request.url ?? ''}\n${body.sha256}`
  if (!matches(signature, mac(demo.hmac.secret, string_to_sign).toString('hex')))
    return refuse('invalid_signature', 'The signature is not that of string_to_sign.', { string_to_sign })
  if (Math.abs(Date.now() - Number(timestamp) * 1000) >= tolerance)
    return refuse('expired_signature', 'X-Timestamp is more than a minute off.')
  return {
    ok: true,
    credential: { location: 'header' },
    who: demo.hmac.keyId,
    hiddenHeaders: ['x-signature'],
    hiddenParameters: [],
  }
}

/** A JWT (RFC 7519) with HS256, an issuer, and an end no more than ten minutes off. */
export const jwt: Check = (request) => {
  const refuse = (error: string, description: string): Refused => ({
    ok: false,
    error,
    description,
    challenge: `Bearer realm="sandbox", error="${error}"`,
  })
  const [scheme = '', token = ''] = header(request, 'authorization').split(' ')
  const [head = '', payload = '', signature = ''] = token.split('.')
  if (scheme.toLowerCase() !== 'bearer') return refuse('missing_token', 'Send the token as "Authorization: Bearer …".')
  const wanted = mac(demo.jwt.secret, `${head}.${payload}`).toString('base64url')
  if (!matches(signature, wanted)) return refuse('invalid_token', 'The signature of the token is wrong.')
  const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString())
  const claim = (name: string): unknown =>
    typeof claims === 'object' && claims !== null ? Reflect.get(claims, name) : undefined
  const left = Number(claim('exp')) * 1000 - Date.now()
  if (!(left > 0 && left <= 600_000)) return refuse('invalid_token', 'exp is past, or more than ten minutes away.')
  if (claim('iss') !== demo.jwt.issuer) return refuse('invalid_token', 'iss is not the issuer.')
  return {
    ok: true,
    credential: { location: 'header' },
    who: demo.jwt.issuer,
    hiddenHeaders: ['authorization'],
    hiddenParameters: [],
  }
}

/** Where a session begins; its answer is made by `signInAnswer`. */
export const signInPath = 'sign_in'

/** A token from `sign_in`, in X-Session-Token, for a minute. */
export const session: Check = (request, body) => {
  const refuse = (error: string, description: string): Refused => ({
    ok: false,
    error,
    description,
    challenge: 'Session realm="sandbox"',
  })
  const accept = (location: 'header' | 'form') => ({
    ok: true as const,
    credential: { location },
    who: demo.basic.username,
    hiddenHeaders: ['x-session-token'],
    hiddenParameters: [],
  })
  if (target(request).path === `/api/session/${signInPath}`) {
    const wanted = JSON.stringify({ username: demo.basic.username, password: demo.basic.password })
    return request.method === 'POST' && matches(body.head.toString(), wanted)
      ? accept('form')
      : refuse('invalid_credentials', 'POST {"username", "password"} as JSON; one of them is wrong.')
  }
  const token = header(request, 'x-session-token')
  if (token === '') return refuse('missing_token', `Sign in at /api/session/${signInPath} and send X-Session-Token.`)
  return isFresh('session', token) ? accept('header') : refuse('invalid_token', 'The session is over: sign in again.')
}

/** What `sign_in` answers. */
export function signInAnswer(): object {
  return { session: { token: stamped('session'), expires_in: tolerance / 1000 } }
}
