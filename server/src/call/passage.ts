/**
 * One call's way through the proxy: everything it waits for, however often the API is asked, and its one end.
 *
 * Most calls wait for nothing but the API: what they need is in memory. So a call is one object that the HTTP client
 * tells of its answer, and goes from step to step by plain calls; promises, which cost a call more than all its own work,
 * come in where something is really waited for (`#wait`).
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Caller } from '../access/caller.ts'
import type { Egress } from '../egress/egress.ts'
import type { Answering, Exchange } from '../egress/wire/exchange.ts'
import { isIdempotent } from '../egress/wire/syntax.ts'
import { MooringError } from '../errors.ts'
import { type AnswerHead, answerHead, endWith, retryAfter, writeHead } from './answer.ts'
import { Beginning } from './beginning.ts'
import { lookedAt } from './expired.ts'
import { callFault, isConnectFault } from './faults.ts'
import type { Fresh } from './fresh.ts'
import { isEventStream } from './headers.ts'
import type { Live, LiveConnections } from './live.ts'
import { namedUrl, type ProxyOptions, proxyOptions } from './options.ts'
import { prepare, type Prepared } from './prepare.ts'
import type { Recorder } from './record.ts'
import type { Slots } from './slots.ts'
import { again, type Body, drain, hasBody, isRepeatable, keptForRepeat, noBody, takeBody } from './upload.ts'

/** How long the beginning of a body that has to be looked at is waited for, in milliseconds. */
const longestLook = 5000

/** Until the first byte of the answer, in milliseconds, where the caller does not say. */
const firstByte = 120_000

export interface PassageParts {
  egress: Egress
  live: LiveConnections
  fresh: Fresh
  slots: Slots
  recorder: Recorder
  now: () => number
  /** Answers with a problem document. Throws nothing. */
  problem: (response: ServerResponse, error: MooringError, requestId: string) => void
}

export interface Asked {
  caller: Caller
  connection: string
  rest: string
  request: IncomingMessage
  response: ServerResponse
  requestId: string
}

class CallerGone extends Error {
  override readonly name = 'CallerGone'
}

/**
 * What to do with an answer once its head is there. All but the first hold it back, so that it can still be given. `look`:
 * the beginning of its body will say.
 */
type Verdict = 'pass' | 'answer challenge' | 'renew' | 'wait' | 'look'

export class Passage implements Answering {
  readonly #parts: PassageParts
  readonly #asked: Asked
  #options: ProxyOptions | undefined
  #live: Live | undefined
  #url: URL | undefined
  #body: Body = noBody
  #retries = 0
  #renewed = false
  #challenged = false
  /** Milliseconds; 0 until the call is ready to be sent. What fails before is no call through the connection. */
  #startedAt = 0
  #attempts = 0
  /** The connection whose slot is taken. */
  #entered: string | undefined
  #timer: NodeJS.Timeout | undefined

  /** Answered, given up, or left by its caller: nothing that still comes in changes anything. */
  #over = false
  /** Why the call was broken off: a CallerGone, or the upstream_timeout to answer with. */
  #reason: Error | undefined
  /** The request under way, which can be broken off. */
  #exchange: Exchange | undefined

  /** The newest request as it went out. */
  #sent: Prepared | undefined
  #head: AnswerHead | undefined
  #verdict: Verdict = 'pass'
  /** Texts of which one in the body means that the token has ended; where there are none no body is looked at. */
  #texts: readonly string[] | undefined
  /** Whether one was there. */
  #saidExpired = false
  readonly #beginning = new Beginning()

  constructor(parts: PassageParts, asked: Asked) {
    this.#parts = parts
    this.#asked = asked
  }

