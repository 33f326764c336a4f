import { sql } from 'kysely'
import type { Store } from '../store.ts'
import { atomically, type Context, type Db } from './engine.ts'

export function changes(context: Context): Store['changes'] {
  const { db, engine } = context
  const place = sql.ref<number>(engine.feeds.place)
  /** Those with a place, the newest first. */
  const newest = (from: Db) =>
    from
      .selectFrom('changes')
      .select(place.as('sequence'))
      .where(place, '>', sql.lit(0))
      .orderBy(place, 'desc')
      .limit(1)

  /** From where to where the feed goes. */
  const bounds = async (): Promise<{ prunedTo: number; latest: number }> => {
    const row = await db
      .selectFrom('change_horizon')
      .select(['pruned_to', newest(db).as('newest')])
      .executeTakeFirstOrThrow()
    return { prunedTo: row.pruned_to, latest: row.newest ?? row.pruned_to }
  }

  return {
    async latest() {
      await engine.feeds.arrange('changes')
      return (await bounds()).latest
    },

    async since(sequence, limit) {
      await engine.feeds.arrange('changes')
      const rows = await db
        .selectFrom('changes')
        .select([place.as('sequence'), 'kind', 'object_id'])
        .where(place, '>', sequence)
        // Literal: the planner must see that the index holds these rows.
        .where(place, '>', sql.lit(0))
        .orderBy(place)
        .limit(limit)
        .execute()
      // Asked after the rows were read: pruning between the two is noticed.
      const { prunedTo, latest } = await bounds()
      if (prunedTo > sequence || latest < sequence) return undefined
      return rows.map((row) => ({ sequence: row.sequence, kind: row.kind, objectId: row.object_id }))
    },

    watch: (wake) => engine.feeds.watch(wake),

    async prune(keep) {
      await engine.feeds.arrange('changes')
      await atomically(context, async (trx) => {
        const last = await newest(trx).offset(keep).executeTakeFirst()
        if (!last) return
        await trx.deleteFrom('changes').where(place, '<=', last.sequence).execute()
        await trx.updateTable('change_horizon').set({ pruned_to: last.sequence }).execute()
      })
    },
  }
}
