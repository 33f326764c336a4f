import { setImmediate } from 'node:timers/promises'
import { type Insertable, type Selectable, sql } from 'kysely'
import type { EventRecord, Store } from '../store.ts'
import { fromJsonOrNull, toFlag, toJsonOrNull } from './columns.ts'
import { atomically, type Context, type Db, inParts, relaxed } from './engine.ts'
import { earlierThan, pageOf } from './page.ts'
import type { EventTable } from './schema.ts'

const callType = 'connection.invoked'

/** Literal, not bound: the planner must see which partial index holds these rows. */
const call = sql.lit(callType)

/** Rows deleted at a time: a few milliseconds of lock, then others have their turn. */
const pruneAtOnce = 2000

/** 600 bound values a statement: few statements a batch, and one text that every full part shares. */
const appendAtOnce = 50

function toRecord(row: Selectable<EventTable>): EventRecord {
  return {
    sequence: row.sequence,
    workspaceId: row.workspace_id,
    type: row.type,
    at: row.at,
    ok: row.ok === 1,
    serviceId: row.service_id,
    connectionId: row.connection_id,
    actor: row.actor,
    user: row.for_user,
    cause: row.cause,
    detail: row.detail,
    call: fromJsonOrNull(row.call_facts),
  }
}

/** Where a row stands in a list by time. */
function placeOf({ at, sequence }: { at: number; sequence: number }): { at: number; id: string } {
  return { at, id: String(sequence) }
}

function named(linkName: string | null, name: string | null): { linkName: string; name: string } | null {
  return linkName === null || name === null ? null : { linkName, name }
}

function toRow(record: EventRecord, nowhere: 0 | undefined): Insertable<EventTable> {
  return {
    ...(nowhere !== undefined && record.type === callType ? { place: nowhere } : {}),
    workspace_id: record.workspaceId,
    type: record.type,
    at: record.at,
    ok: toFlag(record.ok),
    service_id: record.serviceId,
    connection_id: record.connectionId,
    actor: record.actor,
    for_user: record.user,
    cause: record.cause,
    detail: record.detail,
    call_facts: toJsonOrNull(record.call),
  }
}

export function events(context: Context): Store['events'] {
  const { db, engine } = context
  const place = sql.ref<number>(engine.feeds.place)

  async function pruneKind(operator: '=' | '<>', before: number): Promise<number> {
    let pruned = 0
    for (;;) {
      const { numDeletedRows } = await db
        .deleteFrom('events')
        .where('sequence', 'in', (select) =>
          select
            .selectFrom('events')
            .select('sequence')
            .where('type', operator, call)
            .where('at', '<', before)
            .orderBy('at')
            .limit(pruneAtOnce),
        )
        .executeTakeFirst()
      pruned += Number(numDeletedRows)
      if (numDeletedRows < pruneAtOnce) return pruned
      await setImmediate()
    }
  }

  return {
    async append(records) {
      if (records.length === 0) return
      const write = async (trx: Db): Promise<void> => {
        for (const part of inParts(records, appendAtOnce)) {
          await trx
            .insertInto('events')
            .values(part.map((record) => toRow(record, engine.feeds.nowhere)))
            .execute()
        }
      }
      // Calls are many and each tells little: the last second of them may be lost in a power cut, and then they cost no
      // wait for the disk. Any other event is the record of a state that changed.
      const callsOnly = records.every((record) => record.type === callType)
      await (callsOnly ? relaxed(context, write) : atomically(context, write))
    },

    async ofConnection(connectionId, page) {
      let select = db.selectFrom('events').selectAll().where('connection_id', '=', connectionId)
      if (page.cursor !== undefined) select = select.where(earlierThan(page.cursor))
      const rows = await select
        .orderBy('at', 'desc')
        .orderBy('sequence', 'desc')
        .limit(page.limit + 1)
        .execute()
      return pageOf(rows, page, toRecord, placeOf)
    },

    async newest(workspaceId, { connectionId, serviceId, types, ok, actor, from, to }, page) {
      if (types?.length === 0) return { items: [], nextCursor: null }
      let select = db
        .selectFrom('events')
        .leftJoin('connections', (join) =>
          join
            .onRef('connections.workspace_id', '=', 'events.workspace_id')
            .onRef('connections.id', '=', 'events.connection_id'),
        )
        .leftJoin('services', (join) =>
          join
            .onRef('services.workspace_id', '=', 'events.workspace_id')
            .onRef('services.id', '=', 'events.service_id'),
        )
        .selectAll('events')
        .select([
          'connections.link_name as connection_link_name',
          'connections.name as connection_name',
          'services.link_name as service_link_name',
          'services.name as service_name',
        ])
      if (connectionId !== undefined) select = select.where('events.connection_id', '=', connectionId)
      else if (serviceId !== undefined) select = select.where('events.service_id', '=', serviceId)
      // Ids are of one workspace; naming it as well would make the planner choose between two indexes.
      else select = select.where('events.workspace_id', '=', workspaceId)
      if (connectionId !== undefined && serviceId !== undefined)
        select = select.where('events.service_id', '=', serviceId)
      if (types?.length === 1) select = select.where('events.type', '=', types[0] ?? '')
      else if (types !== undefined) select = select.where('events.type', 'in', types)
      // The planner must see that a partial index holds all that is asked for.
      if (types?.includes(callType) === false) select = select.where('events.type', '<>', call)
      if (ok !== undefined) select = select.where('events.ok', '=', ok ? 1 : sql.lit(0))
      if (actor !== undefined) select = select.where('events.actor', '=', actor)
      if (from !== undefined) select = select.where('events.at', '>=', from)
      if (to !== undefined) select = select.where('events.at', '<', to)
      if (page.cursor !== undefined) select = select.where(earlierThan(page.cursor))
      const rows = await select
        .orderBy('events.at', 'desc')
        .orderBy('events.sequence', 'desc')
        .limit(page.limit + 1)
        .execute()
      return pageOf(
        rows,
        page,
        (row) => ({
          ...toRecord(row),
          connection: named(row.connection_link_name, row.connection_name),
          service: named(row.service_link_name, row.service_name),
        }),
        placeOf,
      )
    },

    async after(workspaceId, sequence, limit) {
      await engine.feeds.arrange('events')
      const rows = await db
        .selectFrom('events')
        .selectAll()
        .select(place.as('feed_place'))
        .where('workspace_id', '=', workspaceId)
        .where('type', '<>', call)
        .where(place, '>', sequence)
        // Literal, as above.
        .where(place, '>', sql.lit(0))
        .orderBy(place)
        .limit(limit)
        .execute()
      return rows.map((row) => ({ ...toRecord(row), sequence: row.feed_place }))
    },

    async prune(callsBefore, restBefore) {
      return (await pruneKind('=', callsBefore)) + (await pruneKind('<>', restBefore))
    },
  }
}
