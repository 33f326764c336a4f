/** The engine that a test's stores and servers stand on: SQLite, or PostgreSQL where MOORING_TEST_ENGINE says so. */
import { createHash, randomBytes } from 'node:crypto'
import Database from 'better-sqlite3'
import { Client } from 'pg'
import { inject } from 'vitest'
import type { Config } from '../src/config.ts'
import { parseDatabaseUrl } from '../src/database_url.ts'
import { databasePath } from '../src/start.ts'
import { openPostgres } from '../src/storage/postgres.ts'
import { openSqlite } from '../src/storage/sqlite.ts'
import type { Store } from '../src/store.ts'
import { template } from './postgres_setup.ts'

export const onPostgres = process.env['MOORING_TEST_ENGINE'] === 'postgres'

/** The settings of a server whose data belongs to this folder. */
export async function engineSettings(dir: string): Promise<Record<string, string>> {
  if (!onPostgres) return {}
  const name = `dir_${createHash('sha256').update(dir).digest('hex').slice(0, 16)}`
  await createDatabase(name)
  return { MOORING_DATABASE_URL: urlOf(name), MOORING_DATABASE_CONNECTIONS: '5' }
}

/** Removes what the folder's servers have kept elsewhere. */
export async function forget(settings: Record<string, string>): Promise<void> {
  const url = settings['MOORING_DATABASE_URL']
  if (url !== undefined) await dropDatabase(parseDatabaseUrl(url).database)
}

/** Databases that are free for the next store: emptying one takes less than making one. */
const free: string[] = []

/** A new, empty store. */
export async function openTestStore(): Promise<Store> {
  if (!onPostgres) return openSqlite({ path: ':memory:' })
  const url = free.pop() ?? (await newDatabase()).url
  const store = await openPostgres({ target: parseDatabaseUrl(url), connections: 5 })
  let closing: Promise<void> | undefined
  const close = async (): Promise<void> => {
    await store.close()
    await empty(url)
    free.push(url)
  }
  return { ...store, close: () => (closing ??= close()) }
}

let tables: string[] | undefined

async function empty(url: string): Promise<void> {
  const kept = `'change_horizon', 'feed_heads', 'mooring_migration', 'mooring_migration_lock'`
  const listed = `select tablename from pg_tables where schemaname = 'public' and tablename not in (${kept})`
  tables ??= (await ask(url, listed)).map(({ tablename }) => String(tablename))
  await ask(
    url,
    [
      // Whatever refers to what.
      `set session_replication_role = replica`,
      ...tables.map((table) => `delete from ${table}`),
      `update change_horizon set pruned_to = 0`,
      `update feed_heads set place = 0`,
      `alter table changes alter column sequence restart`,
      `alter table events alter column sequence restart`,
    ].join('; '),
  )
}

/** A database that is migrated, or has nothing in it. */
export async function newDatabase(from: 'migrated' | 'empty' = 'migrated'): Promise<{
  url: string
  run: (statement: string) => Promise<Record<string, unknown>[]>
  drop: () => Promise<void>
}> {
  const name = `t_${randomBytes(8).toString('hex')}`
  await createDatabase(name, from)
  const url = urlOf(name)
  return { url, run: (statement) => ask(url, statement), drop: () => dropDatabase(name) }
}

function urlOf(database: string): string {
  const url = new URL(inject('postgres'))
  url.pathname = `/${database}`
  return url.href
}

async function createDatabase(name: string, from: 'migrated' | 'empty' = 'migrated'): Promise<void> {
  const known = await ask(inject('postgres'), `select 1 from pg_database where datname = '${name}'`)
  if (known.length > 0) return
  await ask(inject('postgres'), `create database ${name}${from === 'empty' ? '' : ` template ${template}`}`)
}

async function dropDatabase(name: string): Promise<void> {
  await ask(inject('postgres'), `drop database if exists ${name} with (force)`)
}

/** Statements on a server's data behind its back; those that read give their rows. */
export async function behindItsBack({ database, dataDir }: Pick<Config, 'database' | 'dataDir'>): Promise<{
  run: (statement: string) => Promise<Record<string, unknown>[]>
  close: () => Promise<void>
}> {
  if (database !== null) {
    const url = urlOf(database.database)
    return { run: (statement) => ask(url, statement), close: () => Promise.resolve() }
  }
  const file = new Database(databasePath({ dataDir }), { timeout: 5000 })
  return {
    async run(text) {
      const statement = file.prepare<[], Record<string, unknown>>(text)
      if (statement.reader) return statement.all()
      statement.run()
      return []
    },
    close: async () => void file.close(),
  }
}

/** Bytes as a statement writes them. */
export function bytesLiteral(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes).toString('hex')
  return onPostgres ? `'\\x${hex}'::bytea` : `x'${hex}'`
}

/** A statement over a connection of its own. */
export async function ask(url: string, statement: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(statement)).rows
  } finally {
    await client.end()
  }
}
