/**
 * Turns for transactions that got in each other's way. PostgreSQL undoes one of two that conflict, and pages make
 * neighbours of rows that have nothing to do with each other: many that try again at once would undo each other for long.
 * So they go one by one, in the order of asking, and whoever comes while they do so joins behind them.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { StoreAwayError } from '../store.ts'

export interface Turns {
  /** Whether anybody is at it. */
  taken(): boolean
  /** Throws StoreAwayError where the turn does not come within `patience` milliseconds. */
  take<T>(work: () => Promise<T>, patience: number): Promise<T>
}

export function createTurns(): Turns {
  let inLine = 0
  let last: Promise<unknown> = Promise.resolve()
  return {
    taken: () => inLine > 0,
    async take(work, patience) {
      const before = last
      const { promise: over, resolve: end } = Promise.withResolvers<void>()
      last = over
      inLine++
      try {
        await within(before, patience)
        return await work()
      } finally {
        inLine--
        // Also where it was not waited for.
        void before.then(() => end())
      }
    },
  }
}

async function within(promise: Promise<unknown>, patience: number): Promise<void> {
  const come = new AbortController()
  const late = delay(patience, undefined, { signal: come.signal }).then(() => {
    throw new StoreAwayError('too many write at once')
  })
  try {
    await Promise.race([promise, late])
  } finally {
    come.abort()
    late.catch(() => undefined)
  }
}