  begin(): void {
    const { caller, connection, request, response } = this.#asked
    try {
      const options = (this.#options = proxyOptions(request.headers))
      this.#retries = options.retries
      this.#watch(response, options.timeout)
      if (this.#over) return
      const found = this.#parts.live.get(caller, connection, options.user)
      if (found instanceof Promise) void this.#wait(found, (live) => this.#resolve(live))
      else this.#resolve(found)
    } catch (error) {
      this.#fail(error)
    }
  }

  /** From the start, so that nothing is sent for a caller who left during a wait. */
  #watch(response: ServerResponse, timeout: number | undefined): void {
    const onClose = (): void => {
      if (!response.writableFinished) this.#breakOff(new CallerGone())
    }
    if (timeout !== undefined) this.#timer = setTimeout(() => this.#breakOff(timeUp(timeout)), timeout)
    // Where the caller was gone before we began there is no event any more.
    if (response.destroyed) onClose()
    else response.on('close', onClose)
  }

  #breakOff(reason: Error): void {
    if (this.#over || this.#reason !== undefined) return
    this.#reason = reason
    if (this.#exchange === undefined) this.#fail(reason)
    else this.#exchange.abort(reason)
  }

  /** Goes on when something has come that goes on by itself; not where the call has ended meanwhile. */
  async #wait<T>(pending: Promise<T>, next: (value: T) => void): Promise<void> {
    try {
      const value = await pending
      if (!this.#over) next(value)
    } catch (error) {
      this.#fail(error)
    }
  }

  #resolve(live: Live): void {
    const { egress, fresh, slots } = this.#parts
    const url = live.targets.resolve(namedUrl(this.#asked.rest))
    egress.checkUrl(url)
    this.#url = url
    const { id } = live.bound.connection
    slots.enter(id)
    this.#entered = id
    const ensured = fresh.ensure(live)
    if (ensured instanceof Promise) void this.#wait(ensured, (renewed) => this.#takeBody(renewed))
    else this.#takeBody(ensured)
  }

  #takeBody(live: Live): void {
    this.#live = live
    const { request } = this.#asked
    const taken = hasBody(request) ? takeBody(request, live) : noBody
    const ready = (body: Body): void => {
      this.#body = body
      this.#startedAt = this.#parts.now()
      this.#send()
    }
    if (taken instanceof Promise) void this.#wait(taken, ready)
    else ready(taken)
  }

  #send(): void {
    const live = this.#live
    const url = this.#url
    if (live === undefined || url === undefined) return
    const { request } = this.#asked
    this.#attempts++
    const body = this.#body
    const prepared = prepare(
      live,
      { method: request.method ?? 'GET', url, rawHeaders: request.rawHeaders, body: body.whole },
      this.#parts.now(),
    )
    this.#sent = prepared
    const timeout = this.#options?.timeout
    this.#exchange = this.#parts.egress.agentFor(prepared.certificate).send(
      {
        url: prepared.url,
        method: prepared.method,
        headers: prepared.headers,
        body: body.stream ?? prepared.body ?? null,
        headTimeout: timeout ?? firstByte,
        bodyTimeout: timeout ?? 0,
      },
      this,
    )
  }

