import type { Selectable } from 'kysely'
import type { ConnectionRecord, Store } from '../store.ts'
import { fromJson, toFlag, toJson } from './columns.ts'
import { type Context, ifVersionFollows, inParts, telling } from './engine.ts'
import { newestFirst } from './page.ts'
import type { ConnectionTable } from './schema.ts'
import { afterPrefix, matches, searchText } from './search.ts'

function toRecord(row: Selectable<ConnectionTable>): ConnectionRecord {
  return {
    id: row.id,
    workspaceId: row.workspace_id,
    serviceId: row.service_id,
    linkName: row.link_name,
    name: row.name,
    authorizationLevel: row.authorization_level,
    status: row.status,
    scopes: fromJson(row.scopes),
    parameters: fromJson(row.parameters),
    enabled: row.enabled === 1,
    version: row.version,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}

/** All columns but the key. */
function toColumns(record: ConnectionRecord) {
  return {
    service_id: record.serviceId,
    link_name: record.linkName,
    name: record.name,
    search: searchText(record.name, record.linkName),
    authorization_level: record.authorizationLevel,
    status: record.status,
    shown_status: record.enabled ? record.status : 'disabled',
    scopes: toJson(record.scopes),
    parameters: toJson(record.parameters),
    enabled: toFlag(record.enabled),
    version: record.version,
    created_at: record.createdAt,
    updated_at: record.updatedAt,
  }
}

export function connections(context: Context): Store['connections'] {
  const { db } = context
  const inWorkspace = (workspaceId: string) => db.selectFrom('connections').where('workspace_id', '=', workspaceId)

  return {
    async insert(record) {
      const row = { workspace_id: record.workspaceId, id: record.id, ...toColumns(record) }
      await telling(context, 'connection', record.id, async (trx) => {
        await trx.insertInto('connections').values(row).execute()
        return true
      })
    },

    update: (record) =>
      telling(context, 'connection', record.id, (trx) =>
        ifVersionFollows(trx.updateTable('connections').set(toColumns(record)), record),
      ),

    async find(workspaceId, handle) {
      const all = inWorkspace(workspaceId).selectAll()
      const row =
        (await all.where('link_name', '=', handle).executeTakeFirst()) ??
        (await all.where('id', '=', handle).executeTakeFirst())
      return row && toRecord(row)
    },

    async list(workspaceId, { query, serviceId, status, linkNames }, page) {
      if (linkNames?.length === 0) return { items: [], nextCursor: null }
      let select = inWorkspace(workspaceId).selectAll()
      if (query !== undefined) select = select.where(matches(query))
      if (serviceId !== undefined) select = select.where('service_id', '=', serviceId)
      if (status !== undefined) select = select.where('shown_status', '=', status)
      if (linkNames !== undefined) select = select.where('link_name', 'in', linkNames)
      return newestFirst(select, page, toRecord)
    },

    async linkNames(workspaceId, name) {
      const rows = await inWorkspace(workspaceId)
        .select('link_name')
        .where('link_name', '>=', name)
        .where('link_name', '<', afterPrefix(name))
        .orderBy('link_name')
        .execute()
      return rows.map((row) => row.link_name)
    },

    async ofService(serviceId, limit) {
      const rows = await db
        .selectFrom('connections')
        .selectAll()
        .where('service_id', '=', serviceId)
        .orderBy('created_at')
        .orderBy('id')
        .limit(limit)
        .execute()
      return rows.map(toRecord)
    },

    async countByService(serviceIds) {
      const counts = new Map<string, number>()
      for (const part of inParts(serviceIds, 500)) {
        const rows = await db
          .selectFrom('connections')
          .select((select) => ['service_id', select.fn.countAll<number>().as('count')])
          .where('service_id', 'in', part)
          .groupBy('service_id')
          .execute()
        for (const row of rows) counts.set(row.service_id, row.count)
      }
      return counts
    },

    delete: (workspaceId, id) =>
      telling(context, 'connection', id, async (trx) => {
        // Its authorizations and attempts go with it, by foreign key.
        const { numDeletedRows } = await trx
          .deleteFrom('connections')
          .where('workspace_id', '=', workspaceId)
          .where('id', '=', id)
          .executeTakeFirst()
        return numDeletedRows > 0n
      }),

    async count(workspaceId) {
      const row = await inWorkspace(workspaceId)
        .select((select) => select.fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow()
      return row.count
    },
  }
}
