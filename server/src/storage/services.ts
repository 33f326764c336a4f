import { type Selectable, type SqlBool, sql } from 'kysely'
import type { ServiceRecord, Store } from '../store.ts'
import { fromJson, sealedColumns, toBytes, toBytesOrNull, toJson } from './columns.ts'
import { atomically, changed, type Context, ifVersionFollows, telling } from './engine.ts'
import { newestFirst } from './page.ts'
import type { ServiceTable } from './schema.ts'
import { afterPrefix, matches, searchText } from './search.ts'

function toRecord(row: Selectable<ServiceTable>): ServiceRecord {
  return {
    id: row.id,
    workspaceId: row.workspace_id,
    linkName: row.link_name,
    name: row.name,
    description: row.description,
    stage: row.stage,
    origin: row.origin,
    catalogueId: row.catalogue_id,
    callbackId: row.callback_id,
    document: fromJson(row.document),
    secrets: toBytesOrNull(row.secrets),
    logoType: row.logo_type,
    version: row.version,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    readyAt: row.ready_at,
  }
}

/** All columns but the key. */
function toColumns(record: ServiceRecord) {
  return {
    link_name: record.linkName,
    name: record.name,
    search: searchText(record.name, record.linkName),
    description: record.description,
    stage: record.stage,
    origin: record.origin,
    catalogue_id: record.catalogueId,
    callback_id: record.callbackId,
    document: toJson(record.document),
    ...sealedColumns('secrets', record.secrets),
    logo_type: record.logoType,
    version: record.version,
    created_at: record.createdAt,
    updated_at: record.updatedAt,
    ready_at: record.readyAt,
  }
}

export function services(context: Context): Store['services'] {
  const { db } = context
  const inWorkspace = (workspaceId: string) => db.selectFrom('services').where('workspace_id', '=', workspaceId)

  return {
    async insert(record) {
      const row = { workspace_id: record.workspaceId, id: record.id, ...toColumns(record) }
      await telling(context, 'service', record.id, async (trx) => {
        await trx.insertInto('services').values(row).execute()
        return true
      })
    },

    update: (record) =>
      telling(context, 'service', record.id, (trx) =>
        ifVersionFollows(trx.updateTable('services').set(toColumns(record)), record),
      ),

    async find(workspaceId, handle) {
      const all = inWorkspace(workspaceId).selectAll()
      const row =
        (await all.where('link_name', '=', handle).executeTakeFirst()) ??
        (await all.where('id', '=', handle).executeTakeFirst())
      return row && toRecord(row)
    },

    async findByCallbackId(callbackId) {
      const row = await db.selectFrom('services').selectAll().where('callback_id', '=', callbackId).executeTakeFirst()
      return row && toRecord(row)
    },

    async list(workspaceId, { query, stage }, page) {
      let select = inWorkspace(workspaceId).selectAll()
      if (query !== undefined) select = select.where(matches(query))
      if (stage !== undefined) select = select.where(sql<SqlBool>`stage = ${stage}`)
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

    delete: (workspaceId, id) =>
      telling(context, 'service', id, async (trx) => {
        const { numDeletedRows } = await trx
          .deleteFrom('services')
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

    async logo(workspaceId, id) {
      const row = await db
        .selectFrom('service_logos')
        .select(['type', 'bytes'])
        .where('workspace_id', '=', workspaceId)
        .where('service_id', '=', id)
        .executeTakeFirst()
      return row && { type: row.type, bytes: toBytes(row.bytes) }
    },

    async setLogo(workspaceId, id, { type, bytes }, now) {
      await atomically(context, async (trx) => {
        // A version of its own: an update made from an older read must not put the old logo type back.
        const { numUpdatedRows } = await trx
          .updateTable('services')
          .set((set) => ({ logo_type: type, updated_at: now, version: set('version', '+', 1) }))
          .where('workspace_id', '=', workspaceId)
          .where('id', '=', id)
          .executeTakeFirst()
        if (numUpdatedRows === 0n) return
        await trx
          .insertInto('service_logos')
          .values({ workspace_id: workspaceId, service_id: id, type, bytes })
          .onConflict((conflict) => conflict.columns(['workspace_id', 'service_id']).doUpdateSet({ type, bytes }))
          .execute()
        await changed(trx, 'service', id)
      })
    },
  }
}
