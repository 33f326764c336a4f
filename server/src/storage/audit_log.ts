import type { Selectable } from 'kysely'
import { auditGenesis, type AuditRecord, type Store } from '../store.ts'
import { atomically, type Context } from './engine.ts'
import { pageOf, sequenceOf } from './page.ts'
import type { AuditTable } from './schema.ts'

function toRecord(row: Selectable<AuditTable>): AuditRecord {
  return {
    workspaceId: row.workspace_id,
    sequence: row.sequence,
    at: row.at,
    actor: row.actor,
    actorName: row.actor_name,
    action: row.action,
    object: row.object,
    address: row.address,
    outcome: row.outcome,
    detail: row.detail,
    previous: row.previous,
    hash: row.hash,
  }
}

export function auditLog(context: Context): Store['auditLog'] {
  const { db } = context
  return {
    append: (workspaceId, entry) =>
      atomically(context, async (trx) => {
        await trx
          .insertInto('audit_heads')
          .values({ workspace_id: workspaceId, sequence: 0, hash: auditGenesis })
          .onConflict((conflict) => conflict.column('workspace_id').doNothing())
          .execute()
        // Counting up takes the lock of the row, so that whoever comes next reads the hash that is written below.
        const head = await trx
          .updateTable('audit_heads')
          .set((set) => ({ sequence: set('sequence', '+', 1) }))
          .where('workspace_id', '=', workspaceId)
          .returningAll()
          .executeTakeFirstOrThrow()
        const record = { ...entry({ sequence: head.sequence, previous: head.hash }), workspaceId }
        await trx
          .insertInto('audit_log')
          .values({
            workspace_id: workspaceId,
            sequence: record.sequence,
            at: record.at,
            actor: record.actor,
            actor_name: record.actorName,
            action: record.action,
            object: record.object,
            address: record.address,
            outcome: record.outcome,
            detail: record.detail,
            previous: record.previous,
            hash: record.hash,
          })
          .execute()
        await trx
          .updateTable('audit_heads')
          .set({ hash: record.hash })
          .where('workspace_id', '=', workspaceId)
          .execute()
        return record
      }),

    async head(workspaceId) {
      const row = await db
        .selectFrom('audit_heads')
        .select(['sequence', 'hash'])
        .where('workspace_id', '=', workspaceId)
        .executeTakeFirst()
      return row ?? { sequence: 0, hash: auditGenesis }
    },

    async list(workspaceId, { after, actor, action, object }, page) {
      let select = db.selectFrom('audit_log').selectAll().where('workspace_id', '=', workspaceId)
      if (actor !== undefined) select = select.where('actor', '=', actor)
      if (action !== undefined) select = select.where('action', '=', action)
      if (object !== undefined) select = select.where('object', '=', object)
      const ended = page.cursor === undefined ? undefined : sequenceOf(page.cursor)
      if (after !== undefined) select = select.where('sequence', '>', ended ?? after)
      else if (ended !== undefined) select = select.where('sequence', '<', ended)
      const rows = await select
        .orderBy('sequence', after === undefined ? 'desc' : 'asc')
        .limit(page.limit + 1)
        .execute()
      return pageOf(rows, page, toRecord, (row) => ({ at: row.sequence, id: '' }))
    },
  }
}
