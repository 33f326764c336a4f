/** Being told of changes by PostgreSQL itself, over a connection of its own that is made again when it is lost. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Client } from 'pg'
import { isMissing } from './postgres_errors.ts'
import type { PostgresPool } from './postgres_pool.ts'

export const channel = 'mooring_changes'

const firstPause = 250
const longestPause = 5000

export interface Listener {
  watch(wake: () => void): () => void
  end(): Promise<void>
}

/** Listens from the first watcher on. */
export function createListener(pool: Pick<PostgresPool, 'single'>): Listener {
  const watchers = new Set<() => void>()
  const stop = new AbortController()
  let listening: Promise<void> | undefined

  const wakeAll = (): void => {
    for (const wake of watchers) wake()
  }

  const listen = async (client: Client): Promise<void> => {
    const gone = new Promise<void>((resolve) => {
      client.on('end', resolve)
      // A stop may have come while the connection was made.
      if (stop.signal.aborted) resolve()
      stop.signal.addEventListener('abort', () => resolve(), { once: true })
    })
    client.on('notification', wakeAll)
    try {
      await client.query(`listen ${channel}`)
      // What was told while nobody listened.
      wakeAll()
      await gone
    } finally {
      await client.end()
    }
  }

  const run = async (): Promise<void> => {
    for (let pause = firstPause; !stop.signal.aborted; pause = Math.min(2 * pause, longestPause)) {
      try {
        await listen(await pool.single())
        pause = firstPause
      } catch (error) {
        // Then everybody looks from time to time. Whoever reads the changes says that the database is away.
        if (isMissing(error)) return
      }
      await delay(pause, undefined, { signal: stop.signal, ref: false }).catch(() => undefined)
    }
  }

  return {
    watch(wake) {
      watchers.add(wake)
      listening ??= run()
      return () => void watchers.delete(wake)
    },
    async end() {
      stop.abort()
      await listening
    },
  }
}
