/** Who called through a connection lately. */
import type { Usage } from '@mooring/contract'
import type { Store } from '../store.ts'

const day = 86_400_000
/** Whole days before today. */
const lately = 7 * day

/** The first millisecond of a moment's day, UTC. */
export function dayOf(at: number): number {
  return at - (at % day)
}

/** Counts of earlier days are never asked for. */
export function oldestUsage(now: number): number {
  return dayOf(now - lately)
}

/** The callers of a connection since the start of the day a week ago, whoever called last first. */
export async function usageOf(store: Store, connectionId: string, now: number): Promise<Usage> {
  const since = oldestUsage(now)
  const counts = await store.callCounts.of(connectionId, since)
  return {
    since: new Date(since).toISOString(),
    callers: counts.map(({ actor, name, calls, failed, lastUsedAt }) => ({
      actor,
      name,
      calls,
      failed,
      lastUsedAt: new Date(lastUsedAt).toISOString(),
    })),
  }
}
