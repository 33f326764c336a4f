/** The answer to a Digest challenge (RFC 7616 section 3.4), stage by stage. */
import { hash as hashOf } from 'node:crypto'
import { type Challenge, hashes } from './challenge.ts'

export interface Answering {
  username: string
  password: string
  method: string
  /** The request target as it goes out. */
  uri: string
  /** How often this nonce was used, this time included. */
  count: number
  cnonce: string
  /** Undefined where the API knows none (RFC 2069). */
  qop: 'auth' | 'auth-int' | undefined
  /** For auth-int. */
  body: Uint8Array
}

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1')

/** As UTF-8 where the API says so, or where nothing else can hold it. */
function encoded(text: string, utf8: boolean): Buffer {
  return utf8 || /[^\0-\xff]/.test(text) ? Buffer.from(text, 'utf8') : latin1(text)
}

function joined(...parts: (string | Buffer)[]): Buffer {
  return Buffer.concat(
    parts.flatMap((part, index) => [
      ...(index > 0 ? [latin1(':')] : []),
      typeof part === 'string' ? latin1(part) : part,
    ]),
  )
}

/** H() of the challenge, in hexadecimal digits. */
function digester({ hash }: Challenge): (bytes: Uint8Array) => string {
  return (bytes) => hashOf(hashes[hash], bytes, 'hex')
}

/** H(A1), section 3.4.2. `cnonce` counts for `-sess` alone. */
export function hashA1(challenge: Challenge, username: string, password: string, cnonce: string): string {
  const { realm, nonce, session, utf8 } = challenge
  const h = digester(challenge)
  const secret = h(joined(encoded(username, utf8), realm, encoded(password, utf8)))
  return session ? h(joined(secret, nonce, cnonce)) : secret
}

/** H(A2), section 3.4.3. */
export function hashA2(challenge: Challenge, { method, uri, qop, body }: Answering): string {
  const h = digester(challenge)
  return h(qop === 'auth-int' ? joined(method, uri, h(body)) : joined(method, uri))
}

/** Section 3.4.1. */
export function response(challenge: Challenge, answering: Answering): string {
  const { username, password, count, cnonce, qop } = answering
  const a1 = hashA1(challenge, username, password, cnonce)
  const a2 = hashA2(challenge, answering)
  const { nonce } = challenge
  const h = digester(challenge)
  return h(qop === undefined ? joined(a1, nonce, a2) : joined(a1, nonce, hex8(count), cnonce, qop, a2))
}

function hex8(count: number): string {
  return count.toString(16).padStart(8, '0')
}

/** The value of Authorization, one character a byte. */
export function authorization(challenge: Challenge, answering: Answering): string {
  const { realm, nonce, opaque, algorithm, session, userhash } = challenge
  const { uri, count, cnonce, qop } = answering
  return `Digest ${[
    user(challenge, answering.username),
    `realm="${realm}"`,
    `uri="${uri}"`,
    `nonce="${nonce}"`,
    `response="${response(challenge, answering)}"`,
    ...(algorithm === undefined ? [] : [`algorithm=${algorithm}`]),
    ...(qop === undefined ? [] : [`qop=${qop}`, `nc=${hex8(count)}`]),
    // A session's is part of A1 whatever the qop.
    ...(qop === undefined && !session ? [] : [`cnonce="${cnonce}"`]),
    ...(opaque === undefined ? [] : [`opaque="${opaque}"`]),
    ...(userhash ? ['userhash=true'] : []),
  ].join(', ')}`
}

/** The user name: hashed where the API wants it so (section 3.4.4), or in the notation of RFC 8187 beyond ASCII. */
function user(challenge: Challenge, username: string): string {
  const { realm, userhash, utf8 } = challenge
  if (userhash) return `username="${digester(challenge)(joined(encoded(username, utf8), realm))}"`
  if (utf8 && /[^\x20-\x7e]/.test(username)) return `username*=UTF-8''${percent(username)}`
  return `username="${encoded(username.replace(/["\\]/g, '\\$&'), utf8).toString('latin1')}"`
}

function percent(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}
