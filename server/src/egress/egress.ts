// The one way out of the server (S-30): every outgoing request, streamed or buffered, goes through what this makes.
import type { Dispatcher } from 'undici'
import { createAgent, type AgentOptions, type ClientCertificate } from './agent.ts'
import { createCertified } from './certified.ts'
import { EgressError, mapError } from './errors.ts'

export interface EgressRequest {
  /** Already parsed; its fragment is not sent. */
  url: URL
  method: string
  /** `host` is always the URL's; one given here is dropped. No content coding is asked for unless given here. */
  headers?: Record<string, string> | Headers | readonly (readonly [string, string])[]
  body?: string | Uint8Array | null
  /** For all of it: name resolution, connect, headers and the whole body. */
  timeoutMs: number
  /** Largest body taken; the connection is cut as soon as one more byte arrives. */
  maxBytes: number
  signal?: AbortSignal
  /** For servers that ask for one. A connection made with it serves no request without it, nor one with another. */
  certificate?: ClientCertificate | undefined
  /** Redirects are answers: the caller judges `location` and decides (S-35). */
  redirects?: never
}

export interface EgressAnswer {
  status: number
  headers: Headers
  /** As received: order, case and repeats. */
  rawHeaders: [string, string][]
  body: Uint8Array
  url: URL
}

/** What one origin's pool holds at the moment. */
export interface PoolStats {
  connected: number
  free: number
  pending: number
  queued: number
  running: number
}

export interface Egress {
  /** For streaming: `dispatch(options, handler)` with `origin`, after `checkUrl`. Its errors go through `mapError`. */
  dispatcher: Dispatcher
  /** The same for requests that show a certificate. Throws EgressError (request_invalid) where it cannot be read. */
  dispatcherFor: (certificate: ClientCertificate | undefined) => Dispatcher
  /** Throws `egress_blocked` unless the URL is http or https, without user-info and with a host (S-34). */
  checkUrl: (url: URL) => void
  /** One buffered exchange. Rejects with an `EgressError` only. */
  request: (input: EgressRequest) => Promise<EgressAnswer>
  mapError: (error: unknown, host: string) => EgressError
  /** Origin to counts. */
  pools: () => Record<string, PoolStats>
  /** Resolves when running requests have ended; no new one is taken. */
  close: () => Promise<void>
}

/** Bytes of answers held in memory at once, over all buffered exchanges; past it only short answers are taken. */
const heldLimit = 536_870_912
/** An answer up to this long is taken whatever else is held: those of token endpoints are. */
const shortAnswer = 1_048_576

interface Held {
  bytes: number
  limit: number
}

export function createEgress(options: AgentOptions & { heldLimit?: number }): Egress {
  const agent = createAgent(options)
  const certified = createCertified(options)
  const dispatcherFor = (certificate: ClientCertificate | undefined): Dispatcher =>
    certificate === undefined ? agent : certified.agentFor(certificate)
  const held: Held = { bytes: 0, limit: options.heldLimit ?? heldLimit }
  return {
    dispatcher: agent,
    dispatcherFor,
    checkUrl,
    request: async (input) => {
      checkUrl(input.url)
      return exchange(dispatcherFor(input.certificate), input, held)
    },
    mapError,
    pools: () => {
      const stats = Object.entries(agent.stats).map(([origin, pool]): [string, PoolStats] => [
        origin,
        {
          connected: Number(pool.connected),
          free: 'free' in pool ? pool.free : 0,
          pending: pool.pending,
          queued: 'queued' in pool ? pool.queued : 0,
          running: pool.running,
        },
      ])
      return Object.fromEntries(stats)
    },
    close: async () => {
      await Promise.all([agent.close(), certified.close()])
    },
  }
}

function checkUrl(url: URL): void {
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw new EgressError('egress_blocked', url.host, 'scheme')
  if (url.username !== '' || url.password !== '') throw new EgressError('egress_blocked', url.host, 'user-info')
  if (url.hostname === '') throw new EgressError('egress_blocked', url.host, 'no host')
}

