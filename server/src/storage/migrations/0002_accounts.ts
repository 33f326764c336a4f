/** People, their sessions, one-time links, and how often somebody tried to sign in; who made and who replaced a key. */
import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { ColumnTypes } from './0001_core.ts'

export function accounts({ key }: ColumnTypes): Migration {
  const tables = [
    sql`create table users (
      workspace_id ${key} not null,
      id ${key} not null,
      name text not null,
      email text not null,
      email_folded ${key} not null,
      role text not null,
      active integer not null,
      password_hash text,
      identity_key ${key},
      last_seen_at bigint,
      version bigint not null,
      created_at bigint not null,
      primary key (workspace_id, id)
    )`,
    sql`create unique index users_id on users (id)`,
    sql`create unique index users_email on users (workspace_id, email_folded)`,
    sql`create unique index users_identity on users (workspace_id, identity_key) where identity_key is not null`,
    sql`create index users_newest on users (workspace_id, created_at, id)`,
    sql`create index users_by_role on users (workspace_id, role, active)`,

    sql`create table sessions (
      workspace_id ${key} not null,
      id ${key} not null,
      user_id ${key} not null,
      token_hash ${key} not null,
      user_agent text not null,
      address text not null,
      last_seen_at bigint not null,
      expires_at bigint not null,
      created_at bigint not null,
      primary key (workspace_id, id),
      foreign key (workspace_id, user_id) references users (workspace_id, id) on delete cascade
    )`,
    sql`create unique index sessions_id on sessions (id)`,
    sql`create unique index sessions_token on sessions (token_hash)`,
    sql`create index sessions_of_user on sessions (workspace_id, user_id, created_at, id)`,
    sql`create index sessions_ended on sessions (expires_at)`,
    sql`create index sessions_idle on sessions (last_seen_at)`,

    sql`create table one_time_links (
      workspace_id ${key} not null,
      id ${key} not null,
      kind text not null,
      token_hash ${key} not null,
      user_id ${key},
      email text,
      email_folded ${key},
      name text,
      role text,
      made_by text,
      expires_at bigint not null,
      created_at bigint not null,
      primary key (workspace_id, id),
      foreign key (workspace_id, user_id) references users (workspace_id, id) on delete cascade
    )`,
    sql`create unique index one_time_links_token on one_time_links (token_hash)`,
    sql`create index one_time_links_newest on one_time_links (workspace_id, kind, created_at, id)`,
    sql`create index one_time_links_email on one_time_links (workspace_id, kind, email_folded, created_at, id)`,
    sql`create index one_time_links_of_user on one_time_links (workspace_id, user_id)`,
    sql`create index one_time_links_ended on one_time_links (expires_at)`,

    sql`create table sign_in_tries (
      id ${key} primary key,
      failures bigint not null,
      at bigint not null
    )`,
    sql`create index sign_in_tries_old on sign_in_tries (at)`,

    sql`alter table api_keys add column created_by text`,
    sql`alter table api_keys add column replaced_by ${key}`,
    sql`alter table attempts add column begun_by ${key}`,
  ]

  return {
    async up(db: Kysely<unknown>): Promise<void> {
      for (const statement of tables) await statement.execute(db)
    },
  }
}
