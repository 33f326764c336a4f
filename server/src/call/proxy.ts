/** `/v1/proxy/…`: one request through a connection, streamed both ways. The hot path; framework types stop outside. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Dispatcher } from 'undici'
import type { Caller } from '../access/caller.ts'
import type { Egress } from '../egress/egress.ts'
import { MooringError } from '../errors.ts'
import { retryAfterSeconds } from '../schemes/request.ts'
import { CallerGone, Ending, pauseUnlessOver, throwIfOver, unlessOver } from './ending.ts'
import { holds, lookedAt } from './expired.ts'
import { callFault } from './faults.ts'
import type { Fresh } from './fresh.ts'
import { answerHeaders, hasHeader } from './headers.ts'
import type { Live, LiveConnections } from './live.ts'
import { prepare, type Prepared } from './prepare.ts'
import type { Recorder } from './record.ts'
import type { Slots } from './slots.ts'
import { again, type Body, drain, hasBody, isRepeatable, keptForRepeat, noBody, takeBody } from './upload.ts'

/** Until the first byte of the answer, in milliseconds, where the caller does not say. */
const firstByte = 120_000
/** A provider's Retry-After is waited for up to this many seconds. */
const longestWait = 30

/** How long the beginning of a body that has to be looked at is waited for, in milliseconds. */
const longestLook = 5000

const idempotent = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'TRACE'])

