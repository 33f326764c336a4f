/**
 * The store in one SQLite file, shared by the processes of one machine. Writes are on the disk when they resolve
 * (`synchronous=FULL`), because a rotated refresh token that is lost cannot be had again.
 */
import { closeSync, existsSync, mkdirSync, openSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import Database, { type Database as Handle } from 'better-sqlite3'
import { Kysely, sql } from 'kysely'
import { Migrator } from 'kysely/migration'
import type { DataKeyRecord, Store } from '../store.ts'
import { toDataKey } from './data_keys.ts'
import type { Db, Engine } from './engine.ts'
import { migrations } from './migrations/index.ts'
import { createStore } from './queries.ts'
import type { DataKeyTable, Schema } from './schema.ts'
import { ImmediateSqliteDialect, isBusy, patiently } from './sqlite_dialect.ts'

export interface SqliteOptions {
  /** The file, made with mode 0600 where there is none, with its folder. `:memory:` for a store that ends with close. */
  path: string
  /** Given the data keys of a file that is there, before anything is written to it. What it throws ends the opening. */
  judge?: ((dataKeys: DataKeyRecord[]) => void) | undefined
  /** Told of each migration that ran. */
  log?: ((message: string) => void) | undefined
}

/** "Moor": marks the file as ours, so that another program's database is never migrated. */
const applicationId = 0x4d6f6f72

/** How long a statement waits for another process's write, in milliseconds. Writes take single milliseconds. */
const patience = 5000

/** The same while opening, when another process may be running a migration. */
const openPatience = 60_000

const columnTypes = {
  binary: sql`blob`,
  key: sql`text`,
  sequence: sql`integer primary key autoincrement`,
}

/**
 * Throws an Error of one line that names the file where it is not a database, is another program's, or was written by
 * a newer version.
 */
export async function openSqlite({ path, judge, log }: SqliteOptions): Promise<Store> {
  const inMemory = path === ':memory:'
  if (judge && !inMemory) judge(await patiently(openPatience, () => readDataKeys(path)))
  if (!inMemory) createFile(path)
  const handle = await patiently(openPatience, () => openHandle(path, 'full'))
  const db = new Kysely<Schema>({ dialect: new ImmediateSqliteDialect(handle, patience) })
  try {
    await patiently(openPatience, () => migrate(db, path, log))
    const loose = inMemory ? undefined : await patiently(openPatience, () => openHandle(path, 'normal'))
    return createStore({ db, engine: sqliteEngine(db, handle, loose) })
  } catch (error) {
    handle.close()
    throw error
  }
}

/** `loose` is a second handle on the same file with `synchronous=NORMAL`, for writes that may be lost. */
export function sqliteEngine(db: Db, handle: Handle, loose: Handle | undefined): Engine {
  const looseDb = loose && new Kysely<Schema>({ dialect: new ImmediateSqliteDialect(loose, patience) })
  let closing: Promise<void> | undefined

  async function close(): Promise<void> {
    // Behind whatever transaction is still running.
    await db.connection().execute(async () => {
      loose?.close()
      // Does less where other processes are at work; then the last of them to close does it.
      handle.pragma('wal_checkpoint(TRUNCATE)')
    })
    await db.destroy()
    handle.close()
  }

  return {
    name: 'sqlite',

    brokenUnique(error) {
      if (!(error instanceof Database.SqliteError)) return undefined
      const unique = error.code === 'SQLITE_CONSTRAINT_UNIQUE' || error.code === 'SQLITE_CONSTRAINT_PRIMARYKEY'
      return unique ? error.message : undefined
    },

    isReferenced: (error) => error instanceof Database.SqliteError && error.code === 'SQLITE_CONSTRAINT_FOREIGNKEY',

    atomically: (work) => db.transaction().execute(work),
    // One writer at a time, from the first statement on.
    alone: (work) => db.transaction().execute(work),
    relaxed(work) {
      if (!looseDb) return db.transaction().execute(work)
      // While holding the main handle, so that the two never compete for the file's lock.
      return db.connection().execute(() => looseDb.transaction().execute(work))
    },

    async ping() {
      // Reads a table: `select 1` is answered without the file too.
      await sql`select 1 from change_horizon`.execute(db)
    },

    locksRows: false,
    // Transactions that write are one after the other, so sequences rise as rows can be seen.
    feeds: { place: 'sequence', arrange: () => Promise.resolve(), watch: () => () => undefined },
    close: () => (closing ??= close()),
  }
}

/** SQLite gives the files beside it (-wal, -shm) the mode of the database. */
function createFile(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  closeSync(openSync(path, 'a', 0o600))
}

export function openHandle(path: string, synchronous: 'full' | 'normal'): Handle {
  const handle = openFile(path)
  try {
    refuseForeign(handle, path)
    const mode = handle.pragma('journal_mode = wal', { simple: true })
    if (mode !== 'wal' && mode !== 'memory') throw new Error(`${path}: this file system cannot hold a shared database`)
    handle.pragma(`synchronous = ${synchronous}`)
    handle.pragma('foreign_keys = on')
    // A file that grew in a burst is cut back at the next checkpoint.
    handle.pragma('journal_size_limit = 67108864')
    return handle
  } catch (error) {
    handle.close()
    throw error
  }
}

/** The data keys in a file as it is, whatever its version; none where there is no file, or nothing in it yet. */
function readDataKeys(path: string): DataKeyRecord[] {
  if (!existsSync(path)) return []
  // What a process that was killed left beside the file is moved into it by the last one to close it, unless that one may
  // only read. Where nothing was left, one that may only read would itself leave an empty log behind.
  const handle = openFile(path, { readonly: (statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0 })
  try {
    refuseForeign(handle, path)
    if (!handle.prepare(`select 1 from sqlite_master where name = 'data_keys'`).get()) return []
    return handle.prepare<[], DataKeyTable>('select * from data_keys order by created_at, id').all().map(toDataKey)
  } finally {
    handle.close()
  }
}

function openFile(path: string, options: Database.Options = {}): Handle {
  try {
    // No waiting on the thread: whoever finds the file locked waits in `patiently`.
    return new Database(path, { ...options, timeout: 0 })
  } catch (error) {
    throw new Error(`${path} could not be opened`, { cause: error })
  }
}

function refuseForeign(handle: Handle, path: string): void {
  let ours: boolean
  try {
    // Both in one snapshot: another process may be filling the new file.
    ours = handle.transaction(() => {
      const tables = handle.prepare('select count(*) from sqlite_master').pluck().get()
      const id = handle.pragma('application_id', { simple: true })
      return id === applicationId || (id === 0 && tables === 0)
    })()
  } catch (error) {
    if (isBusy(error)) throw error
    throw new Error(`${path} is not a database`, { cause: error })
  }
  if (!ours) throw new Error(`${path} is the database of another program`)
}

/**
 * One transaction with the write lock from its start: of processes that start at once, one migrates, the others wait
 * and find it done.
 */
async function migrate(db: Db, path: string, log: SqliteOptions['log']): Promise<void> {
  const known = migrations(columnTypes)
  const ran = await db.transaction().execute(async (trx) => {
    const { rows } = await sql`select 1 from sqlite_master where name = 'kysely_migration'`.execute(trx)
    const done = rows.length === 0 ? [] : await trx.selectFrom('kysely_migration').select('name').execute()
    const newer = done.find(({ name }) => !Object.hasOwn(known, name))
    if (newer) throw new Error(`${path} was written by a newer version (migration ${newer.name}); start that version`)

    if (done.length === 0) await sql`pragma application_id = ${sql.lit(applicationId)}`.execute(trx)
    const provider = { getMigrations: () => Promise.resolve(known) }
    const { error, results } = await new Migrator({ db: trx, provider }).migrateToLatest()
    if (error !== undefined) throw new Error(`${path} could not be migrated`, { cause: error })
    return results ?? []
  })
  for (const { migrationName } of ran) log?.(`storage: migration ${migrationName} done`)
}
