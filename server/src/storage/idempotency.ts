import type { Store } from '../store.ts'
import { sealedColumns, toBytesOrNull } from './columns.ts'
import type { Context } from './engine.ts'

export function idempotency({ db }: Context): Store['idempotency'] {
  return {
    async claim(record) {
      const row = {
        id: record.id,
        workspace_id: record.workspaceId,
        request_hash: record.requestHash,
        status: record.status,
        ...sealedColumns('body', record.body),
        created_at: record.createdAt,
      }
      for (;;) {
        const claimed = await db
          .insertInto('idempotency')
          .values(row)
          .onConflict((conflict) => conflict.column('id').doNothing())
          .returning('id')
          .executeTakeFirst()
        if (claimed) return undefined
        const held = await db.selectFrom('idempotency').selectAll().where('id', '=', record.id).executeTakeFirst()
        // Released between the two statements: it can be claimed now.
        if (!held) continue
        return {
          id: held.id,
          workspaceId: held.workspace_id,
          requestHash: held.request_hash,
          status: held.status,
          body: toBytesOrNull(held.body),
          createdAt: held.created_at,
        }
      }
    },

    async finish(id, status, body) {
      await db
        .updateTable('idempotency')
        .set({ status, ...sealedColumns('body', body) })
        .where('id', '=', id)
        .execute()
    },

    async release(id) {
      // A reply that was stored stays.
      await db.deleteFrom('idempotency').where('id', '=', id).where('status', '=', 0).execute()
    },

    async prune(before) {
      const { numDeletedRows } = await db.deleteFrom('idempotency').where('created_at', '<', before).executeTakeFirst()
      return Number(numDeletedRows)
    },
  }
}
