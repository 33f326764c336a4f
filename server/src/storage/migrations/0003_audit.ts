/**
 * The audit log, counts of calls by caller, when a credential was last accepted, and activity of the whole workspace in
 * the order of time.
 */
import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { ColumnTypes } from './0001_core.ts'

export function audit({ key }: ColumnTypes): Migration {
  const statements = [
    sql`create table audit_log (
      workspace_id ${key} not null,
      sequence bigint not null,
      at bigint not null,
      actor ${key} not null,
      actor_name text not null,
      action ${key} not null,
      object ${key},
      address text,
      outcome text not null,
      detail text not null,
      previous text not null,
      hash text not null,
      primary key (workspace_id, sequence)
    )`,
    sql`create index audit_log_by_actor on audit_log (workspace_id, actor, sequence)`,
    sql`create index audit_log_by_action on audit_log (workspace_id, action, sequence)`,
    sql`create index audit_log_by_object on audit_log (workspace_id, object, sequence) where object is not null`,
    sql`create table audit_heads (
      workspace_id ${key} primary key,
      sequence bigint not null,
      hash text not null
    )`,

    sql`create table call_counts (
      connection_id ${key} not null,
      actor ${key} not null,
      day bigint not null,
      name text not null,
      calls bigint not null,
      failed bigint not null,
      last_used_at bigint not null,
      primary key (connection_id, day, actor)
    )`,
    sql`create index call_counts_old on call_counts (day)`,

    sql`alter table authorizations add column verified_at bigint`,

    sql`drop index events_of_connection`,
    sql`create index events_of_connection on events (connection_id, at, sequence) where connection_id is not null`,
    sql`create index events_of_service on events (service_id, at, sequence) where service_id is not null`,
    sql`create index events_newest on events (workspace_id, at, sequence)`,
    sql`create index events_by_actor on events (workspace_id, actor, at, sequence) where actor is not null`,
    sql`create index events_by_type on events (workspace_id, type, at, sequence) where type <> 'connection.invoked'`,
    sql`create index events_failed on events (workspace_id, ok, at, sequence) where ok = 0`,
  ]

  return {
    async up(db: Kysely<unknown>): Promise<void> {
      for (const statement of statements) await statement.execute(db)
    },
  }
}
