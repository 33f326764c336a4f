/** Work that outlives a process, and who is at it: one lease a job, as renewals have one an authorization. */
import { type ExpressionBuilder, type Selectable, sql } from 'kysely'
import type { JobProgress, JobRecord, Store } from '../store.ts'
import { fromJson, fromJsonOrNull, toJson, toJsonOrNull } from './columns.ts'
import { type Context, naming } from './engine.ts'
import { newestFirst } from './page.ts'
import type { JobTable, Schema } from './schema.ts'

function toRecord(row: Selectable<JobTable>): JobRecord {
  return {
    id: row.id,
    kind: row.kind,
    state: row.state,
    done: row.done,
    total: row.total,
    failed: row.failed,
    failures: fromJson(row.failures),
    cursor: fromJsonOrNull(row.reached),
    detail: row.detail,
    startedBy: row.started_by,
    leaseOwner: row.lease_owner,
    leaseUntil: row.lease_until,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    finishedAt: row.finished_at,
  }
}

/** kysely leaves out columns that are undefined. */
function progressColumns({ done, total, failed, failures, cursor }: JobProgress) {
  return {
    done,
    total,
    failed,
    failures: failures && toJson(failures),
    reached: cursor === undefined ? undefined : toJsonOrNull(cursor),
  }
}

/** Literal, not bound: the planner must see that the partial indexes hold these rows. */
const running = sql.lit('running' as const)
const paused = sql.lit('paused' as const)

const free = { lease_owner: null, lease_until: null } as const

export function jobs({ db, engine }: Context): Store['jobs'] {
  const all = () => db.selectFrom('jobs').selectAll()
  const held = (id: string, owner: string) => (where: ExpressionBuilder<Schema, 'jobs'>) =>
    where.and([where('id', '=', id), where('lease_owner', '=', owner), where('state', '=', running)])

  return {
    async insert(record) {
      const row = {
        id: record.id,
        kind: record.kind,
        state: record.state,
        done: record.done,
        total: record.total,
        failed: record.failed,
        failures: toJson(record.failures),
        reached: toJsonOrNull(record.cursor),
        detail: record.detail,
        started_by: record.startedBy,
        lease_owner: record.leaseOwner,
        lease_until: record.leaseUntil,
        created_at: record.createdAt,
        updated_at: record.updatedAt,
        finished_at: record.finishedAt,
      }
      await naming(engine, () => db.insertInto('jobs').values(row).execute())
    },

    async find(id) {
      const row = await all().where('id', '=', id).executeTakeFirst()
      return row && toRecord(row)
    },

    list: (page) => newestFirst(all(), page, toRecord),

    async newest(kind) {
      const row = await all()
        .where('kind', '=', kind)
        .orderBy('created_at', 'desc')
        .orderBy('id', 'desc')
        .limit(1)
        .executeTakeFirst()
      return row && toRecord(row)
    },

    async active(kind) {
      const row = await all().where('kind', '=', kind).where('state', 'in', [running, paused]).executeTakeFirst()
      return row && toRecord(row)
    },

    async running() {
      const rows = await all().where('state', '=', running).orderBy('created_at').orderBy('id').execute()
      return rows.map(toRecord)
    },

    async lease(id, { owner, now, until }) {
      const row = await db
        .updateTable('jobs')
        .set({ lease_owner: owner, lease_until: until })
        .where('id', '=', id)
        .where('state', '=', running)
        .where((where) => where.or([where('lease_owner', 'is', null), where('lease_until', '<', now)]))
        .returningAll()
        .executeTakeFirst()
      return row && toRecord(row)
    },

    async breakLease(id, owner) {
      const { numUpdatedRows } = await db
        .updateTable('jobs')
        .set(free)
        .where('id', '=', id)
        .where('lease_owner', '=', owner)
        .executeTakeFirst()
      return numUpdatedRows > 0n
    },

    async progress(id, owner, made, { now, until }) {
      const { numUpdatedRows } = await db
        .updateTable('jobs')
        .set({ ...progressColumns(made), updated_at: now, lease_until: until })
        .where(held(id, owner))
        .executeTakeFirst()
      return numUpdatedRows > 0n
    },

    async finish(id, owner, { state, detail, ...made }, now) {
      const { numUpdatedRows } = await db
        .updateTable('jobs')
        .set({ ...progressColumns(made), ...free, state, detail, updated_at: now, finished_at: now })
        .where(held(id, owner))
        .executeTakeFirst()
      return numUpdatedRows > 0n
    },

    async pause(id, now) {
      const row = await db
        .updateTable('jobs')
        .set({ ...free, state: 'paused', updated_at: now })
        .where('id', '=', id)
        .where('state', '=', running)
        .returningAll()
        .executeTakeFirst()
      return row && toRecord(row)
    },

    async resume(id, now) {
      const failed = sql.lit('failed' as const)
      const row = await naming(engine, () =>
        db
          .updateTable('jobs')
          .set((set) => ({
            state: 'running',
            // Where it failed it is all looked at again: what did not open may have been replaced.
            failed: set.case().when('state', '=', failed).then(0).else(set.ref('failed')).end(),
            failures: set
              .case()
              .when('state', '=', failed)
              .then(toJson<JobRecord['failures']>([]))
              .else(set.ref('failures'))
              .end(),
            reached: set.case().when('state', '=', failed).then(null).else(set.ref('reached')).end(),
            detail: '',
            finished_at: null,
            updated_at: now,
          }))
          .where('id', '=', id)
          .where('state', 'in', [paused, failed])
          .returningAll()
          .executeTakeFirst(),
      )
      return row && toRecord(row)
    },
  }
}
