/** Providers that fail: known to every process and node, so that together they leave them in peace. */
import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { ColumnTypes } from './0001_core.ts'

export function providerGates({ key }: ColumnTypes): Migration {
  const statements = [
    sql`create table provider_gates (
      id ${key} primary key,
      failures bigint not null,
      shut_until bigint,
      probe_until bigint,
      last_error text not null,
      version bigint not null,
      updated_at bigint not null
    )`,
    sql`create index provider_gates_old on provider_gates (updated_at)`,
  ]
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      for (const statement of statements) await statement.execute(db)
    },
  }
}
