/** A database with much in it, most of it not due, not ended and not waiting: what a busy installation looks like. */
import { now } from './fixtures.ts'

type Ask = (statement: string) => Promise<Record<string, unknown>[]>

interface Fill {
  table: string
  rows: number
  /** Expressions of n, from 1 to `rows`; every other column gets what its type allows. */
  columns: Record<string, string>
}

/** Of each kind this many are due, ended or waiting. */
export const due = 50

/** An instant that is past for the first of them, and to come for the rest. */
const instant = `case when n <= ${due} then ${now} - n else ${now} + n * 1000 end`

/** The row that is asked for by the name of x, and others. */
const named = (prefix: string): string => `case when n = 777 then 'x' else '${prefix}' || n end`
/** What refers to others: one in so many to the one that is asked for. */
const manyOf = (prefix: string, oneIn: number): string =>
  `case when n % ${oneIn} = 7 then 'x' else '${prefix}' || (1 + n % 20000) end`
const key = `'d' || (1 + n % 2)`

const fills: readonly Fill[] = [
  { table: 'data_keys', rows: 2, columns: { id: named('d') } },
  {
    table: 'services',
    rows: 20_000,
    columns: {
      id: named('s'),
      link_name: named('service_'),
      callback_id: named('b'),
      created_at: instant,
      secrets_key: key,
    },
  },
  { table: 'service_logos', rows: 5000, columns: { service_id: named('s') } },
  {
    table: 'connections',
    rows: 100_000,
    columns: {
      id: named('c'),
      service_id: manyOf('s', 20),
      link_name: named('connection_'),
      shown_status: `case when n % 100 = 0 then 'error' else 'active' end`,
      created_at: instant,
    },
  },
  {
    table: 'authorizations',
    rows: 100_000,
    columns: {
      id: named('a'),
      connection_id: manyOf('c', 100),
      for_user: `'u' || n`,
      status: `case when n % 2000 = 1999 then 'revoked' else 'active' end`,
      credential_key: key,
      lease_owner: 'null',
      refresh_at: instant,
      // Half of them nobody uses.
      eager_until: `case when n % 2 = 0 then ${now} + 86400000 else ${now} - 1 end`,
      created_at: instant,
      updated_at: instant,
    },
  },
  {
    table: 'attempts',
    rows: 30_000,
    columns: {
      id: named('t'),
      connection_id: manyOf('c', 100),
      state: `case when n <= ${2 * due} then 'waiting' else 'succeeded' end`,
      token_hash: named('h'),
      correlation_hash: named('h'),
      kept_key: `case when n <= ${2 * due} then ${key} end`,
      kept: `case when n <= ${2 * due} then '\\x00'::bytea end`,
      held_grant_key: 'null',
      held_grant: 'null',
      expires_at: instant,
      created_at: instant,
    },
  },
  {
    table: 'connect_sessions',
    rows: 20_000,
    columns: { id: named('n'), token_hash: named('h'), expires_at: instant, created_at: instant },
  },
  {
    table: 'events',
    rows: 100_000,
    columns: {
      sequence: 'n',
      place: `case when n % 2 = 0 then n else 0 end`,
      type: `case when n % 2 = 1 then 'connection.invoked' when n % 10 = 0 then 'connection.refreshed' else 'connection.error' end`,
      at: instant,
      ok: `case when n % 50 = 0 then 0 else 1 end`,
      service_id: manyOf('s', 20),
      connection_id: manyOf('c', 20),
      actor: `'api_key:' || (n % 100)`,
    },
  },
  {
    table: 'call_counts',
    rows: 20_000,
    columns: {
      connection_id: named('c'),
      actor: `'api_key:' || (n % 100)`,
      day: `case when n <= ${due} then 0 else n end`,
    },
  },
  {
    table: 'audit_log',
    rows: 30_000,
    columns: {
      sequence: 'n',
      actor: `'api_key:' || (n % 100)`,
      action: `'action.' || (n % 20)`,
      object: `'object_' || (n % 5000)`,
    },
  },
  { table: 'audit_heads', rows: 1, columns: { sequence: '30000' } },
  {
    table: 'api_keys',
    rows: 20_000,
    columns: { id: named('k'), hash: named('h'), created_at: instant },
  },
  {
    table: 'users',
    rows: 20_000,
    columns: {
      id: named('u'),
      email_folded: named('u'),
      identity_key: named('i'),
      role: `case when n <= 3 then 'owner' else 'viewer' end`,
      created_at: instant,
    },
  },
  {
    table: 'sessions',
    rows: 20_000,
    columns: {
      id: named('e'),
      user_id: manyOf('u', 500),
      token_hash: named('h'),
      expires_at: instant,
      last_seen_at: instant,
      created_at: instant,
    },
  },
  {
    table: 'one_time_links',
    rows: 20_000,
    columns: {
      id: named('l'),
      kind: `case when n <= 3 then 'setup' when n % 2 = 0 then 'password' else 'invitation' end`,
      token_hash: named('h'),
      user_id: named('u'),
      email_folded: named('u'),
      expires_at: instant,
      created_at: instant,
    },
  },
  { table: 'provider_gates', rows: 20_000, columns: { id: named('g'), updated_at: instant } },
  { table: 'sign_in_tries', rows: 20_000, columns: { id: named('y'), at: instant } },
  {
    table: 'idempotency',
    rows: 20_000,
    columns: { id: named('i'), body_key: key, created_at: instant },
  },
  {
    table: 'jobs',
    rows: 20_000,
    columns: {
      id: named('j'),
      kind: `'key_rotation'`,
      state: `case when n = 1 then 'running' else 'done' end`,
      created_at: instant,
    },
  },
  { table: 'changes', rows: 30_000, columns: { sequence: 'n', place: 'n' } },
]

const byType: Record<string, string> = { text: `'[]'`, bigint: '1', integer: '1', bytea: `'\\x00'::bytea` }

/** Fills a database that is migrated and empty, and has the planner look at it. */
export async function fill(ask: Ask): Promise<void> {
  for (const { table, rows, columns } of fills) {
    const known = await ask(
      `select column_name, data_type from information_schema.columns where table_name = '${table}' order by ordinal_position`,
    )
    const names = known.map((column) => String(column['column_name']))
    const values = known.map((column) => {
      const name = String(column['column_name'])
      const given = columns[name] ?? (name === 'workspace_id' ? `'w1'` : byType[String(column['data_type'])])
      if (given === undefined) throw new Error(`${table}.${name} has a type that is not filled`)
      return given
    })
    await ask(
      // What refers to what is right by how it is written.
      `set session_replication_role = replica;
       insert into ${table} (${names.join()}) select ${values.join()} from generate_series(1, ${rows}) as n`,
    )
  }
  for (const table of ['changes', 'events']) await ask(`alter table ${table} alter column sequence restart with 100001`)
  await ask(`update feed_heads set place = 100000; update change_horizon set pruned_to = 0`)
  await ask('analyze')
}