export interface ProxyParts {
  egress: Egress
  live: LiveConnections
  fresh: Fresh
  slots: Slots
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

export function createProxy(parts: ProxyParts): Proxy {
  const { live: connections, fresh, slots, now } = parts
  return async (caller, connection, rest, request, response, requestId) => {
    let live: Live
    let call: Call
    let ending: Ending | undefined
    let entered: string | undefined
    try {
      const options = proxyOptions(request.headers)
      ending = new Ending(response, options.timeout)
      // Nothing is waited for that is here already: each wait would be a promise and a turn of the queue.
      const found = connections.get(caller, connection, options.user)
      live = found instanceof Promise ? await unlessOver(ending, found) : found
      const url = live.targets.resolve(namedUrl(rest))
      parts.egress.checkUrl(url)
      const { id } = live.bound.connection
      slots.enter(id)
      entered = id
      const ensured = fresh.ensure(live)
      live = ensured instanceof Promise ? await unlessOver(ending, ensured) : ensured
      const taken = hasBody(request) ? takeBody(request, live) : noBody
      const body = taken instanceof Promise ? await unlessOver(ending, taken) : taken
      call = { caller, url, request, response, requestId, options, ending, body, startedAt: now(), attempts: 0 }
    } catch (error) {
      ending?.release()
      if (entered !== undefined) slots.leave(entered)
      drain(request)
      if (!response.destroyed) parts.problem(response, callFault(error), requestId)
      return
    }
    try {
      await run(parts, call, live)
    } finally {
      slots.leave(entered)
    }
  }
}

interface Call {
  caller: Caller
  url: URL
  request: IncomingMessage
  response: ServerResponse
  requestId: string
  options: ProxyOptions
  ending: Ending
  body: Body
  startedAt: number
  attempts: number
}

/** What to do with an answer once its head is there. `look`: the beginning of its body says. */
type Verdict = 'pass' | 'renew' | 'wait' | 'look'

/** What the beginning of a body may hold that means the token has ended, and what follows. */
interface Look {
  texts: readonly string[]
  found: 'renew' | 'pass'
}

async function run(parts: ProxyParts, call: Call, first: Live): Promise<void> {
  let live = first
  let renewed = false
  let retries = call.options.retries
  let { body } = call
  const { ending } = call
  try {
    for (;;) {
      throwIfOver(ending)
      call.attempts++
      let look: Look | undefined
      const judge = (status: number, headers: readonly string[]): Verdict => {
        const mayRenew = !renewed && isRepeatable(body)
        if (mayRenew && live.expiry.expired(status)) return 'renew'
        const texts = live.expiry.texts(status)
        // An answer that goes on for as long as it likes is not held back.
        if (texts !== undefined && !isEventStream(headers)) {
          look = { texts, found: mayRenew ? 'renew' : 'pass' }
          return 'look'
        }
        if (
          retries > 0 &&
          (status === 429 || status === 503) &&
          idempotent.has(call.request.method ?? '') &&
          isRepeatable(body) &&
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
        outcome = await send(parts, call, prepared, body, { judge, look: () => look })
      } catch (error) {
        const retriable =
          retries > 0 &&
          // An answer that has begun cannot be begun again.
          !call.response.headersSent &&
          isConnectFault(error) &&
          idempotent.has(call.request.method ?? '') &&
          isRepeatable(body)
        if (!retriable) throw error
        retries--
        body = again(body)
        continue
      }
      if (outcome.kind === 'passed') {
        if (!outcome.expired && !live.expiry.expired(outcome.status)) parts.fresh.accepted(live)
        record(parts, call, live, outcome.status)
        return
      }
      if (outcome.kind === 'renew') {
        renewed = true
        const next = await unlessOver(ending, parts.fresh.afterRefusal(live))
        if (next === undefined) {
          passHeld(call, live, outcome, parts)
          return
        }
        live = next
      } else {
        retries--
        await pauseUnlessOver(ending, outcome.waitMs)
      }
      body = again(body)
    }
  } catch (error) {
    finishWithFault(parts, call, live, error)
  } finally {
    call.ending.release()
    // An API may answer before it has read the whole upload.
    if (!call.request.complete) drain(call.request)
  }
}

/** `renew` and `wait` hold the answer back, so that it can still be given where repeating turns out not to help. */
type Outcome =
  | { kind: 'passed'; status: number; expired: boolean }
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
  { judge, look }: { judge: (status: number, headers: readonly string[]) => Verdict; look: () => Look | undefined },
): Promise<Outcome> {
  const { response, ending } = call
  const { url } = prepared
  return new Promise((resolve, reject) => {
    let held: HeldAnswer | undefined
    let verdict: Verdict = 'pass'
    let status = 0
    let controller: Dispatcher.DispatchController | undefined
    let heldSize = 0
    let bodyBegun = false
    let saidExpired = false
    let patience: NodeJS.Timeout | undefined
    // Before the request has a connection there is nothing to break off yet: it is when it gets one.
    ending.reject = reject
    const onDrain = (): void => controller?.resume()
    const settle = (): void => {
      clearTimeout(patience)
      ending.settle()
      response.off('drain', onDrain)
    }
    const open = (answer: HeldAnswer): void => {
      writeHead(call, answer)
      response.on('drain', onDrain)
      for (const chunk of answer.chunks) response.write(chunk)
      // The head leaves together with the first bytes of the body where they are here, but does not wait for them.
      queueMicrotask(() => {
        if (!bodyBegun && !response.writableEnded && !response.destroyed) response.flushHeaders()
      })
    }

    /** What has come of the body by now is enough to tell, or has to be. */
    const decide = (answer: HeldAnswer): void => {
      clearTimeout(patience)
      const { texts = [], found = 'pass' } = look() ?? {}
      saidExpired = holds(Buffer.concat(answer.chunks), headerOf(answer.headers, 'content-encoding'), texts)
      verdict = saidExpired ? found : 'pass'
      if (verdict !== 'pass') return
      held = undefined
      open(answer)
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
          controller = started
          ending.running = started
          if (ending.reason !== undefined) started.abort(ending.reason)
        },
        onResponseStart(_, statusCode, _headers, message) {
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
          if (verdict === 'look') {
            patience = setTimeout(() => {
              if (verdict === 'look') decide(answer)
            }, longestLook)
          }
        },
        onResponseData(_, chunk) {
          bodyBegun = true
          if (held !== undefined) {
            held.chunks.push(chunk)
            heldSize += chunk.length
            if (verdict === 'look' && heldSize >= lookedAt) decide(held)
            if (held === undefined || heldSize <= keptForRepeat) return
            // Too long to hold back: it is given as it is.
            verdict = 'pass'
            open(held)
            held = undefined
            return
          }
          if (!response.write(chunk)) controller?.pause()
        },
        onResponseEnd() {
          if (verdict === 'look' && held !== undefined) decide(held)
          settle()
          if (held === undefined || verdict === 'pass') {
            response.end()
            resolve({ kind: 'passed', status, expired: saidExpired })
          } else if (verdict === 'renew') resolve({ kind: 'renew', ...held })
          else resolve({ kind: 'wait', waitMs: (retryAfter(held.headers, parts.now()) ?? 0) * 1000, ...held })
        },
        onResponseError(_, error) {
          settle()
          reject(ending.reason ?? error)
        },
      },
    )
  })
}

