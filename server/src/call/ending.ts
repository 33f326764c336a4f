/** When a call is over before its answer is: the caller has left, or the time that the call allows is up. */
import type { ServerResponse } from 'node:http'
import { MooringError } from '../errors.ts'

export class CallerGone extends Error {
  override readonly name = 'CallerGone'
}

/**
 * Watched from the start of a call, so that nothing is sent for a caller who left during a wait. A call waits for one
 * thing at a time, so one waker is enough; an AbortController would cost each call more than all of this.
 */
export interface Ending {
  /** Why the call is over: a CallerGone, or the upstream_timeout to answer with. Undefined while it is not. */
  reason: Error | undefined
  /** Called once, when the call is over. */
  wake: (() => void) | undefined
  release: () => void
}

/** `timeout` in milliseconds; undefined: none. */
export function watch(response: ServerResponse, timeout: number | undefined): Ending {
  const end = (reason: Error): void => {
    if (ending.reason !== undefined) return
    ending.reason = reason
    ending.wake?.()
  }
  const onClose = (): void => {
    if (!response.writableFinished) end(new CallerGone())
  }
  const timer = timeout === undefined ? undefined : setTimeout(() => end(timeUp(timeout)), timeout)
  const ending: Ending = {
    reason: undefined,
    wake: undefined,
    release() {
      clearTimeout(timer)
      response.off('close', onClose)
    },
  }
  // Where the caller was gone before we began there is no event any more.
  if (response.destroyed) onClose()
  else response.on('close', onClose)
  return ending
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
  ending.wake = () => reject(ending.reason ?? new CallerGone())
  pending.then(resolve, reject)
  try {
    return await promise
  } finally {
    ending.wake = undefined
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
