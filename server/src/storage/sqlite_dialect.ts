/** kysely's SQLite dialect with what several processes on one file need. */
import { setTimeout as delay } from 'node:timers/promises'
import Database, { type Database as Handle } from 'better-sqlite3'
import {
  CompiledQuery,
  type DatabaseConnection,
  type QueryResult,
  SqliteAdapter,
  type SqliteDatabase,
  SqliteDialect,
  SqliteDriver,
  type SqliteStatement,
} from 'kysely'

/** Distinct texts of statements are few; lists of ids and batches of rows add some lengths of each. */
const cachedStatements = 500

/** The longest pause between two tries for the write lock, in milliseconds. Most writes are done sooner. */
const longestPause = 10

export function isBusy(error: unknown): boolean {
  return error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')
}

/**
 * Tries again for as long as another process has the lock, up to `patience` milliseconds. SQLite's own busy handler
 * sleeps on the thread, so that nothing else in this process could run, the holder of the lock included where that is
 * another store of this process.
 */
export async function patiently<T>(patience: number, work: () => T | Promise<T>): Promise<T> {
  const deadline = performance.now() + patience
  for (let pause = 1; ; pause = Math.min(2 * pause, longestPause)) {
    try {
      return await work()
    } catch (error) {
      if (!isBusy(error) || performance.now() > deadline) throw error
    }
    await delay(pause)
  }
}

/** Preparing costs more than running most of our statements, so each text is prepared once. */
function withCache(handle: Handle): SqliteDatabase {
  const statements = new Map<string, SqliteStatement>()
  return {
    prepare(text) {
      const known = statements.get(text)
      if (known) return known
      const statement = handle.prepare(text)
      if (statements.size >= cachedStatements) {
        const oldest = statements.keys().next()
        if (!oldest.done) statements.delete(oldest.value)
      }
      statements.set(text, statement)
      return statement
    },
    close: () => void handle.close(),
  }
}

class PatientConnection implements DatabaseConnection {
  readonly #inner: DatabaseConnection
  readonly #patience: number

  constructor(inner: DatabaseConnection, patience: number) {
    this.#inner = inner
    this.#patience = patience
  }

  /** A statement that found the file locked has done nothing; inside a transaction, which has the lock, none does. */
  executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    return patiently(this.#patience, () => this.#inner.executeQuery<R>(query))
  }

  streamQuery<R>(query: CompiledQuery, chunkSize: number): AsyncIterableIterator<QueryResult<R>> {
    return this.#inner.streamQuery<R>(query, chunkSize)
  }
}

class ImmediateDriver extends SqliteDriver {
  readonly #handle: Handle
  readonly #patience: number
  #connection: DatabaseConnection | undefined

  constructor(handle: Handle, database: SqliteDatabase, patience: number) {
    super({ database })
    this.#handle = handle
    this.#patience = patience
  }

  override async acquireConnection(): Promise<DatabaseConnection> {
    this.#connection ??= new PatientConnection(await super.acquireConnection(), this.#patience)
    return this.#connection
  }

  /**
   * Takes the write lock at once. A plain `begin` takes it at the first write, and then a transaction that has read
   * fails where another process wrote in between.
   */
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'))
  }

  /** After some errors (a full disk) SQLite has rolled back by itself; a second time would hide the error. */
  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    if (this.#handle.inTransaction) await super.rollbackTransaction(connection)
  }
}

class TransactionalAdapter extends SqliteAdapter {
  /** SQLite rolls back schema changes too; kysely's migrator may then run inside a transaction of ours. */
  override get supportsTransactionalDdl(): boolean {
    return true
  }
}

/** The handle's own busy timeout should be 0. `patience`: how long a statement waits for the lock, in milliseconds. */
export class ImmediateSqliteDialect extends SqliteDialect {
  readonly #handle: Handle
  readonly #database: SqliteDatabase
  readonly #patience: number

  constructor(handle: Handle, patience: number) {
    const database = withCache(handle)
    super({ database })
    this.#handle = handle
    this.#database = database
    this.#patience = patience
  }

  override createDriver(): SqliteDriver {
    return new ImmediateDriver(this.#handle, this.#database, this.#patience)
  }

  override createAdapter(): SqliteAdapter {
    return new TransactionalAdapter()
  }
}