/** The body's framing: its length where it is known, else what the caller's own said. */
function framed(prepared: Prepared, body: Body): string[] {
  const { headers } = prepared
  if (body.stream !== null) return headers
  const kept: string[] = []
  for (let index = 0; index < headers.length; index += 2) {
    if (headers[index]?.toLowerCase() !== 'content-length') kept.push(headers[index] ?? '', headers[index + 1] ?? '')
  }
  return kept
}

function rawAnswerHeaders(controller: Dispatcher.DispatchController | undefined): string[] {
  const raw = controller?.rawHeaders
  return Array.isArray(raw)
    ? answerHeaders(raw.map((part) => (typeof part === 'string' ? part : part.toString('latin1'))))
    : []
}

/** The reason phrase as bytes again: it was read as UTF-8, and headers are written as Latin-1. */
function asOnWire(message: string): string {
  return /^[\t\x20-\x7e]*$/.test(message) ? message : Buffer.from(message, 'utf8').toString('latin1')
}

function writeHead(call: Call, answer: HeldAnswer): void {
  const { response, requestId } = call
  const headers = answer.headers
  if (!hasHeader(headers, 'x-request-id')) headers.push('X-Request-Id', requestId)
  if (call.attempts > 1) headers.push('Mooring-Attempts', String(call.attempts))
  response.sendDate = !hasHeader(headers, 'date')
  response.writeHead(answer.status, asOnWire(answer.message), headers)
}

function record(parts: ProxyParts, call: Call, live: Live, status: number): void {
  const { caller, request, url, startedAt } = call
  parts.recorder.record(caller, live, { method: request.method ?? 'GET', url, status, ms: parts.now() - startedAt })
}

/** Renewing did not help or could not be done: the API's own answer goes back as it came. */
function passHeld(call: Call, live: Live, held: HeldAnswer, parts: ProxyParts): void {
  writeHead(call, held)
  for (const chunk of held.chunks) call.response.write(chunk)
  call.response.end()
  record(parts, call, live, held.status)
}

function headerOf(headers: readonly string[], name: string): string | undefined {
  for (let index = 0; index < headers.length; index += 2) {
    if (headers[index]?.toLowerCase() === name) return headers[index + 1]
  }
  return undefined
}

function isEventStream(headers: readonly string[]): boolean {
  return /^text\/event-stream\b/i.test(headerOf(headers, 'content-type') ?? '')
}

/** The provider's Retry-After in seconds; undefined where there is none or it asks for too long. */
function retryAfter(headers: readonly string[], now: number): number | undefined {
  for (let index = 0; index < headers.length; index += 2) {
    if (headers[index]?.toLowerCase() !== 'retry-after') continue
    const seconds = retryAfterSeconds(headers[index + 1] ?? '', now)
    return seconds !== undefined && seconds >= 0 && seconds <= longestWait ? seconds : undefined
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
  if (error instanceof CallerGone || response.destroyed) return
  const fault = callFault(error instanceof MooringError ? error : parts.egress.mapError(error, call.url.host))
  record(parts, call, live, fault.status)
  // Once the answer has begun there is no way to say so but to break it off: a cut answer must not look whole.
  if (response.headersSent) response.destroy()
  else parts.problem(response, fault, call.requestId)
}
