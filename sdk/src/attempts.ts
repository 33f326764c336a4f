/** Waiting for a person to finish authorizing. */
import type { Attempt } from '@mooring/contract'
import { MooringError } from './error.ts'

export interface WaitOptions {
  signal?: AbortSignal
  /** Gives up with the code `wait_timeout`. Default: when the attempt itself expires. */
  timeoutMs?: number
  /** Between two looks. Default: 1000. */
  intervalMs?: number
  /** Told about the attempt after every look. */
  onLook?: (attempt: Attempt) => void
}

/** So many failed looks in a row are taken for a hiccup (a restart of the server, say). */
const toleratedFailures = 5

/** Looks at an attempt until it is no longer waiting. A failed attempt is an answer, not an error. */
export async function waitForAttempt(
  look: (signal: AbortSignal | undefined) => Promise<Attempt>,
  { signal, timeoutMs, intervalMs = 1000, onLook }: WaitOptions = {},
): Promise<Attempt> {
  const endsAt = timeoutMs === undefined ? Infinity : Date.now() + timeoutMs
  for (let failures = 0; ;) {
    try {
      const attempt = await look(signal)
      failures = 0
      onLook?.(attempt)
      if (attempt.state !== 'waiting') return attempt
    } catch (error) {
      failures += 1
      if (failures > toleratedFailures || !isHiccup(error)) throw error
    }
    if (Date.now() + intervalMs > endsAt) {
      throw new MooringError({
        code: 'wait_timeout',
        status: 0,
        title: 'Still waiting',
        detail: 'Nobody finished authorizing in the time given; the attempt is still open.',
      })
    }
    await pause(intervalMs, signal)
  }
}

/** Failures that asking again may cure. */
export function isHiccup(error: unknown): boolean {
  return error instanceof MooringError && (error.code === 'unreachable' || error.status >= 500 || error.status === 429)
}

/** Rejects with the signal's reason when it comes first. */
export function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(reasonOf(signal))
      return
    }
    const stop = (): void => {
      clearTimeout(timer)
      reject(reasonOf(signal))
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop)
      resolve()
    }, milliseconds)
    signal?.addEventListener('abort', stop, { once: true })
  })
}

function reasonOf(signal: AbortSignal | undefined): Error {
  const reason: unknown = signal?.reason
  return reason instanceof Error ? reason : new DOMException('The wait was ended.', 'AbortError')
}
