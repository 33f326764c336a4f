/**
 * Everything the first release keeps. Rows are keyed by workspace and id, so that the tables can be partitioned by
 * workspace without changing a query. Every query of the store has its index here; `plans.test.ts` proves it.
 */
import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** What the engines spell differently. */
export interface ColumnTypes {
  binary: RawBuilder<unknown>
  /** Text that is compared byte by byte: ids and link names. */
  key: RawBuilder<unknown>
  /** A primary key that the engine counts up and never uses twice. */
  sequence: RawBuilder<unknown>
}

export function core({ binary, key, sequence }: ColumnTypes): Migration {
  const tables = [
    sql`create table workspaces (
      id ${key} primary key,
      name text not null,
      created_at bigint not null
    )`,
    sql`create table data_keys (
      workspace_id ${key} not null,
      id ${key} not null,
      root_key_id text not null,
      wrapped ${binary} not null,
      created_at bigint not null,
      primary key (workspace_id, id)
    )`,
    sql`create table facts (
      name ${key} primary key,
      value text not null
    )`,

    sql`create table services (
      workspace_id ${key} not null,
      id ${key} not null,
      link_name ${key} not null,
      name text not null,
      search text not null,
      description text not null,
      stage text not null,
      origin text not null,
      catalogue_id text,
      callback_id ${key} not null,
      document text not null,
      secrets ${binary},
      logo_type text,
      version bigint not null,
      created_at bigint not null,
      updated_at bigint not null,
      ready_at bigint,
      primary key (workspace_id, id)
    )`,
    sql`create unique index services_link_name on services (workspace_id, link_name)`,
    sql`create unique index services_callback_id on services (callback_id)`,
    sql`create index services_newest on services (workspace_id, created_at, id)`,
    sql`create table service_logos (
      workspace_id ${key} not null,
      service_id ${key} not null,
      type text not null,
      bytes ${binary} not null,
      primary key (workspace_id, service_id),
      foreign key (workspace_id, service_id) references services (workspace_id, id) on delete cascade
    )`,

    sql`create table connections (
      workspace_id ${key} not null,
      id ${key} not null,
      service_id ${key} not null,
      link_name ${key} not null,
      name text not null,
      search text not null,
      authorization_level text not null,
      status text not null,
      shown_status text not null,
      scopes text not null,
      parameters text not null,
      enabled integer not null,
      version bigint not null,
      created_at bigint not null,
      updated_at bigint not null,
      primary key (workspace_id, id),
      foreign key (workspace_id, service_id) references services (workspace_id, id)
    )`,
    sql`create unique index connections_link_name on connections (workspace_id, link_name)`,
    sql`create index connections_newest on connections (workspace_id, created_at, id)`,
    sql`create index connections_by_status on connections (workspace_id, shown_status, created_at, id)`,
    sql`create index connections_of_service on connections (service_id, created_at, id)`,

    sql`create table authorizations (
      workspace_id ${key} not null,
      id ${key} not null,
      connection_id ${key} not null,
      for_user ${key} not null,
      status text not null,
      credential ${binary},
      requested_scopes text not null,
      granted_scopes text,
      account text,
      refreshable integer not null,
      expires_at bigint,
      refresh_at bigint,
      eager_until bigint not null,
      failures integer not null,
      authorized_at bigint not null,
      last_refreshed_at bigint,
      last_used_at bigint,
      last_error text,
      lease_owner text,
      lease_until bigint,
      fence bigint not null,
      in_flight_fence bigint,
      in_flight_at bigint,
      abandoned_fence bigint,
      abandoned_at bigint,
      version bigint not null,
      created_at bigint not null,
      updated_at bigint not null,
      primary key (workspace_id, id),
      foreign key (workspace_id, connection_id) references connections (workspace_id, id) on delete cascade
    )`,
    sql`create unique index authorizations_id on authorizations (id)`,
    sql`create unique index authorizations_user on authorizations (connection_id, for_user)`,
    sql`create index authorizations_newest on authorizations (connection_id, created_at, id)`,
    // Grants that nobody uses are planned for a moment when they are no longer eager. Leaving them out keeps the search
    // for due renewals as short as the list of renewals, however many dormant grants there are.
    sql`create index authorizations_due on authorizations (refresh_at, eager_until)
      where status = 'active' and refresh_at < eager_until`,
    sql`create index authorizations_unwiped on authorizations (updated_at)
      where status = 'revoked' and credential is not null`,

    sql`create table attempts (
      workspace_id ${key} not null,
      id ${key} not null,
      service_id ${key} not null,
      connection_id ${key} not null,
      for_user ${key} not null,
      state text not null,
      steps text not null,
      diagnosis text,
      token_hash ${key},
      correlation_hash ${key},
      binding_hash ${key},
      kept ${binary},
      scopes text not null,
      return_to text,
      actor text,
      version bigint not null,
      created_at bigint not null,
      expires_at bigint not null,
      primary key (workspace_id, id),
      foreign key (workspace_id, connection_id) references connections (workspace_id, id) on delete cascade
    )`,
    sql`create unique index attempts_id on attempts (connection_id, id)`,
    sql`create index attempts_newest on attempts (connection_id, created_at, id)`,
    sql`create index attempts_token on attempts (token_hash) where token_hash is not null`,
    sql`create index attempts_correlation on attempts (correlation_hash)
      where correlation_hash is not null`,
    sql`create index attempts_waiting on attempts (expires_at) where state = 'waiting'`,

    sql`create table events (
      sequence ${sequence},
      workspace_id ${key} not null,
      type text not null,
      at bigint not null,
      ok integer not null,
      service_id text,
      connection_id ${key},
      actor text,
      for_user text,
      cause text,
      detail text not null,
      call_facts text
    )`,
    sql`create index events_of_connection on events (connection_id, sequence) where connection_id is not null`,
    sql`create index events_of_workspace on events (workspace_id, sequence) where type <> 'connection.invoked'`,
    sql`create index events_old_calls on events (at) where type = 'connection.invoked'`,
    sql`create index events_old_rest on events (at) where type <> 'connection.invoked'`,

    sql`create table api_keys (
      workspace_id ${key} not null,
      id ${key} not null,
      name text not null,
      role text not null,
      prefix text not null,
      hash ${key} not null,
      connections text,
      expires_at bigint,
      last_used_at bigint,
      created_at bigint not null,
      primary key (workspace_id, id)
    )`,
    sql`create unique index api_keys_id on api_keys (id)`,
    sql`create unique index api_keys_hash on api_keys (hash)`,
    sql`create index api_keys_newest on api_keys (workspace_id, created_at, id)`,

    sql`create table idempotency (
      id ${key} primary key,
      workspace_id ${key} not null,
      request_hash text not null,
      status integer not null,
      body ${binary},
      created_at bigint not null
    )`,
    sql`create index idempotency_old on idempotency (created_at)`,

    sql`create table changes (
      sequence ${sequence},
      kind text not null,
      object_id text not null
    )`,
    sql`create table change_horizon (pruned_to bigint not null)`,
    sql`insert into change_horizon (pruned_to) values (0)`,
  ]

  return {
    async up(db: Kysely<unknown>): Promise<void> {
      for (const statement of tables) await statement.execute(db)
    },
  }
}
