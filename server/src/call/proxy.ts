/** `/v1/proxy/…`: one request through a connection, streamed both ways. The hot path; framework types stop outside. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { PassThrough, type Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import type { Caller } from '../access/caller.ts'
import type { Egress } from '../egress/egress.ts'
import { MooringError } from '../errors.ts'
import { formType } from '../schemes/request.ts'
import { callFault } from './faults.ts'
import type { Fresh } from './fresh.ts'
import { answerHeaders, hasHeader } from './headers.ts'
import type { Live, LiveConnections } from './live.ts'
import { prepare, type Prepared } from './prepare.ts'
import type { Recorder } from './record.ts'

/** A request body up to this many bytes is kept, so that the request can be repeated with a new token. */
const keptForRepeat = 65_536
/** A body that a signature covers is read up to this many bytes. */
const readForSigning = 16_777_216
/** Until the first byte of the answer, in milliseconds, where the caller does not say. */
const firstByte = 120_000
/** A provider's Retry-After is waited for up to this many seconds. */
const longestWait = 30

const idempotent = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'TRACE'])

export interface ProxyParts {
  egress: Egress
  live: LiveConnections
  fresh: Fresh
  recorder: Recorder
  now: () => number
  /** Answers with a problem document. */
  problem: (response: ServerResponse, error: MooringError, requestId: string) => void
}

export interface ProxyOptions {
  user: string | undefined
  /** Milliseconds for the whole call; undefined: no limit but the first byte's. */
  timeout: number | undefined
  retries: number
}

/** `rest`: what follows the connection's name and its slash, query included. */
export type Proxy = (
  caller: Caller,
  connection: string,
  rest: string,
  request: IncomingMessage,
  response: ServerResponse,
  requestId: string,
) => Promise<void>

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
  if (text.trim() === '' || !(value >= min && value <= max)) {
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
    try {
      return decodeURIComponent(rest)
    } catch {
      throw new MooringError('malformed_request', { detail: 'The URL to call is not percent-encoded as it should be.' })
    }
  }
  // Some clients and proxies fold the two slashes of a scheme into one.
  return rest.replace(/^(https?):\/(?!\/)/i, '$1://')
}

export function createProxy(parts: ProxyParts): Proxy {
  const { live: connections, fresh, now } = parts
  return async (caller, connection, rest, request, response, requestId) => {
    let live: Live
    let call: Call
    try {
      const options = proxyOptions(request.headers)
      // Nothing is waited for that is there already: each wait would be a turn of the queue and a promise.
      const found = connections.get(caller, connection, options.user)
      live = found instanceof Promise ? await found : found
      const url = live.targets.resolve(namedUrl(rest))
      parts.egress.checkUrl(url)
      const ensured = fresh.ensure(live)
      live = ensured instanceof Promise ? await ensured : ensured
      const body = hasBody(request) ? await takeBody(request, live) : noBody
      call = { caller, url, request, response, requestId, options, body, startedAt: now(), attempts: 0 }
    } catch (error) {
      // What is left of an upload has no reader any more.
      request.resume()
      parts.problem(response, callFault(error), requestId)
      return
    }
    await run(parts, call, live)
  }
}

interface Call {
  caller: Caller
  url: URL
  request: IncomingMessage
  response: ServerResponse
  requestId: string
  options: ProxyOptions
  body: Body
  startedAt: number
  attempts: number
}

/** A request body: none, whole in memory, or a stream with what it has given so far kept while that is small. */
interface Body {
  whole: Uint8Array | null | undefined
  stream: Readable | null
  /** The whole body, where the stream has ended and stayed small. */
  kept: () => Uint8Array | undefined
}

const noBody: Body = { whole: null, stream: null, kept: () => undefined }

function hasBody({ headers }: IncomingMessage): boolean {
  const length = headers['content-length']
  return headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0')
}

async function takeBody(request: IncomingMessage, live: Live): Promise<Body> {
  const length = request.headers['content-length']
  const { bodyUse } = live.applied
  const isForm = (request.headers['content-type'] ?? '').toLowerCase().startsWith(formType)
  if (bodyUse === 'bytes' || (bodyUse === 'form' && isForm)) {
    if (length === undefined || Number(length) <= readForSigning) {
      const read = await readUpTo(request, readForSigning)
      if (read.rest === null) return { whole: read.bytes, stream: null, kept: () => read.bytes }
      return { whole: undefined, stream: joined(read.bytes, read.rest), kept: () => undefined }
    }
  }
  return teed(request)
}

