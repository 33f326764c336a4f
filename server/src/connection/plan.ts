/** When to renew (S-25, S-26). All times in milliseconds. */

const day = 86_400_000
const longestRetryAfter = 3_600_000

/** A connection is renewed ahead of time for this long after its last use; later ones when they are next called. */
export const inUseFor = day

/** How far the clocks of servers may lie apart: what is further ahead was told by one that has been put back since. */
export const clockTolerance = 10_000

/** A token that lives shorter than this is renewed when it is next called: ahead of time would be all the time. */
export const shortestLife = 2000

/**
 * The planned moment of the next renewal: `margin` before the end, and up to a tenth of the margin earlier, so that
 * tokens issued together are not renewed together. The margin is never more than half of the life: a longer one would
 * have each token renewed as soon as it is there. `random` is in [0, 1).
 */
export function planRenewal(input: {
  now: number
  expiresAt: number | null
  refreshable: boolean
  marginSeconds: number | null
  random: number
}): number | null {
  const { now, expiresAt, refreshable, marginSeconds, random } = input
  if (!refreshable || expiresAt === null) return null
  const life = expiresAt - now
  if (life < shortestLife) return null
  const margin = Math.min(marginSeconds === null ? 300_000 : marginSeconds * 1000, life / 2)
  return Math.round(expiresAt - margin - margin * 0.1 * random)
}

/**
 * How long to wait after the n-th failure in a row: doubles from 1 s, capped at 5 min, give or take a quarter. A
 * provider's Retry-After is kept to, up to an hour, and up to a tenth longer, so that not all come back at once.
 */
export function backOff(failures: number, retryAfterSeconds: number | null, random: number): number {
  const wait = Math.min(300_000, 1000 * 2 ** Math.min(failures - 1, 12))
  const jittered = wait * (0.75 + random * 0.5)
  const asked = Math.min(longestRetryAfter, (retryAfterSeconds ?? 0) * 1000)
  return Math.round(Math.max(jittered, asked * (1 + random * 0.1)))
}
