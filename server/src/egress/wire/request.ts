/** What goes out: the head of a request as text (RFC 9112 sections 2 and 3). */
import type { Readable } from 'node:stream'
import { WireError } from './error.ts'
import { isIdempotent, notInValues, token } from './syntax.ts'

export interface WireRequest {
  /** Without its fragment. Host is always this one's. */
  url: URL
  method: string
  /** Flat. What frames the message is ours: only Content-Length may be here, and counts only for a stream. */
  headers: readonly string[]
  body: Uint8Array | Readable | null
  /** Milliseconds from the request to the answer's head, and of silence within its body; 0: no limit. */
  headTimeout: number
  bodyTimeout: number
}

export interface RequestHead {
  /** Latin-1. */
  text: string
  /** Of a stream: the bytes it must have, or `chunked`. */
  streamed: number | 'chunked' | undefined
  /** Whether repeating it does no more than doing it once (RFC 9110 section 9.2.2). */
  idempotent: boolean
}

/** WHATWG URLs escape everything else in a path and a query. */
const target = /^\/[\x21-\x7e]*$/
/** A message's framing and its connection are between the two ends of that connection. */
const ours = new Set(['connection', 'expect', 'keep-alive', 'transfer-encoding', 'upgrade'])
/** Their servers expect a body, so that none is said (RFC 9110 section 8.6). */
const withBody = new Set(['POST', 'PUT', 'PATCH'])

/** Throws WireError (BAD_REQUEST), before anything is sent. */
export function requestHead({ url, method, headers, body }: WireRequest): RequestHead {
  if (!token.test(method) || method === 'CONNECT') throw bad('the method')
  const path = url.pathname + url.search
  if (!target.test(path)) throw bad('the path')
  let text = `${method} ${path} HTTP/1.1\r\nHost: ${url.host}\r\n`
  let length: string | undefined
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const name = headers[index] ?? ''
    const value = headers[index + 1] ?? ''
    if (!token.test(name)) throw bad('a header name')
    if (notInValues.test(value)) throw bad('a header value')
    const known = knownName(name)
    if (known === 'host') continue
    if (known === 'content-length') {
      if (length !== undefined && length !== value) throw bad('Content-Length')
      length = value
    } else if (known !== undefined) throw bad(`the header ${known}`)
    else text += `${name}: ${value}\r\n`
  }
  const streamed = body === null || body instanceof Uint8Array ? undefined : lengthOfStream(length)
  const size =
    body === null ? (withBody.has(method) ? 0 : undefined) : body instanceof Uint8Array ? body.length : streamed
  if (size === 'chunked') text += 'Transfer-Encoding: chunked\r\n'
  else if (size !== undefined) text += `Content-Length: ${size}\r\n`
  return { text: `${text}\r\n`, streamed, idempotent: isIdempotent(method) }
}

/** The name in lower case where it is one that is looked at; most are spared the copy by their length. */
function knownName(name: string): string | undefined {
  switch (name.length) {
    case 4:
    case 14: {
      const lower = name.toLowerCase()
      return lower === 'host' || lower === 'content-length' ? lower : undefined
    }
    case 6:
    case 7:
    case 10:
    case 17: {
      const lower = name.toLowerCase()
      return ours.has(lower) ? lower : undefined
    }
    default:
      return undefined
  }
}

function lengthOfStream(length: string | undefined): number | 'chunked' {
  if (length === undefined) return 'chunked'
  if (!/^\d{1,15}$/.test(length)) throw bad('Content-Length')
  return Number(length)
}

function bad(what: string): WireError {
  return new WireError('BAD_REQUEST', `${what} cannot be sent in HTTP/1.1`)
}