/** Reads a body; past the limit gives what was read and the paused rest. */
async function readUpTo(request: IncomingMessage, limit: number): Promise<{ bytes: Buffer; rest: Readable | null }> {
  const chunks: Buffer[] = []
  let size = 0
  return new Promise((resolve, reject) => {
    const done = (rest: Readable | null): void => {
      request.off('data', onData).off('end', onEnd).off('error', onError).off('close', onClose)
      resolve({ bytes: Buffer.concat(chunks), rest })
    }
    const onData = (chunk: Buffer): void => {
      chunks.push(chunk)
      size += chunk.length
      if (size <= limit) return
      request.pause()
      done(request)
    }
    const onEnd = (): void => done(null)
    const onError = (error: Error): void => reject(error)
    const onClose = (): void =>
      reject(new MooringError('malformed_request', { detail: 'The request body ended early.' }))
    request.on('data', onData).on('end', onEnd).on('error', onError).on('close', onClose)
  })
}

function joined(head: Uint8Array, rest: Readable): Readable {
  const both = new PassThrough()
  both.write(head)
  rest.pipe(both)
  rest.on('error', (error) => both.destroy(error))
  return both
}

function teed(request: IncomingMessage): Body {
  let chunks: Buffer[] | null = []
  let size = 0
  let ended = false
  const stream = new PassThrough()
  request.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size > keptForRepeat) chunks = null
    else chunks?.push(chunk)
  })
  request.on('end', () => {
    ended = true
  })
  request.on('error', (error) => stream.destroy(error))
  request.on('close', () => {
    // A truncated upload must not look like a whole one to the API.
    if (!request.complete)
      stream.destroy(new MooringError('malformed_request', { detail: 'The request body ended early.' }))
  })
  request.pipe(stream)
  return { whole: undefined, stream, kept: () => (ended && chunks !== null ? Buffer.concat(chunks) : undefined) }
}

/** What to do with an answer once its head is there. */
type Verdict = 'pass' | 'renew' | 'wait'

async function run(parts: ProxyParts, call: Call, first: Live): Promise<void> {
  let live = first
  let renewed = false
  let retries = call.options.retries
  let { body } = call
  const ending: Ending = { reason: undefined, controller: undefined, wake: undefined }
  const end = (reason: Error): void => {
    if (ending.reason !== undefined) return
    ending.reason = reason
    ending.controller?.abort(reason)
    ending.wake?.()
  }
  const timer =
    call.options.timeout === undefined ? undefined : setTimeout(() => end(new TimeUp()), call.options.timeout)
  call.response.on('close', () => {
    if (!call.response.writableFinished) end(new CallerGone())
  })
  try {
    for (;;) {
      call.attempts++
      const repeatable = (): boolean => body.stream === null || body.kept() !== undefined
      const judge = (status: number, headers: readonly string[]): Verdict => {
        if (!renewed && live.expired(status) && repeatable()) return 'renew'
        if (
          retries > 0 &&
          (status === 429 || status === 503) &&
          idempotent.has(call.request.method ?? '') &&
          repeatable() &&
          retryAfter(headers, parts.now()) !== undefined
        )
          return 'wait'
        return 'pass'
      }
      let outcome: Outcome
      try {
        const prepared = prepare(
          live,
          {
            method: call.request.method ?? 'GET',
            url: call.url,
            rawHeaders: call.request.rawHeaders,
            body: body.whole,
          },
          parts.now(),
        )
        outcome = await send(parts, call, prepared, body, judge, ending)
      } catch (error) {
        const kept = body.stream === null ? body.whole : body.kept()
        const retriable =
          retries > 0 && isConnectFault(error) && idempotent.has(call.request.method ?? '') && kept !== undefined
        if (!retriable || ending.reason !== undefined) throw error
        retries--
        body = wholeBody(kept)
        continue
      }
      if (outcome.kind === 'passed') {
        if (outcome.status !== 401) parts.fresh.accepted(live)
        parts.recorder.record(call.caller, live, {
          method: call.request.method ?? 'GET',
          url: call.url,
          status: outcome.status,
          ms: parts.now() - call.startedAt,
        })
        return
      }
      const kept = body.stream === null ? body.whole : body.kept()
      if (outcome.kind === 'renew') {
        renewed = true
        const next = await parts.fresh.afterRefusal(live).catch((error: unknown) => {
          if (error instanceof MooringError && error.code === 'reauthorization_required') throw error
          return undefined
        })
        if (next === undefined) {
          passHeld(call, live, outcome, parts)
          return
        }
        live = next
      } else {
        retries--
        await pause(outcome.waitMs, ending)
      }
      body = wholeBody(kept)
    }
  } catch (error) {
    finishWithFault(parts, call, live, error)
  } finally {
    clearTimeout(timer)
  }
}

