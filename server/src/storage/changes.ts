import type { Store } from '../store.ts'
import { atomically, type Context, type Db } from './engine.ts'

async function prunedTo(db: Db): Promise<number> {
  const row = await db.selectFrom('change_horizon').select('pruned_to').executeTakeFirstOrThrow()
  return row.pruned_to
}

export function changes({ db }: Context): Store['changes'] {
  return {
    async latest() {
      const row = await db
        .selectFrom('changes')
        .select('sequence')
        .orderBy('sequence', 'desc')
        .limit(1)
        .executeTakeFirst()
      return row?.sequence ?? prunedTo(db)
    },

    async since(sequence, limit) {
      const rows = await db
        .selectFrom('changes')
        .selectAll()
        .where('sequence', '>', sequence)
        .orderBy('sequence')
        .limit(limit)
        .execute()
      // Asked after the rows were read: pruning between the two is noticed.
      if ((await prunedTo(db)) > sequence) return undefined
      return rows.map((row) => ({ sequence: row.sequence, kind: row.kind, objectId: row.object_id }))
    },

    async prune(keep) {
      await atomically(db, async (trx) => {
        const last = await trx
          .selectFrom('changes')
          .select('sequence')
          .orderBy('sequence', 'desc')
          .offset(keep)
          .limit(1)
          .executeTakeFirst()
        if (!last) return
        await trx.deleteFrom('changes').where('sequence', '<=', last.sequence).execute()
        await trx.updateTable('change_horizon').set({ pruned_to: last.sequence }).execute()
      })
    },
  }
}
