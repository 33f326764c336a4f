import type { Selectable } from 'kysely'
import type { ApiKeyRecord, Store } from '../store.ts'
import { fromJsonOrNull, toJsonOrNull } from './columns.ts'
import { type Context, inOrder, relaxed, telling } from './engine.ts'
import { newestFirst } from './page.ts'
import type { ApiKeyTable } from './schema.ts'

function toRecord(row: Selectable<ApiKeyTable>): ApiKeyRecord {
  return {
    id: row.id,
    workspaceId: row.workspace_id,
    name: row.name,
    role: row.role,
    prefix: row.prefix,
    hash: row.hash,
    connections: fromJsonOrNull(row.connections),
    createdBy: row.created_by,
    replacedBy: row.replaced_by,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
    createdAt: row.created_at,
  }
}

export function apiKeys(context: Context): Store['apiKeys'] {
  const { db } = context
  const inWorkspace = (workspaceId: string) => db.selectFrom('api_keys').where('workspace_id', '=', workspaceId)

  return {
    async insert(record) {
      const row = {
        workspace_id: record.workspaceId,
        id: record.id,
        name: record.name,
        role: record.role,
        prefix: record.prefix,
        hash: record.hash,
        connections: toJsonOrNull(record.connections),
        created_by: record.createdBy,
        replaced_by: record.replacedBy,
        expires_at: record.expiresAt,
        last_used_at: record.lastUsedAt,
        created_at: record.createdAt,
      }
      await telling(context, 'api_key', record.id, async (trx) => {
        await trx.insertInto('api_keys').values(row).execute()
        return true
      })
    },

    async findByHash(hash) {
      const row = await db.selectFrom('api_keys').selectAll().where('hash', '=', hash).executeTakeFirst()
      return row && toRecord(row)
    },

    async find(workspaceId, id) {
      const row = await inWorkspace(workspaceId).selectAll().where('id', '=', id).executeTakeFirst()
      return row && toRecord(row)
    },

    async list(workspaceId, page) {
      return newestFirst(inWorkspace(workspaceId).selectAll(), page, toRecord)
    },

    replace: (workspaceId, id, { by, expiresAt }) =>
      telling(context, 'api_key', id, async (trx) => {
        const { numUpdatedRows } = await trx
          .updateTable('api_keys')
          .set({ replaced_by: by, expires_at: expiresAt })
          .where('workspace_id', '=', workspaceId)
          .where('id', '=', id)
          .where('replaced_by', 'is', null)
          .executeTakeFirst()
        return numUpdatedRows > 0n
      }),

    delete: (workspaceId, id) =>
      telling(context, 'api_key', id, async (trx) => {
        const { numDeletedRows } = await trx
          .deleteFrom('api_keys')
          .where('workspace_id', '=', workspaceId)
          .where('id', '=', id)
          .executeTakeFirst()
        return numDeletedRows > 0n
      }),

    async touch(uses) {
      if (uses.length === 0) return
      // A lost second of "last used" does no harm; a write to disk for every batch of uses would.
      await relaxed(context, async (trx) => {
        for (const { id, usedAt } of inOrder(uses)) {
          await trx
            .updateTable('api_keys')
            .set({ last_used_at: usedAt })
            .where('id', '=', id)
            .where((where) => where.or([where('last_used_at', 'is', null), where('last_used_at', '<', usedAt)]))
            .execute()
        }
      })
    },

    async count(workspaceId) {
      const row = await inWorkspace(workspaceId)
        .select((select) => select.fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow()
      return row.count
    },
  }
}
