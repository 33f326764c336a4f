/** How many calls may be under way at once: one slow API must not take everything. Counted in each process. */
import { MooringError } from '../errors.ts'

export interface Slots {
  /** Throws rate_limited where all are taken. Whoever enters leaves. */
  enter(connectionId: string): void
  leave(connectionId: string): void
  taken(): number
}

/** `perConnection`: 0 is no limit. Holds nothing of a connection that is not being called. */
export function createSlots(perConnection: number): Slots {
  const calls = new Map<string, number>()
  let taken = 0
  return {
    enter(connectionId) {
      const count = calls.get(connectionId) ?? 0
      if (perConnection > 0 && count >= perConnection) {
        throw new MooringError('rate_limited', {
          detail: `This connection has ${perConnection} calls under way, which is as many as it may.`,
          hint: 'Wait for some to end. MOORING_CALLS_PER_CONNECTION allows more.',
          retryAfterSeconds: 1,
        })
      }
      calls.set(connectionId, count + 1)
      taken++
    },
    leave(connectionId) {
      const count = calls.get(connectionId) ?? 0
      if (count > 1) calls.set(connectionId, count - 1)
      else calls.delete(connectionId)
      taken--
    },
    taken: () => taken,
  }
}