/** Throws the reason of an early end. */
async function pause(ms: number, ending: Ending): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms)
    ending.wake = () => {
      clearTimeout(timer)
      resolve()
    }
    if (ending.reason !== undefined) ending.wake()
  })
  ending.wake = undefined
  if (ending.reason !== undefined) throw ending.reason
}

function wholeBody(bytes: Uint8Array | null | undefined): Body {
  return { whole: bytes ?? null, stream: null, kept: () => bytes ?? undefined }
}

/**
 * Why a call ends early, and what is stopped then: the request under way or the wait before the next. A plain object
 * without closures of its own: an AbortController a call costs time, and a closure stored here kept whole calls alive
 * past several rounds of garbage collection.
 */
interface Ending {
  reason: Error | undefined
  controller: Dispatcher.DispatchController | undefined
  wake: (() => void) | undefined
}

class CallerGone extends Error {
  override readonly name = 'CallerGone'
}
class TimeUp extends Error {
  override readonly name = 'TimeUp'
}

/** `renew` and `wait` hold the answer back, so that it can still be given where repeating turns out not to help. */
type Outcome =
  | { kind: 'passed'; status: number }
  | ({ kind: 'renew' } & HeldAnswer)
  | ({ kind: 'wait'; waitMs: number } & HeldAnswer)

interface HeldAnswer {
  status: number
  message: string
  headers: string[]
  chunks: Buffer[]
}

function send(
  parts: ProxyParts,
  call: Call,
  prepared: Prepared,
  body: Body,
  judge: (status: number, headers: readonly string[]) => Verdict,
  ending: Ending,
): Promise<Outcome> {
  const { response } = call
  const { url } = prepared
  return new Promise((resolve, reject) => {
    let held: HeldAnswer | undefined
    let verdict: Verdict = 'pass'
    let status = 0
    let heldSize = 0
    let bodySeen = false
    const onDrain = (): void => ending.controller?.resume()
    const open = (answer: HeldAnswer): void => {
      writeHead(call, answer)
      response.on('drain', onDrain)
      for (const chunk of answer.chunks) response.write(chunk)
      // The head waits for the first of the body. Where it did not come along with the head and no length says that it
      // follows at once, as in a stream of events, the head goes first.
      if (!hasHeader(answer.headers, 'content-length')) queueMicrotask(() => bodySeen || response.flushHeaders())
    }

    parts.egress.dispatcher.dispatch(
      {
        origin: url.origin,
        path: url.pathname + url.search,
        method: prepared.method,
        headers: framed(prepared, body),
        body:
          body.stream ??
          (prepared.body
            ? Buffer.from(prepared.body.buffer, prepared.body.byteOffset, prepared.body.byteLength)
            : null),
        headersTimeout: call.options.timeout ?? firstByte,
        bodyTimeout: call.options.timeout ?? 0,
      },
      {
        onRequestStart(started) {
          ending.controller = started
          if (ending.reason !== undefined) started.abort(ending.reason)
        },
        onResponseStart(controller, statusCode, _headers, message) {
          if (statusCode < 200) return
          status = statusCode
          const answer: HeldAnswer = {
            status,
            message: message ?? '',
            headers: rawAnswerHeaders(controller),
            chunks: [],
          }
          verdict = judge(statusCode, answer.headers)
          if (verdict === 'pass') open(answer)
          else held = answer
        },
        onResponseData(controller, chunk) {
          bodySeen = true
          if (held !== undefined) {
            held.chunks.push(chunk)
            heldSize += chunk.length
            if (heldSize <= keptForRepeat) return
            // Too long to hold back: it is given as it is.
            verdict = 'pass'
            open(held)
            held = undefined
            return
          }
          if (response.write(chunk)) return
          controller.pause()
        },
        onResponseEnd() {
          bodySeen = true
          ending.controller = undefined
          if (held === undefined || verdict === 'pass') {
            response.end()
            resolve({ kind: 'passed', status })
          } else if (verdict === 'renew') resolve({ kind: 'renew', ...held })
          else resolve({ kind: 'wait', waitMs: (retryAfter(held.headers, parts.now()) ?? 0) * 1000, ...held })
        },
        onResponseError(_, error) {
          ending.controller = undefined
          reject(ending.reason ?? error)
        },
      },
    )
  })
}

