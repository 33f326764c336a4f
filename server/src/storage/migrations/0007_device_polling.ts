/** When a provider is asked next whether a person has agreed on another device. */
import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

export function devicePolling(): Migration {
  const statements = [
    sql`alter table attempts add column poll_at bigint`,
    sql`create index attempts_poll on attempts (poll_at) where poll_at is not null`,
  ]
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      for (const statement of statements) await statement.execute(db)
    },
  }
}
