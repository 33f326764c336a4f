import type { Insertable, Selectable } from 'kysely'
import { gather, type Written } from '../gather.ts'
import { auditGenesis, type AuditRecord, type EventRecord, type Store } from '../store.ts'
import { atomically, type Context, inParts } from './engine.ts'
import { events as eventsOf } from './events.ts'
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

/** Twelve values each: one statement, below what engines bind. */
const appendAtOnce = 50

interface Appending {
  entry: Parameters<Store['auditLog']['append']>[1]
  events: (() => EventRecord[]) | undefined
}

function toRow(record: AuditRecord): Insertable<AuditTable> {
  return {
    workspace_id: record.workspaceId,
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
  }
}

export function auditLog(context: Context): Store['auditLog'] {
  const { db, engine } = context

  const appendAll = (workspaceId: string, entries: Appending[]): Promise<Written<AuditRecord>[]> =>
    atomically(context, async (trx) => {
      // Writing takes the lock of the row, so that whoever comes next reads the hash that is written below.
      let head = await trx
        .insertInto('audit_heads')
        .values({ workspace_id: workspaceId, sequence: 0, hash: auditGenesis })
        .onConflict((conflict) =>
          conflict.column('workspace_id').doUpdateSet((set) => ({ sequence: set.ref('audit_heads.sequence') })),
        )
        .returning(['sequence', 'hash'])
        .executeTakeFirstOrThrow()
      const records: AuditRecord[] = []
      const along: EventRecord[] = []
      const written = entries.map(({ entry, events }): Written<AuditRecord> => {
        try {
          const place = { sequence: head.sequence + 1, previous: head.hash }
          const record = { ...entry(place), workspaceId }
          along.push(...(events?.() ?? []))
          records.push(record)
          head = { sequence: place.sequence, hash: record.hash }
          return { ok: true, result: record }
        } catch (error) {
          return { ok: false, error }
        }
      })
      for (const part of inParts(records, appendAtOnce))
        await trx.insertInto('audit_log').values(part.map(toRow)).execute()
      await eventsOf({ db: trx, engine }).append(along)
      await trx.updateTable('audit_heads').set(head).where('workspace_id', '=', workspaceId).execute()
      return written
    })

  /** By workspace: each has a head of its own. */
  const gathered = new Map<string, (appending: Appending) => Promise<AuditRecord>>()

  return {
    append(workspaceId, entry, events) {
      let add = gathered.get(workspaceId)
      if (add === undefined) gathered.set(workspaceId, (add = gather((entries) => appendAll(workspaceId, entries))))
      return add({ entry, events })
    },

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
