/** From a call to the request that goes out: headers, then the credential, last of all (S-37). */
import { MooringError } from '../errors.ts'
import type { ClientCertificate, OutgoingRequest } from '../schemes/scheme.ts'
import { hasHeader, requestHeaders } from './headers.ts'
import type { Live } from './live.ts'

export interface Prepared {
  method: string
  url: URL
  /** Flat. */
  headers: string[]
  body: Uint8Array | null | undefined
  /** What the connection that carries it shows to a server that asks. */
  certificate?: ClientCertificate | undefined
}

/**
 * `rawHeaders`: the caller's, flat. `body`: undefined where it is streamed and was not read. Throws what injecting
 * throws, and validation_failed for control characters in a header.
 */
export function prepare(
  live: Live,
  call: { method: string; url: URL; rawHeaders: readonly string[]; body: Uint8Array | null | undefined },
  now: number,
): Prepared {
  const headers = requestHeaders(call.rawHeaders, live.applied.headers)
  const { constants } = live
  for (let index = 0; index < constants.length; index += 2) {
    const name = constants[index] ?? ''
    if (!hasHeader(headers, name.toLowerCase())) headers.push(name, constants[index + 1] ?? '')
  }
  for (let index = 1; index < headers.length; index += 2) {
    if (/[\0\r\n]/.test(headers[index] ?? '')) {
      throw new MooringError('malformed_request', { detail: `The header ${headers[index - 1]} holds a line break.` })
    }
  }
  // The injector changes the URL in place. One that will hold the credential is a copy: the call may be repeated with
  // another token, and the URL is told in replies and activity.
  const url = live.applied.parameters.length === 0 ? call.url : new URL(call.url)
  const request: OutgoingRequest = { method: call.method, url, headers, body: call.body }
  live.applied.inject(request, now)
  const { certificate } = live.applied
  return { method: request.method, url: request.url, headers: request.headers, body: request.body, certificate }
}
