import { type SqlBool, sql } from 'kysely'
import { type DataKeyRecord, sealedPlaces, type Store } from '../store.ts'
import { toBytes } from './columns.ts'
import { atomically, changed, type Context, naming } from './engine.ts'
import type { DataKeyTable } from './schema.ts'

export function toDataKey(row: DataKeyTable): DataKeyRecord {
  return {
    id: row.id,
    workspaceId: row.workspace_id,
    rootKeyId: row.root_key_id,
    wrapped: toBytes(row.wrapped),
    createdAt: row.created_at,
  }
}

export function dataKeys(context: Context): Store['dataKeys'] {
  const { db, engine } = context
  return {
    async list() {
      const rows = await db.selectFrom('data_keys').selectAll().orderBy('created_at').orderBy('id').execute()
      return rows.map(toDataKey)
    },

    async insert(record) {
      const row = {
        workspace_id: record.workspaceId,
        id: record.id,
        root_key_id: record.rootKeyId,
        wrapped: record.wrapped,
        created_at: record.createdAt,
      }
      await naming(engine, () =>
        atomically(context, async (trx) => {
          await trx.insertInto('data_keys').values(row).execute()
          await changed(trx, 'data_key', record.workspaceId)
        }),
      )
    },

    async rewrap(record, from) {
      const { numUpdatedRows } = await db
        .updateTable('data_keys')
        .set({ root_key_id: record.rootKeyId, wrapped: record.wrapped })
        .where('id', '=', record.id)
        .where('root_key_id', '=', from)
        .executeTakeFirst()
      return numUpdatedRows > 0n
    },

    async deleteUnused(id) {
      const unused = sealedPlaces.map(
        ({ table, field }) =>
          sql<SqlBool>`not exists (select 1 from ${sql.table(table)} where ${sql.ref(`${field}_key`)} = ${id})`,
      )
      try {
        const { numDeletedRows } = await db
          .deleteFrom('data_keys')
          .where('id', '=', id)
          .where((where) => where.and(unused))
          .executeTakeFirst()
        return numDeletedRows > 0n
      } catch (error) {
        // Sealed with since it was looked for.
        if (engine.isReferenced(error)) return false
        throw error
      }
    },
  }
}
