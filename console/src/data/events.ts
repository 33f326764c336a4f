/** The workspace's events as they happen: what they are about is loaded anew. */
import type { Event } from '@mooring/sdk'
import { client } from './client.ts'
import { linkUp } from './link_state.ts'
import { queryClient } from './query_client.ts'

/** What happens together is reloaded together, and lists at most so often, however much happens; in milliseconds. */
const reload = { gather: 150, every: 2000 }
/** Between two tries to open a stream that the server refused, in milliseconds. */
const pauses = { first: 2000, longest: 60_000 }
const name = 'mooring.events'

/**
 * Starts listening; the function returned ends it. Without the stream the lists still look every 30 seconds.
 *
 * A browser opens six connections to a server at most, and a stream holds one for good: of all tabs one reads the stream
 * and tells the others. When it goes, the next takes over after the event it heard of last.
 */
export function watchEvents(): () => void {
  const over = new AbortController()
  const channel = new BroadcastChannel(name)
  let last: string | undefined
  const hear = (event: Event): void => {
    last = event.id
    reloadSoon(event.type)
  }
  channel.addEventListener('message', (message: MessageEvent<Event>) => hear(message.data))
  const read = async (signal: AbortSignal): Promise<void> => {
    await readOn(
      () => last,
      (event) => {
        hear(event)
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel is of one origin.
        channel.postMessage(event)
      },
      signal,
    )
  }
  if ('locks' in navigator) {
    // Rejected when it is over, while waiting as while reading.
    navigator.locks.request(name, { signal: over.signal }, () => read(over.signal)).catch(() => undefined)
  } else {
    // Browsers have locks on https and localhost only; elsewhere tabs that nobody sees let go of their streams.
    readWhileVisible(read, over.signal)
  }
  return () => {
    over.abort()
    channel.close()
  }
}

/** Reads until the signal ends it, beginning again whenever the server has refused or ended the stream. */
async function readOn(
  last: () => string | undefined,
  tell: (event: Event) => void,
  signal: AbortSignal,
): Promise<void> {
  let pause = pauses.first
  while (!signal.aborted) {
    try {
      const after = last() ?? (await newest(signal))
      for await (const event of client.events.stream({ signal, ...(after === undefined ? {} : { after }) })) {
        pause = pauses.first
        tell(event)
      }
    } catch {
      // Told by the banner where somebody can do something about it: the network is lost, or the session is over.
    }
    await wait(pause, signal)
    await linkUp(signal)
    pause = Math.min(pause * 2, pauses.longest)
  }
}

/** The id after which everything is new: what came before is in the lists already. */
async function newest(signal: AbortSignal): Promise<string | undefined> {
  const { items } = await client.activity({ limit: 1 }, { signal })
  return items[0]?.id
}

function readWhileVisible(read: (signal: AbortSignal) => Promise<void>, over: AbortSignal): void {
  let reading: AbortController | undefined
  const look = (): void => {
    if (document.visibilityState === 'visible' && reading === undefined) {
      reading = new AbortController()
      void read(AbortSignal.any([reading.signal, over]))
    } else if (document.visibilityState === 'hidden') {
      reading?.abort()
      reading = undefined
    }
  }
  document.addEventListener('visibilitychange', look, { signal: over })
  look()
}

const stale = new Set<string>()
let timer: ReturnType<typeof setTimeout> | undefined
let reloadedAt = -Infinity

function reloadSoon(type: string): void {
  const [what = ''] = type.split('.')
  stale.add(`${what.replaceAll('_', '-')}s`).add('activity')
  timer ??= setTimeout(
    () => {
      timer = undefined
      reloadedAt = performance.now()
      for (const key of stale) void queryClient.invalidateQueries({ queryKey: [key] })
      stale.clear()
    },
    Math.max(reload.gather, reloadedAt + reload.every - performance.now()),
  )
}

async function wait(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  await new Promise<void>((resolve) => {
    const timeout = setTimeout(resolve, milliseconds)
    signal.addEventListener('abort', () => (clearTimeout(timeout), resolve()), { once: true })
  })
}
