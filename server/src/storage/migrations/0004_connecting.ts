/** What an attempt asks before it goes on, and the pages on which an end user authorizes. */
import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { ColumnTypes } from './0001_core.ts'

export function connecting({ binary, key }: ColumnTypes): Migration {
  const statements = [
    sql`alter table attempts add column question text`,
    sql`alter table attempts add column held_grant ${binary}`,
    sql`alter table attempts add column connect_session_id ${key}`,

    sql`create table connect_sessions (
      workspace_id ${key} not null,
      id ${key} not null,
      token_hash ${key} not null,
      binding_hash ${key},
      for_user ${key} not null,
      user_name text,
      user_email text,
      connections text not null,
      return_to text,
      made_by text not null,
      expires_at bigint not null,
      created_at bigint not null,
      primary key (workspace_id, id)
    )`,
    sql`create unique index connect_sessions_token on connect_sessions (token_hash)`,
    sql`create index connect_sessions_ended on connect_sessions (expires_at)`,
  ]

  return {
    async up(db: Kysely<unknown>): Promise<void> {
      for (const statement of statements) await statement.execute(db)
    },
  }
}
