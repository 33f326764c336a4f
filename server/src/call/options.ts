/** What a caller asks of the proxy besides the call itself: the URL in the path, and options in request headers. */
import type { IncomingMessage } from 'node:http'
import { MooringError } from '../errors.ts'

export interface ProxyOptions {
  user: string | undefined
  /** Milliseconds for the whole call; undefined: no limit but the first byte's. */
  timeout: number | undefined
  retries: number
}

/** Throws validation_failed. */
export function proxyOptions(headers: IncomingMessage['headers']): ProxyOptions {
  return {
    user: one(headers['mooring-user']),
    timeout: number(headers, 'mooring-timeout', 1, 3600, 'seconds', 1000),
    retries: number(headers, 'mooring-retry', 0, 5, 'times', 1) ?? 0,
  }
}

function one(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value
}

function number(
  headers: IncomingMessage['headers'],
  name: string,
  min: number,
  max: number,
  unit: string,
  factor: number,
): number | undefined {
  const text = one(headers[name])
  if (text === undefined) return undefined
  const value = Number(text)
  if (text.trim() === '' || !(value >= min && value <= max) || (factor === 1 && !Number.isInteger(value))) {
    const message = `Use a number of ${unit} from ${min} to ${max}.`
    throw new MooringError('validation_failed', {
      detail: `${name}: ${message}`,
      errors: [{ path: name, code: 'invalid_value', message }],
    })
  }
  return value * factor
}

/** The URL a proxy path names: absolute, absolute but percent-encoded, or relative to the base URL. */
export function namedUrl(rest: string): string {
  // Most are paths, which need no closer look.
  if (!/^h/i.test(rest)) return rest
  if (/^https?%3a/i.test(rest)) {
    // A query that stands outside the encoded URL is already as it should be: decoding it would change what it says.
    const question = rest.indexOf('?')
    const [encoded, query] = question === -1 ? [rest, ''] : [rest.slice(0, question), rest.slice(question)]
    try {
      return decodeURIComponent(encoded) + query
    } catch {
      throw new MooringError('malformed_request', { detail: 'The URL to call is not percent-encoded as it should be.' })
    }
  }
  // Some clients and proxies fold the two slashes of a scheme into one.
  return rest.replace(/^(https?):\/(?!\/)/i, '$1://')
}
