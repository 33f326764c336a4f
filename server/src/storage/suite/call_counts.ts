import { describe, expect, test } from 'vitest'
import type { CallCount, Store } from '../../store.ts'
import { day, now } from './fixtures.ts'

function count(fields: Partial<CallCount> = {}): CallCount {
  return { connectionId: 'c1', actor: 'api_key:a', name: 'A', day, calls: 1, failed: 0, lastUsedAt: now, ...fields }
}

export function callCountSuite(use: () => Store): void {
  describe('counts of calls', () => {
    test('add up by connection and caller over the days asked for, whoever called last first', async () => {
      const { callCounts } = use()
      await callCounts.add([count({ calls: 5, failed: 2 }), count({ actor: 'user:b', name: 'B', lastUsedAt: now + 5 })])
      await callCounts.add([count({ calls: 2, name: 'A anew', lastUsedAt: now + 1 }), count({ connectionId: 'c2' })])
      await callCounts.add([count({ day: 2 * day, name: 'A today', calls: 10, failed: 1, lastUsedAt: now + 9 })])
      await callCounts.add([count({ day: 0, calls: 100 })])
      await callCounts.add([])
      expect(await callCounts.of('c1', day)).toEqual([
        count({ day: 2 * day, name: 'A today', calls: 17, failed: 3, lastUsedAt: now + 9 }),
        count({ actor: 'user:b', name: 'B', lastUsedAt: now + 5 }),
      ])
      expect(await callCounts.of('c3', day)).toEqual([])
    })

    test('keep the later use where batches come out of order, and more of them than one statement takes', async () => {
      const { callCounts } = use()
      const many = (lastUsedAt: number) =>
        Array.from({ length: 120 }, (_, n) => count({ actor: `user:${n}`, lastUsedAt }))
      await callCounts.add(many(now + 5))
      await callCounts.add(many(now))
      const kept = await callCounts.of('c1', day)
      expect(kept).toHaveLength(120)
      expect(kept.every((one) => one.calls === 2 && one.lastUsedAt === now + 5)).toBe(true)
    })

    test('are pruned by day', async () => {
      const { callCounts } = use()
      await callCounts.add([count(), count({ day: 2 * day }), count({ day: 3 * day })])
      expect(await callCounts.prune(2 * day)).toBe(1)
      expect(await callCounts.of('c1', 0)).toMatchObject([{ calls: 2 }])
    })
  })
}
