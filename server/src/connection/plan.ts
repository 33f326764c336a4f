/** When to renew (S-25, S-26). All times in milliseconds. */

const day = 86_400_000

/** A connection is renewed ahead of time for this long after its last use; later ones when they are next called. */
export const inUseFor = day

/**
 * The planned moment of the next renewal: `margin` before the end, and up to a tenth of the margin earlier, so that
 * tokens issued together are not renewed together. `random` is in [0, 1).
 */
export function planRenewal(input: { now: number; expiresAt: number | null; refreshable: boolean; marginSeconds: number | null; random: number }): number | null {
  const { now, expiresAt, refreshable, marginSeconds, random } = input
  if (!refreshable || expiresAt === null) return null
  const life = Math.max(0, expiresAt - now)
  const margin = marginSeconds === null ? Math.min(300_000, life / 2) : Math.min(marginSeconds * 1000, life)
  return Math.round(expiresAt - margin - margin * 0.1 * random)
}

/** How long to wait after the n-th failure in a row: doubles from 1 s, capped at 5 min, give or take a quarter. */
export function backOff(failures: number, retryAfterSeconds: number | null, random: number): number {
  const wait = Math.min(300_000, 1000 * 2 ** Math.min(failures - 1, 12))
  const jittered = wait * (0.75 + random * 0.5)
  return Math.round(Math.max(jittered, (retryAfterSeconds ?? 0) * 1000))
}
