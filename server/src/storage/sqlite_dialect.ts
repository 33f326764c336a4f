/** kysely's SQLite dialect with what several processes on one file need. */
import type { Database as Handle } from 'better-sqlite3'
import {
  CompiledQuery,
  type DatabaseConnection,
  SqliteAdapter,
  type SqliteDatabase,
  SqliteDialect,
  SqliteDriver,
  type SqliteStatement,
} from 'kysely'

/** Distinct texts of statements are few; lists of ids and batches of rows add some lengths of each. */
const cachedStatements = 500

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

class ImmediateDriver extends SqliteDriver {
  /**
   * Takes the write lock at once. A plain `begin` takes it at the first write, and then a transaction that has read
   * fails where another process wrote in between.
   */
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'))
  }
}

class TransactionalAdapter extends SqliteAdapter {
  /** SQLite rolls back schema changes too; kysely's migrator may then run inside a transaction of ours. */
  override get supportsTransactionalDdl(): boolean {
    return true
  }
}

export class ImmediateSqliteDialect extends SqliteDialect {
  readonly #database: SqliteDatabase

  constructor(handle: Handle) {
    const database = withCache(handle)
    super({ database })
    this.#database = database
  }

  override createDriver(): SqliteDriver {
    return new ImmediateDriver({ database: this.#database })
  }

  override createAdapter(): SqliteAdapter {
    return new TransactionalAdapter()
  }
}
