/** What happens in the workspace. */
import type { Event } from '@mooring/contract'
import { isHiccup, pause } from './attempts.ts'
import { MooringError } from './error.ts'
import { readServerSentEvents } from './event_stream.ts'
import type { Page } from './pages.ts'
import { type CallOptions, type Query, queryString, type Transport } from './transport.ts'

export interface Events {
  /** One page, oldest first. */
  list(query?: Query<'listEvents'>, options?: CallOptions): Promise<Page<Event>>
  /**
   * Events as they happen, for as long as they are read and until the signal ends it (by throwing its reason). A broken
   * stream is taken up again after the last event seen, so that none is lost. `after` is the id of an event.
   */
  stream(options?: CallOptions & { after?: string }): AsyncIterable<Event>
}

const firstDelayMs = 500
const longestDelayMs = 30_000

export function createEvents({ call, send, accept }: Transport): Events {
  return {
    list: (query, options) => call('listEvents', {}, { ...options, query }),
    async *stream({ after, signal } = {}) {
      let last = after
      let delayMs = firstDelayMs
      let opened = false
      for (;;) {
        try {
          const response = await accept(
            await send(`/v1/events${queryString({ after: last })}`, {
              headers: { accept: 'text/event-stream' },
              ...(signal === undefined ? {} : { signal }),
            }),
          )
          opened = true
          for await (const { data } of readServerSentEvents(streamOf(response))) {
            const event = JSON.parse(data) as Event
            last = event.id
            delayMs = firstDelayMs
            yield event
          }
        } catch (error) {
          signal?.throwIfAborted()
          // The first try answers whoever waits for it; later ones have a stream to keep up.
          const broken = error instanceof TypeError || isHiccup(error)
          if (!opened || !broken) throw error
        }
        await pause(delayMs, signal)
        delayMs = Math.min(delayMs * 2, longestDelayMs)
      }
    },
  }
}

function streamOf(response: Response): ReadableStream<Uint8Array> {
  if (response.body !== null && /^text\/event-stream\b/.test(response.headers.get('content-type') ?? '')) {
    return response.body
  }
  throw new MooringError({
    code: 'unexpected_answer',
    status: response.status,
    title: 'Unexpected answer',
    detail: 'The server did not answer with a stream of events.',
  })
}
