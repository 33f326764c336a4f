/** Changing an outgoing request: the few moves that schemes share. */
import { MooringError } from '../errors.ts'
import type { OutgoingRequest } from './scheme.ts'

/** A value that would end its header line and begin another must never reach the wire (S-37). */
const forbidden = /[\0\r\n]/

/**
 * Sets a header, replacing every one of that name. `name` is lower-case. Characters beyond Latin-1 go out as UTF-8,
 * which is what servers that accept them at all read (RFC 7617 section 2.1 for Basic).
 */
export function setHeader(request: OutgoingRequest, name: string, value: string): void {
  if (forbidden.test(value)) {
    throw new MooringError('validation_failed', { detail: `The value for the header ${name} holds a line break.` })
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

/** RFC 3986 percent-encoding: everything but unreserved characters. */
export function percentEncode(value: string): string {
  return encodeURIComponent(value).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

/** Sets a query parameter, replacing every one of that name, without touching how the others are written. */
export function setParameter(url: URL, name: string, value: string): void {
  const kept = url.search
    .slice(1)
    .split('&')
    .filter((pair) => pair !== '' && decodeName(pair) !== name)
  url.search = [...kept, `${percentEncode(name)}=${percentEncode(value)}`].join('&')
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