/** The body's framing: its length where it is known, else what the caller's own said. */
function framed(prepared: Prepared, body: Body): string[] {
  const { headers } = prepared
  if (body.stream !== null || !hasHeader(headers, 'content-length')) return headers
  const kept: string[] = []
  for (let index = 0; index < headers.length; index += 2) {
    if (headers[index]?.toLowerCase() !== 'content-length') kept.push(headers[index] ?? '', headers[index + 1] ?? '')
  }
  return kept
}

function rawAnswerHeaders(controller: Dispatcher.DispatchController): string[] {
  const raw = controller.rawHeaders
  if (!Array.isArray(raw)) return []
  return answerHeaders(raw.map((part) => (typeof part === 'string' ? part : part.toString('latin1'))))
}

function writeHead(call: Call, answer: HeldAnswer): void {
  const { response, requestId } = call
  const headers = answer.headers
  if (!hasHeader(headers, 'x-request-id')) headers.push('X-Request-Id', requestId)
  if (call.attempts > 1) headers.push('Mooring-Attempts', String(call.attempts))
  response.sendDate = !hasHeader(headers, 'date')
  response.writeHead(answer.status, answer.message, headers)
}

/** Renewing did not help or could not be done: the API's own answer goes back as it came. */
function passHeld(call: Call, live: Live, held: HeldAnswer, parts: ProxyParts): void {
  writeHead(call, held)
  for (const chunk of held.chunks) call.response.write(chunk)
  call.response.end()
  parts.recorder.record(call.caller, live, {
    method: call.request.method ?? 'GET',
    url: call.url,
    status: held.status,
    ms: parts.now() - call.startedAt,
  })
}

/** Retry-After in seconds (RFC 9110 section 10.2.3); undefined where there is none or it asks for too long. */
function retryAfter(headers: readonly string[], now: number): number | undefined {
  for (let index = 0; index < headers.length; index += 2) {
    if (headers[index]?.toLowerCase() !== 'retry-after') continue
    const text = headers[index + 1] ?? ''
    const seconds = /^\d+$/.test(text.trim()) ? Number(text) : (Date.parse(text) - now) / 1000
    return seconds >= 0 && seconds <= longestWait ? seconds : undefined
  }
  return undefined
}

function isConnectFault(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return (
    code === 'ECONNREFUSED' ||
    code === 'ECONNRESET' ||
    code === 'UND_ERR_SOCKET' ||
    code === 'UND_ERR_CONNECT_TIMEOUT' ||
    code === 'EHOSTUNREACH' ||
    code === 'ENETUNREACH'
  )
}

function finishWithFault(parts: ProxyParts, call: Call, live: Live, error: unknown): void {
  const { response } = call
  call.request.resume()
  if (error instanceof CallerGone || response.destroyed) return
  const fault =
    error instanceof TimeUp
      ? new MooringError('upstream_timeout', {
          detail: `${call.url.host} did not finish within the ${(call.options.timeout ?? 0) / 1000} s that the call allows.`,
          hint: 'Mooring-Timeout allows more time.',
        })
      : callFault(error instanceof MooringError ? error : parts.egress.mapError(error, call.url.host))
  parts.recorder.record(call.caller, live, {
    method: call.request.method ?? 'GET',
    url: call.url,
    status: fault.status,
    ms: parts.now() - call.startedAt,
  })
  // Once the answer has begun there is no way to say so but to break it off: a cut answer must not look whole.
  if (response.headersSent) response.destroy()
  else parts.problem(response, fault, call.requestId)
}
