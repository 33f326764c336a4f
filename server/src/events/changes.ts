/** Learning what other processes changed: reads the change rows that came since, and says what to drop. */
import type { ChangeRecord, Store } from '../store.ts'

/** A change elsewhere is in force here after this long at the most, in milliseconds, whether the engine tells of it or not. */
const lookEvery = 400
const batch = 1000
const kept = 100_000

export interface ChangeFeed {
  /** Takes in what has been written by now, here and elsewhere. */
  catchUp(): Promise<void>
  stop(): void
}

export interface ChangeHandlers {
  /** What it throws is logged, and the change is told again. */
  changed: (change: ChangeRecord) => void | Promise<void>
  /** Rows were missed: everything cached goes. */
  lost: () => void | Promise<void>
}

export async function startChangeFeed(
  store: Store,
  handlers: ChangeHandlers,
  log: { warn: (facts: object, message: string) => void },
): Promise<ChangeFeed> {
  let sequence = await store.changes.latest()
  let reading: Promise<void> = Promise.resolve()
  let out = false
  let stopped = false

  const read = async (): Promise<void> => {
    for (;;) {
      const changes = await store.changes.since(sequence, batch)
      if (changes === undefined) {
        const latest = await store.changes.latest()
        await handlers.lost()
        sequence = latest
        return
      }
      for (const change of changes) {
        await handlers.changed(change)
        sequence = change.sequence
      }
      if (changes.length < batch) return
    }
  }
  const catchUp = async (): Promise<void> => {
    // One reader at a time; whoever asks gets a read that began after the asking.
    const next = reading.then(read, read)
    reading = next.catch(() => undefined)
    await next
  }

  let looking = false
  let wanted = false
  /** One at a time, and once more where it was asked for meanwhile: a store that is away answers late. */
  const look = async (): Promise<void> => {
    wanted = looking
    if (looking || stopped) return
    looking = true
    try {
      await catchUp()
      out = false
    } catch (error) {
      if (!out && !stopped)
        log.warn(
          { err: error },
          'changes of other processes cannot be read; what is cached is used until the store returns',
        )
      out = true
    }
    looking = false
    if (wanted) await look()
  }
  const timer = setInterval(() => void look(), lookEvery)
  timer.unref()
  const unwatch = store.changes.watch(() => void look())
  const pruning = setInterval(() => void store.changes.prune(kept).catch(() => undefined), 60_000)
  pruning.unref()
  return {
    catchUp,
    stop() {
      stopped = true
      unwatch()
      clearInterval(timer)
      clearInterval(pruning)
    },
  }
}
