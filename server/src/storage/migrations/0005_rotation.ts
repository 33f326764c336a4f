/**
 * Rotation of data keys. Beside each sealed value stands the data key it is sealed with, which the database holds to
 * `data_keys`: a key in use cannot be deleted, and what is sealed with a deleted one cannot be stored. Until now each
 * workspace had one key, so that is the key of everything there is.
 */
import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { ColumnTypes } from './0001_core.ts'

const places = [
  ['services', 'secrets'],
  ['authorizations', 'credential'],
  ['attempts', 'kept'],
  ['attempts', 'held_grant'],
  ['idempotency', 'body'],
] as const

export function rotation({ key }: ColumnTypes): Migration {
  const statements = [
    sql`create unique index data_keys_id on data_keys (id)`,
    ...places.flatMap(([name, field]) => {
      const [table, value, column] = [sql.ref(name), sql.ref(field), sql.ref(`${field}_key`)]
      return [
        sql`alter table ${table} add column ${column} ${key} references data_keys (id)`,
        sql`update ${table} set ${column} =
          (select max(data_keys.id) from data_keys where data_keys.workspace_id = ${table}.workspace_id)
          where ${value} is not null`,
        sql`create index ${sql.ref(`${name}_${field}_by_key`)} on ${table} (${column}, id) where ${column} is not null`,
        // Empty, unless a process of the version before wrote beside the first one of this.
        sql`create index ${sql.ref(`${name}_${field}_unkeyed`)} on ${table} (id) where ${value} is not null and ${column} is null`,
      ]
    }),

    sql`create table jobs (
      id ${key} primary key,
      kind ${key} not null,
      state text not null,
      done bigint not null,
      total bigint not null,
      failed bigint not null,
      failures text not null,
      reached text,
      detail text not null,
      started_by text not null,
      lease_owner text,
      lease_until bigint,
      created_at bigint not null,
      updated_at bigint not null,
      finished_at bigint
    )`,
    sql`create unique index jobs_active on jobs (kind) where state in ('running', 'paused')`,
    sql`create index jobs_running on jobs (created_at, id) where state = 'running'`,
    sql`create index jobs_newest on jobs (created_at, id)`,
    sql`create index jobs_of_kind on jobs (kind, created_at, id)`,
  ]

  return {
    async up(db: Kysely<unknown>): Promise<void> {
      for (const statement of statements) await statement.execute(db)
    },
  }
}