  /** The same request once more, with what has changed since. */
  #sendAgain(): void {
    this.#head = undefined
    this.#beginning.clear()
    this.#verdict = 'pass'
    this.#saidExpired = false
    this.#body = again(this.#body)
    this.#send()
  }

  onHead(status: number, reason: string, headers: string[]): void {
    if (this.#over) return
    this.#head = answerHead(status, reason, headers)
    this.#verdict = this.#judge(status, this.#head.headers)
    // The head leaves together with the first bytes of the body where they are here, but does not wait for them.
    if (this.#verdict === 'pass') queueMicrotask(() => this.#open())
    else if (this.#verdict === 'look') this.#lookInTime(this.#head)
  }

  #judge(status: number, headers: readonly string[]): Verdict {
    if (this.#isChallenged(status, headers) && isRepeatable(this.#body)) return 'answer challenge'
    const expiry = this.#live?.expiry
    if (!this.#renewed && expiry?.expired(status) === true && isRepeatable(this.#body)) return 'renew'
    this.#texts = expiry?.texts(status)
    // An answer that goes on for as long as it likes is not held back.
    if (this.#texts !== undefined && !isEventStream(headers)) return 'look'
    const waits = this.#retries > 0 && (status === 429 || status === 503) && this.#isIdempotent()
    if (waits && isRepeatable(this.#body) && retryAfter(headers, this.#parts.now()) !== undefined) return 'wait'
    return 'pass'
  }

  /** Asked of every answer, since the credential learns from it; a second challenge stands. */
  #isChallenged(status: number, headers: readonly string[]): boolean {
    const applied = this.#live?.applied
    if (applied?.challenged === undefined || this.#sent === undefined) return false
    return applied.challenged({ status, headers }, this.#sent) && !this.#challenged
  }

  #isIdempotent(): boolean {
    return isIdempotent(this.#asked.request.method ?? '')
  }

  /** A body that begins slowly is not kept from its caller for long. */
  #lookInTime(head: AnswerHead): void {
    const timer = setTimeout(() => {
      if (this.#head === head && this.#verdict === 'look') this.#decide()
    }, longestLook)
    this.#asked.response.once('close', () => clearTimeout(timer))
  }

  /** What has come of the body by now says it, or it is not said. */
  #decide(): void {
    this.#look()
    if (this.#verdict === 'pass') this.#open()
  }

  #look(): void {
    this.#saidExpired = this.#head !== undefined && this.#beginning.says(this.#texts ?? [], this.#head)
    const mayRenew = this.#saidExpired && !this.#renewed && isRepeatable(this.#body)
    this.#verdict = mayRenew ? 'renew' : 'pass'
  }

  /** Writes what is here, unless that has happened; from then on the body is streamed. */
  #open(): void {
    const { response, requestId } = this.#asked
    const head = this.#head
    if (this.#over || head === undefined || response.headersSent) return
    writeHead(response, head, requestId, this.#attempts)
    response.on('drain', () => this.#exchange?.resume())
    const { bytes } = this.#beginning
    this.#beginning.clear()
    if (bytes === undefined) response.flushHeaders()
    else this.#write(bytes)
  }

  #write(chunk: Buffer, written?: () => void): void {
    if (!this.#asked.response.write(chunk, written)) this.#exchange?.pause()
  }

  onData(bytes: Buffer): void {
    if (this.#over) return
    if (this.#asked.response.headersSent) {
      const kept = this.#exchange?.keep(bytes)
      if (kept !== undefined) this.#write(kept.bytes, kept.release)
      return
    }
    this.#beginning.add(bytes)
    if (this.#verdict === 'look' && this.#beginning.size >= lookedAt) this.#decide()
    if (this.#beginning.size <= keptForRepeat) return
    // Too long to hold back: it is given as it is.
    this.#verdict = 'pass'
    this.#open()
  }

  /** Once whoever told of the last answer is done. */
  #sendSoon(): void {
    void this.#wait(Promise.resolve(), () => this.#sendAgain())
  }

  onEnd(): void {
    this.#exchange = undefined
    const live = this.#live
    if (this.#over || live === undefined) return
    if (this.#verdict === 'look') this.#look()
    const verdict = this.#verdict
    if (verdict === 'pass') {
      this.#pass(live)
      return
    }
    if (verdict === 'answer challenge') {
      this.#challenged = true
      this.#sendSoon()
      return
    }
    if (verdict === 'renew') {
      this.#renewed = true
      void this.#wait(this.#parts.fresh.afterRefusal(live), (next) => {
        if (next === undefined) {
          // Renewing did not help or could not be done: the API's own answer goes back as it came.
          this.#pass(live)
          return
        }
        this.#live = next
        this.#sendAgain()
      })
      return
    }
    this.#retries--
    const seconds = retryAfter(this.#head?.headers ?? [], this.#parts.now()) ?? 0
    void this.#wait(this.#pause(seconds * 1000), () => this.#sendAgain())
  }

  #pause(milliseconds: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    // Ends with the call: a call that is over leaves nothing running, and nobody hears it.
    const timer = setTimeout(resolve, milliseconds)
    this.#asked.response.once('close', () => clearTimeout(timer))
    return promise
  }

  /** The whole answer is here. */
  #pass(live: Live): void {
    const { response, requestId } = this.#asked
    const head = this.#head
    if (head === undefined) return
    if (response.headersSent) response.end()
    else {
      writeHead(response, head, requestId, this.#attempts)
      endWith(response, this.#beginning.bytes)
    }
    if (!this.#saidExpired && !live.expiry.expired(head.status)) this.#parts.fresh.accepted(live)
    this.#record(head.status)
    this.#finish()
  }

  onError(error: Error): void {
    this.#exchange = undefined
    const reason = this.#reason ?? error
    const retriable =
      !this.#over &&
      this.#retries > 0 &&
      // An answer that has begun cannot be begun again.
      !this.#asked.response.headersSent &&
      isConnectFault(reason) &&
      this.#isIdempotent() &&
      isRepeatable(this.#body)
    if (!retriable) {
      this.#fail(reason)
      return
    }
    this.#retries--
    this.#sendSoon()
  }

  #fail(error: unknown): void {
    if (this.#over) return
    const { response, requestId } = this.#asked
    const begun = this.#startedAt > 0
    this.#finish()
    if (error instanceof CallerGone || response.destroyed) return
    const known = error instanceof MooringError || !begun
    const fault = callFault(known ? error : this.#parts.egress.mapError(error, this.#url?.host ?? ''))
    if (begun) this.#record(fault.status)
    // Once the answer has begun there is no way to say so but to break it off: a cut answer must not look whole.
    if (response.headersSent) response.destroy()
    else this.#parts.problem(response, fault, requestId)
  }

  #record(status: number): void {
    const { caller, request } = this.#asked
    const { now, recorder } = this.#parts
    if (this.#live === undefined || this.#url === undefined) return
    const ms = now() - this.#startedAt
    recorder.record(caller, this.#live, { method: request.method ?? 'GET', url: this.#url, status, ms })
  }

  #finish(): void {
    this.#over = true
    if (this.#timer !== undefined) clearTimeout(this.#timer)
    if (this.#entered !== undefined) this.#parts.slots.leave(this.#entered)
    const { request } = this.#asked
    // An API may answer before it has read the whole upload.
    if (!request.complete) drain(request)
  }
}

function timeUp(timeout: number): MooringError {
  return new MooringError('upstream_timeout', {
    detail: `The call did not finish within the ${timeout / 1000} s that it allows.`,
    hint: 'Mooring-Timeout allows more time.',
  })
}
