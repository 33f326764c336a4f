/** When a call is over before its answer is: the caller has left, or the time that the call allows is up. */
import type { ServerResponse } from 'node:http'
import { MooringError } from '../errors.ts'

export class CallerGone extends Error {
  override readonly name = 'CallerGone'
}

/** What is under way for a call, and can be broken off. */
export interface Running {
  abort(reason: Error): void
}

/**
 * Watched from the start of a call, so that nothing is sent for a caller who left during a wait. A call waits for one
 * thing at a time, so one waiter is enough; an AbortController would cost each call more than all of this. Fields rather
 * than a closure over what waits, which kept more of an ended call past the collector's first round.
 */
export class Ending {
  /** Why the call is over: a CallerGone, or the upstream_timeout to answer with. Undefined while it is not. */
  reason: Error | undefined
  /** Told once, when the call is over; `running` instead, once there is something to break off. */
  reject: ((reason: Error) => void) | undefined
  running: Running | undefined
  readonly #response: ServerResponse
  readonly #onClose: () => void
  readonly #timer: NodeJS.Timeout | undefined

  /** `timeout` in milliseconds; undefined: none. */
  constructor(response: ServerResponse, timeout: number | undefined) {
    this.#response = response
    this.#onClose = () => {
      if (!response.writableFinished) this.#end(new CallerGone())
    }
    this.#timer = timeout === undefined ? undefined : setTimeout(() => this.#end(timeUp(timeout)), timeout)
    // Where the caller was gone before we began there is no event any more.
    if (response.destroyed) this.#onClose()
    else response.on('close', this.#onClose)
  }

  /** What waited has ended. */
  settle(): void {
    this.reject = undefined
    this.running = undefined
  }

  release(): void {
    clearTimeout(this.#timer)
    this.#response.off('close', this.#onClose)
  }

  #end(reason: Error): void {
    if (this.reason !== undefined) return
    this.reason = reason
    if (this.running === undefined) this.reject?.(reason)
    else this.running.abort(reason)
  }
}

function timeUp(timeout: number): MooringError {
  return new MooringError('upstream_timeout', {
    detail: `The call did not finish within the ${timeout / 1000} s that it allows.`,
    hint: 'Mooring-Timeout allows more time.',
  })
}

/** Throws the reason where the call is over. */
export function throwIfOver({ reason }: Ending): void {
  if (reason !== undefined) throw reason
}

/** Waits for something that goes on by itself, but no longer than the call lasts. Throws the ending's reason. */
export async function unlessOver<T>(ending: Ending, pending: Promise<T>): Promise<T> {
  throwIfOver(ending)
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  ending.reject = reject
  pending.then(resolve, reject)
  try {
    return await promise
  } finally {
    ending.settle()
  }
}

/** Waits this many milliseconds. Throws the ending's reason where the call is over before. */
export async function pauseUnlessOver(ending: Ending, milliseconds: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, milliseconds)
  try {
    await unlessOver(ending, promise)
  } finally {
    clearTimeout(timer)
  }
}
