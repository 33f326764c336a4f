import type { CallCount, Store } from '../store.ts'
import { type Context, inOrder, inParts, relaxed } from './engine.ts'

/** 350 bound values a statement. */
const addAtOnce = 50

export function callCounts(context: Context): Store['callCounts'] {
  const { db } = context
  return {
    async add(counts) {
      if (counts.length === 0) return
      // A lost second of counts does no harm; a wait for the disk with every batch would.
      await relaxed(context, async (trx) => {
        const keyed = inOrder(
          counts.map((count) => ({ ...count, id: `${count.connectionId}\n${count.day}\n${count.actor}` })),
        )
        for (const part of inParts(keyed, addAtOnce)) {
          await trx
            .insertInto('call_counts')
            .values(
              part.map((count) => ({
                connection_id: count.connectionId,
                actor: count.actor,
                day: count.day,
                name: count.name,
                calls: count.calls,
                failed: count.failed,
                last_used_at: count.lastUsedAt,
              })),
            )
            .onConflict((conflict) =>
              conflict.columns(['connection_id', 'day', 'actor']).doUpdateSet((set) => ({
                name: set.ref('excluded.name'),
                calls: set('call_counts.calls', '+', set.ref('excluded.calls')),
                failed: set('call_counts.failed', '+', set.ref('excluded.failed')),
                last_used_at: set
                  .case()
                  .when('call_counts.last_used_at', '>', set.ref('excluded.last_used_at'))
                  .then(set.ref('call_counts.last_used_at'))
                  .else(set.ref('excluded.last_used_at'))
                  .end(),
              })),
            )
            .execute()
        }
      })
    },

    async of(connectionId, fromDay) {
      const rows = await db
        .selectFrom('call_counts')
        .selectAll()
        .where('connection_id', '=', connectionId)
        .where('day', '>=', fromDay)
        .orderBy('day')
        .execute()
      const callers = new Map<string, CallCount>()
      for (const { actor, name, day, calls, failed, last_used_at: lastUsedAt } of rows) {
        const before = callers.get(actor)
        callers.set(actor, {
          connectionId,
          actor,
          name,
          day,
          calls: calls + (before?.calls ?? 0),
          failed: failed + (before?.failed ?? 0),
          lastUsedAt: Math.max(lastUsedAt, before?.lastUsedAt ?? 0),
        })
      }
      return [...callers.values()].toSorted((one, other) => other.lastUsedAt - one.lastUsedAt)
    },

    async prune(before) {
      const { numDeletedRows } = await db.deleteFrom('call_counts').where('day', '<', before).executeTakeFirst()
      return Number(numDeletedRows)
    },
  }
}
