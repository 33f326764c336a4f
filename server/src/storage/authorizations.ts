import { sql } from 'kysely'
import type { AuthorizationRecord, Store } from '../store.ts'
import { toAuthorization, toColumns } from './authorization_row.ts'
import { atomically, changed, type Context, inParts, naming } from './engine.ts'
import { created, olderThan, pageOf } from './page.ts'
import { renewals } from './renewals.ts'

export function authorizations(context: Context): Store['authorizations'] {
  const { db, engine } = context
  const all = () => db.selectFrom('authorizations').selectAll()

  return {
    ...renewals(context),

    async find(connectionId, user) {
      const row = await all().where('connection_id', '=', connectionId).where('for_user', '=', user).executeTakeFirst()
      return row && toAuthorization(row)
    },

    async findById(id) {
      const row = await all().where('id', '=', id).executeTakeFirst()
      return row && toAuthorization(row)
    },

    async list(connectionId, page) {
      let select = all().where('connection_id', '=', connectionId)
      if (page.cursor !== undefined) select = select.where(olderThan(page.cursor))
      const rows = await select
        .orderBy('created_at', 'desc')
        .orderBy('id', 'desc')
        .limit(page.limit + 1)
        .execute()
      return pageOf(rows, page, toAuthorization, created)
    },

    async ofConnection(connectionId, limit) {
      const rows = await all()
        .where('connection_id', '=', connectionId)
        .orderBy('created_at')
        .orderBy('id')
        .limit(limit)
        .execute()
      return rows.map(toAuthorization)
    },

    async sharedOf(connectionIds) {
      const found: AuthorizationRecord[] = []
      for (const part of inParts(connectionIds, 500)) {
        const rows = await all().where('connection_id', 'in', part).where('for_user', '=', '').execute()
        found.push(...rows.map(toAuthorization))
      }
      return found
    },

    async insert(record) {
      const row = {
        workspace_id: record.workspaceId,
        id: record.id,
        abandoned_fence: null,
        abandoned_at: null,
        ...toColumns(record),
      }
      await naming(engine, () =>
        atomically(db, async (trx) => {
          await trx.insertInto('authorizations').values(row).execute()
          await changed(trx, 'connection', record.connectionId)
        }),
      )
    },

    async update(record) {
      return naming(engine, () =>
        atomically(db, async (trx) => {
          const { numUpdatedRows } = await trx
            .updateTable('authorizations')
            .set(toColumns(record))
            .where('workspace_id', '=', record.workspaceId)
            .where('id', '=', record.id)
            .where('version', '=', record.version - 1)
            .executeTakeFirst()
          if (numUpdatedRows === 0n) return false
          await changed(trx, 'connection', record.connectionId)
          return true
        }),
      )
    },

    async unfinishedRevocations(limit) {
      // The literal status lets the planner prove that the partial index holds all of them.
      const rows = await all()
        .where('status', '=', sql.lit('revoked' as const))
        .where('credential', 'is not', null)
        .orderBy('updated_at')
        .limit(limit)
        .execute()
      return rows.map(toAuthorization)
    },
  }
}
