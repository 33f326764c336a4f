import { sql } from 'kysely'
import type { AuthorizationRecord, Store } from '../store.ts'
import { toAuthorization, toColumns } from './authorization_row.ts'
import { type Context, ifVersionFollows, inParts, telling } from './engine.ts'
import { newestFirst } from './page.ts'
import { renewals } from './renewals.ts'

export function authorizations(context: Context): Store['authorizations'] {
  const { db } = context
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
      return newestFirst(all().where('connection_id', '=', connectionId), page, toAuthorization)
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
      await telling(context, 'connection', record.connectionId, async (trx) => {
        await trx.insertInto('authorizations').values(row).execute()
        return true
      })
    },

    update: (record) =>
      telling(context, 'connection', record.connectionId, (trx) =>
        ifVersionFollows(trx.updateTable('authorizations').set(toColumns(record)), record),
      ),

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
