/** Changing an outgoing request: the few moves that schemes share. */
import { MooringError } from '../errors.ts'
import type { OutgoingRequest } from './scheme.ts'

/**
 * What no header value may hold (RFC 9110 section 5.5): above all what would end its line and begin another must never
 * reach the wire (S-37). A tab is allowed.
 */
const forbidden = /[^\P{Cc}\t]/u

/**
 * Sets a header, replacing every one of that name. `name` is lower-case. Characters beyond Latin-1 go out as UTF-8,
 * which is what servers that accept them at all read (RFC 7617 section 2.1 for Basic).
 */
export function setHeader(request: OutgoingRequest, name: string, value: string): void {
  if (forbidden.test(value)) {
    throw new MooringError('validation_failed', {
      detail: `The value for the header ${name} holds a control character.`,
    })
  }
  const { headers } = request
  for (let index = headers.length - 2; index >= 0; index -= 2) {
    if (headers[index]?.toLowerCase() === name) headers.splice(index, 2)
  }
  headers.push(name, onWire(value))
}

function onWire(value: string): string {
  for (let index = 0; index < value.length; index++) {
    if (value.charCodeAt(index) > 0x7e) return Buffer.from(value, 'utf8').toString('latin1')
  }
  return value
}

/** The first value of a header; `name` is lower-case. */
export function header(request: OutgoingRequest, name: string): string | undefined {
  const { headers } = request
  for (let index = 0; index < headers.length; index += 2) {
    if (headers[index]?.toLowerCase() === name) return headers[index + 1]
  }
  return undefined
}

/**
 * Headers that belong to the connection or to the message's frame (RFC 9110 sections 7.2, 7.6.1, 8.6), which no service
 * may set. `name` is lower-case.
 */
export function isConnectionHeader(name: string): boolean {
  return connectionHeaders.has(name) || name.startsWith('proxy-')
}

const connectionHeaders = new Set(
  'connection content-length expect host keep-alive te trailer transfer-encoding upgrade'.split(' '),
)

/** What a cookie's value may be made of (RFC 6265 section 4.1.1, cookie-octet). */
export const cookieValue = /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*$/

/** The same in quotes, as some servers set it and want it back. */
const quotedCookieValue = /^"[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*"$/

/** Sets a cookie among those the request has, replacing every one of that name. One header holds them all. */
export function setCookie(request: OutgoingRequest, name: string, value: string): void {
  if (!cookieValue.test(value) && !quotedCookieValue.test(value)) {
    throw new MooringError('validation_failed', {
      detail: `The value for the cookie ${name} holds a forbidden character.`,
    })
  }
  const kept: string[] = []
  for (let index = 0; index < request.headers.length; index += 2) {
    if (request.headers[index]?.toLowerCase() !== 'cookie') continue
    for (const pair of request.headers[index + 1]?.split(';') ?? []) {
      if (pair.trim() !== '' && pair.split('=', 1)[0]?.trim() !== name) kept.push(pair.trim())
    }
  }
  setHeader(request, 'cookie', [...kept, `${name}=${value}`].join('; '))
}

/** RFC 3986 percent-encoding: everything but unreserved characters. A lone surrogate goes as U+FFFD. */
export function percentEncode(value: string): string {
  return encodeURIComponent(value.toWellFormed()).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

/** Sets a query parameter, replacing every one of that name, without touching how the others are written. */
export function setParameter(url: URL, name: string, value: string): void {
  // With its own ? in front: the setter takes one away, and a query may itself begin with one.
  url.search = `?${withParameter(url.search.slice(1), name, value)}`
}

/** The same for an encoded query or form: `a=1&b=2`. */
export function withParameter(encoded: string, name: string, value: string): string {
  const kept = withoutParameter(encoded, name)
  return `${kept}${kept === '' ? '' : '&'}${percentEncode(name)}=${percentEncode(value)}`
}

/** The same without one parameter. */
export function withoutParameter(encoded: string, name: string): string {
  return encoded
    .split('&')
    .filter((pair) => pair !== '' && decodeName(pair) !== name)
    .join('&')
}

function decodeName(pair: string): string {
  const end = pair.indexOf('=')
  const raw = (end === -1 ? pair : pair.slice(0, end)).replaceAll('+', ' ')
  try {
    return decodeURIComponent(raw)
  } catch {
    return raw
  }
}

export const formType = 'application/x-www-form-urlencoded'

/** Whether the request says that its body is a form. */
export function isForm(request: OutgoingRequest): boolean {
  return header(request, 'content-type')?.toLowerCase().split(';', 1)[0]?.trim() === formType
}

/** Retry-After in seconds from `now` (RFC 9110 section 10.2.3), negative for a time past; undefined where it is unreadable. */
export function retryAfterSeconds(value: string, now: number): number | undefined {
  const text = value.trim()
  if (/^\d{1,15}$/.test(text)) return Number(text)
  // A bare number would be read as a year.
  const at = /[A-Za-z]/.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(at) ? undefined : (at - now) / 1000
}
