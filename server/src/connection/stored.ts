/** Writing down what cannot be had again, where the store is out of reach at the moment (S-23). */
import { setTimeout as wait } from 'node:timers/promises'
import { MooringError } from '../errors.ts'

/** How long a person or a caller waits for the store to return, in milliseconds. */
const patience = 20_000

/** Tries again until it is stored. Throws on what is no fault of the store's, and when the time is over. */
export async function whenStored<T>(work: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + patience
  for (let pause = 50; ; pause = Math.min(2 * pause, 1000)) {
    try {
      return await work()
    } catch (error) {
      if (error instanceof MooringError || performance.now() > deadline) throw error
    }
    await wait(pause)
  }
}