function exchange(dispatcher: Dispatcher, input: EgressRequest, held: Held): Promise<EgressAnswer> {
  const { url, signal } = input
  const { promise, resolve, reject } = Promise.withResolvers<EgressAnswer>()
  const chunks: Uint8Array[] = []
  let size = 0
  let status = 0
  let rawHeaders: [string, string][] = []
  let controller: Dispatcher.DispatchController | undefined
  let ended: EgressError | undefined

  const end = (error: EgressError): void => {
    if (ended !== undefined) return
    ended = error
    controller?.abort(error)
    reject(error)
  }
  const onAbort = (): void => end(new EgressError('request_aborted', url.host, 'by the caller', signal?.reason))
  const timer = setTimeout(() => end(new EgressError('upstream_timeout', url.host, 'total')), input.timeoutMs)
  signal?.addEventListener('abort', onAbort, { once: true })

  const handler: Dispatcher.DispatchHandler = {
    onRequestStart(started) {
      controller = started
      // The promise may be settled while the request still waited for a connection: then it is not sent at all.
      if (ended !== undefined) started.abort(ended)
    },
    onResponseStart(started, code) {
      // Also called for 1xx answers (RFC 9110, section 15.2); the final one comes last and replaces them.
      status = code
      rawHeaders = pairs(started.rawHeaders)
    },
    onResponseData(_, chunk) {
      size += chunk.byteLength
      held.bytes += chunk.byteLength
      if (size > input.maxBytes)
        end(new EgressError('provider_answer_too_large', url.host, `over ${input.maxBytes} bytes`))
      else if (size > shortAnswer && held.bytes > held.limit)
        end(new EgressError('provider_answer_too_large', url.host, 'together with others under way'))
      else chunks.push(chunk)
    },
    onResponseEnd() {
      try {
        resolve({ status, headers: new Headers(rawHeaders), rawHeaders, body: Buffer.concat(chunks, size), url })
      } catch (error) {
        end(new EgressError('upstream_unreachable', url.host, 'protocol', error))
      }
    },
    onResponseError(_, error) {
      end(mapError(error, url.host))
    },
  }

  try {
    if (signal?.aborted === true) onAbort()
    else {
      const { origin, pathname, search } = url
      const { method, body } = input
      const limits = { headersTimeout: input.timeoutMs, bodyTimeout: input.timeoutMs }
      const headers = requestHeaders(input.headers)
      dispatcher.dispatch({ origin, path: pathname + search, method, body, headers, ...limits }, handler)
    }
  } catch (error) {
    end(mapError(error, url.host))
  }
  return promise.finally(() => {
    held.bytes -= size
    clearTimeout(timer)
    signal?.removeEventListener('abort', onAbort)
  })
}

function requestHeaders(given: EgressRequest['headers']): string[] {
  const iterable: Iterable<readonly [string, string]> =
    given instanceof Headers || Array.isArray(given) ? given : Object.entries(given ?? {})
  const entries = Array.from(iterable, ([name, value]): [string, string] => [name, value])
  const sent = entries.filter(([name]) => name.toLowerCase() !== 'host')
  // Bodies are handed over as received, so a coding nobody asked for must not come back.
  if (!sent.some(([name]) => name.toLowerCase() === 'accept-encoding')) sent.push(['accept-encoding', 'identity'])
  return sent.flat()
}

/** undici hands headers over as a flat list of names and values; bytes are read as Latin-1 (RFC 9110, section 5.5). */
function pairs(raw: Dispatcher.DispatchController['rawHeaders']): [string, string][] {
  if (!Array.isArray(raw)) return []
  const texts = raw.map((part) => (typeof part === 'string' ? part : part.toString('latin1')))
  return texts.flatMap((name, index): [string, string][] => (index % 2 === 0 ? [[name, texts[index + 1] ?? '']] : []))
}
