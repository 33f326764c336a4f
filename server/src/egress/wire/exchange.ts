/** One request and its answer. */
import type { Kept } from './buffers.ts'
import type { RequestHead, WireRequest } from './request.ts'

/**
 * Told of an answer, in this order; the last is `onEnd` or `onError`. What one of them throws ends the exchange, and comes
 * to `onError`.
 */
export interface Answering {
  /** Of the final answer; informational ones are not told. `reason` and `headers` (flat) are Latin-1. */
  onHead: (status: number, reason: string, headers: string[]) => void
  /** The bytes are good during the call only: `Exchange.keep` has them for longer. */
  onData: (bytes: Buffer) => void
  onEnd: () => void
  /** A WireError, what the socket or the body's stream said, or the reason it was aborted for. */
  onError: (error: Error) => void
}

/** Who carries an exchange. */
export interface Carrier {
  abort: (reason: Error) => void
  pause: () => void
  resume: () => void
  keep: (bytes: Buffer) => Kept
}

/** Where an exchange waits for a connection. */
export interface Queue {
  leave: (exchange: Exchange) => void
}

export class Exchange {
  readonly request: WireRequest
  readonly head: RequestHead
  readonly answering: Answering
  /** Undefined while it waits for a connection. */
  carrier: Carrier | undefined
  queue: Queue | undefined
  /** Whether it is sent for the second time: its first connection ended before it could be answered. */
  repeated = false
  over = false

  constructor(request: WireRequest, head: RequestHead, answering: Answering) {
    this.request = request
    this.head = head
    this.answering = answering
  }

  /** Ends it with `onError(reason)`; one that waits is never sent. Nothing once it is over. */
  abort(reason: Error): void {
    if (this.over) return
    if (this.carrier !== undefined) {
      this.carrier.abort(reason)
      return
    }
    this.queue?.leave(this)
    this.fail(reason)
  }

  /** From the head on: no more is read until `resume`; what has been read still comes. */
  pause(): void {
    if (!this.over) this.carrier?.pause()
  }

  resume(): void {
    if (!this.over) this.carrier?.resume()
  }

  /** Within `onData`: its bytes, for as long as they are wanted. */
  keep(bytes: Buffer): Kept {
    return this.carrier?.keep(bytes) ?? { bytes: Buffer.from(bytes), release: undefined }
  }

  /** The answer is whole. */
  end(): void {
    this.over = true
    try {
      this.answering.onEnd()
    } catch (error) {
      this.answering.onError(error instanceof Error ? error : new Error(String(error)))
    }
  }

  fail(error: Error): void {
    if (this.over) return
    this.over = true
    this.answering.onError(error)
  }
}
