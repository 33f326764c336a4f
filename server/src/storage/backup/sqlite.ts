/** Backups of a SQLite file, taken while servers write to it, and files made from them. */
import { closeSync, existsSync, fsyncSync, linkSync, openSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { Kysely, SqliteDialect } from 'kysely'
import type { Schema } from '../schema.ts'
import { openSqlite } from '../sqlite.ts'
import { BackupError } from './file.ts'

/** Work on one moment of the file. It takes no lock that anybody waits for. */
export async function readingSqlite<T>(path: string, work: (db: Kysely<Schema>) => Promise<T>): Promise<T> {
  let handle
  try {
    handle = new Database(path, { readonly: true, fileMustExist: true, timeout: 5000 })
  } catch (error) {
    throw new BackupError(`${path} cannot be opened: there is nothing to back up`, { cause: error })
  }
  const db = new Kysely<Schema>({ dialect: new SqliteDialect({ database: handle }) })
  try {
    // A transaction that begins by reading sees the file as it is then, however long it reads.
    return await db.transaction().execute(work)
  } catch (error) {
    if (error instanceof Database.SqliteError && error.code === 'SQLITE_NOTADB')
      throw new BackupError(`${path} is not a database`, { cause: error })
    throw error
  } finally {
    await db.destroy()
  }
}

/** Fills a new file; it has its name once it is whole and on the disk. Throws BackupError where there is one. */
export async function fillingSqlite(path: string, work: (db: Kysely<Schema>) => Promise<void>): Promise<void> {
  const draft = `${path}.${process.pid}.new`
  const gone = (): void => {
    for (const end of ['', '-wal', '-shm']) rmSync(draft + end, { force: true })
  }
  gone()
  try {
    // Makes the tables.
    await (await openSqlite({ path: draft })).close()
    const handle = new Database(draft)
    handle.pragma('foreign_keys = on')
    handle.pragma('journal_mode = delete')
    handle.pragma('synchronous = full')
    const db = new Kysely<Schema>({ dialect: new SqliteDialect({ database: handle }) })
    try {
      await db.transaction().execute(work)
      const sound = handle.pragma('integrity_check', { simple: true })
      if (sound !== 'ok') throw new Error(`${draft} is not sound: ${String(sound)}`)
    } finally {
      await db.destroy()
    }
    sync(draft)
    try {
      linkSync(draft, path)
    } catch (error) {
      if (!existsSync(path)) throw error
      throw new BackupError(`${path} is there already, and is left as it is`, { cause: error })
    }
  } finally {
    gone()
  }
  sync(dirname(path))
}

function sync(path: string): void {
  const file = openSync(path, 'r')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
