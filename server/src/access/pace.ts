/**
 * How often somebody may ask. A bucket that fills steadily, kept as one number a holder (the generic cell rate algorithm of
 * ITU-T I.371): asking costs one look into a map, and nothing runs in between.
 */
import { MooringError } from '../errors.ts'

/** A limit allows this many seconds' worth at once, so that a burst is no offence. */
const burstSeconds = 10

export interface Pace {
  /** Counts one. The milliseconds to wait, where it came too soon and was not counted; else 0. */
  take(holder: string): number
  /** The same without counting. */
  look(holder: string): number
  size(): number
}

/**
 * `perSecond`: 0 is no limit. `most`: holders kept; where one more comes, the one who was first seen longest ago is
 * forgotten, and may take a burst again.
 */
export function createPace(perSecond: number, now: () => number, most = 100_000): Pace {
  if (perSecond === 0) return { take: () => 0, look: () => 0, size: () => 0 }
  const step = 1000 / perSecond
  const ahead = burstSeconds * 1000 - step
  const furthest = burstSeconds * 1000
  /** When all that a holder has taken will have filled again, in milliseconds since the epoch. */
  const fullAt = new Map<string, number>()
  return {
    take(holder) {
      const at = now()
      const known = fullAt.get(holder)
      // Further ahead than anybody can get: the clock was put back since.
      const from = known === undefined || known < at || known - at > furthest ? at : known
      if (from - at > ahead) return from - at - ahead
      if (known === undefined && fullAt.size >= most) {
        const oldest = fullAt.keys().next().value
        if (oldest !== undefined) fullAt.delete(oldest)
      }
      fullAt.set(holder, from + step)
      return 0
    },
    look(holder) {
      const taken = (fullAt.get(holder) ?? 0) - now()
      return taken > furthest ? 0 : Math.max(0, taken - ahead)
    },
    size: () => fullAt.size,
  }
}

/** `wait`: of a pace, in milliseconds. Throws rate_limited where it is not 0. */
export function demandPace(wait: number, detail: string, hint: string): void {
  if (wait > 0) throw new MooringError('rate_limited', { detail, hint, retryAfterSeconds: Math.ceil(wait / 1000) })
}
