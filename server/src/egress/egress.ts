// The one way out of the server (S-30): every outgoing request, streamed or buffered, goes through what this makes.
import { createAgent, type AgentOptions, type ClientCertificate } from './agent.ts'
import { createCertified } from './certified.ts'
import { EgressError, mapError } from './errors.ts'
import type { Agent } from './wire/agent.ts'
import type { Answering, Exchange } from './wire/exchange.ts'
import type { PoolStats } from './wire/pool.ts'

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

export interface Egress {
  /**
   * For streaming: the agent's `send`, after `checkUrl`. Its errors go through `mapError`. With a certificate its
   * connections show it; throws EgressError (request_invalid) where it cannot be read.
   */
  agentFor: (certificate: ClientCertificate | undefined) => Agent
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
  const agentFor = (certificate: ClientCertificate | undefined): Agent =>
    certificate === undefined ? agent : certified.agentFor(certificate)
  const held: Held = { bytes: 0, limit: options.heldLimit ?? heldLimit }
  return {
    agentFor,
    checkUrl,
    request: async (input) => {
      checkUrl(input.url)
      return exchange(agentFor(input.certificate), input, held)
    },
    mapError,
    pools: () => agent.stats,
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

/** One buffered exchange over this agent. Rejects with an EgressError only. `held`: what all of them hold together. */
export function exchange(
  agent: Agent,
  input: EgressRequest,
  held: Held = { bytes: 0, limit: heldLimit },
): Promise<EgressAnswer> {
  const { url, signal } = input
  const { promise, resolve, reject } = Promise.withResolvers<EgressAnswer>()
  const chunks: Buffer[] = []
  let size = 0
  let status = 0
  let rawHeaders: [string, string][] = []
  let sent: Exchange | undefined
  let ended: EgressError | undefined

  const end = (error: EgressError): void => {
    if (ended !== undefined) return
    ended = error
    sent?.abort(error)
    reject(error)
  }
  const onAbort = (): void => end(new EgressError('request_aborted', url.host, 'by the caller', signal?.reason))
  const timer = setTimeout(() => end(new EgressError('upstream_timeout', url.host, 'total')), input.timeoutMs)
  signal?.addEventListener('abort', onAbort, { once: true })

  const answering: Answering = {
    onHead(code, _reason, headers) {
      status = code
      rawHeaders = pairs(headers)
    },
    onData(bytes) {
      size += bytes.length
      held.bytes += bytes.length
      if (size > input.maxBytes)
        end(new EgressError('provider_answer_too_large', url.host, `over ${input.maxBytes} bytes`))
      else if (size > shortAnswer && held.bytes > held.limit)
        end(new EgressError('provider_answer_too_large', url.host, 'together with others under way'))
      else chunks.push(Buffer.from(bytes))
    },
    onEnd() {
      try {
        resolve({ status, headers: new Headers(rawHeaders), rawHeaders, body: Buffer.concat(chunks, size), url })
      } catch (error) {
        end(new EgressError('upstream_unreachable', url.host, 'protocol', error))
      }
    },
    onError: (error) => end(mapError(error, url.host)),
  }

  try {
    if (signal?.aborted === true) onAbort()
    else {
      const { method, timeoutMs } = input
      const body = typeof input.body === 'string' ? Buffer.from(input.body) : (input.body ?? null)
      const headers = requestHeaders(input.headers)
      sent = agent.send({ url, method, headers, body, headTimeout: timeoutMs, bodyTimeout: timeoutMs }, answering)
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

/** From a flat list of names and values. */
function pairs(flat: readonly string[]): [string, string][] {
  return flat.flatMap((name, index): [string, string][] => (index % 2 === 0 ? [[name, flat[index + 1] ?? '']] : []))
}
