/**
 * Waiting for a sign-in to end. The server's word on the attempt is the truth, asked for every second: whether the other
 * window is closed cannot be known (a provider with its own opener policy looks closed while somebody types there).
 */
import type { Attempt } from '@mooring/sdk'
import { MooringError } from '@mooring/sdk'
import { client } from '../data/client.ts'

/** In milliseconds. */
const interval = 1000

/**
 * Looks until the attempt is no longer waiting. A server that does not answer, or a session that ended meanwhile, is
 * told elsewhere on the page and waited out. Throws what else goes wrong, or the signal's reason.
 */
export async function untilEnded(
  connection: string,
  id: string,
  { signal, onLook }: { signal: AbortSignal; onLook: (attempt: Attempt) => void },
): Promise<Attempt> {
  const news = listenForNews(id)
  try {
    for (;;) {
      try {
        const attempt = await client.connections.attempt(connection, id, { signal })
        if (attempt.state !== 'waiting') return attempt
        onLook(attempt)
      } catch (error) {
        if (!passes(error)) throw error
      }
      await news.next(interval, signal)
    }
  } finally {
    news.close()
  }
}

function passes(error: unknown): boolean {
  return (
    error instanceof MooringError && (error.status === 0 || error.status >= 500 || [401, 429].includes(error.status))
  )
}

/** Reasons to look sooner: the result page of the attempt says that it is there, or somebody comes back to this window. */
function listenForNews(id: string): { next(milliseconds: number, signal: AbortSignal): Promise<void>; close(): void } {
  let wake = (): void => undefined
  const told = (event: MessageEvent<unknown>): void => {
    // The channel carries this origin's messages only; a window may be sent anybody's.
    const own = event.target instanceof BroadcastChannel || event.origin === location.origin
    if (own && isNewsOf(event.data, id)) wake()
  }
  const returned = (): void => wake()
  const channel = new BroadcastChannel('mooring')
  channel.addEventListener('message', told)
  window.addEventListener('message', told)
  window.addEventListener('focus', returned)
  return {
    async next(milliseconds, signal) {
      signal.throwIfAborted()
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, milliseconds)
        wake = () => {
          clearTimeout(timer)
          resolve()
        }
        signal.addEventListener('abort', () => wake(), { once: true })
      })
      signal.throwIfAborted()
    },
    close() {
      channel.close()
      window.removeEventListener('message', told)
      window.removeEventListener('focus', returned)
    },
  }
}

function isNewsOf(data: unknown, id: string): boolean {
  return (
    typeof data === 'object' &&
    data !== null &&
    Reflect.get(data, 'type') === 'mooring:attempt' &&
    Reflect.get(data, 'attempt') === id
  )
}
