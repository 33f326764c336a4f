/** Backups of a SQLite file, taken while servers write to it, and files made from them. */
import { closeSync, existsSync, fsyncSync, linkSync, openSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { Kysely, SqliteDialect } from 'kysely'
import type { Schema } from '../schema.ts'
import { openSqlite } from '../sqlite.ts'
import { BackupError } from './file.ts'
import type { Place } from './place.ts'

export function sqlitePlace(path: string): Place {
  const demandEmpty = async (): Promise<void> => {
    if (existsSync(path)) throw new BackupError(`${path} is there already, and is left as it is`)
  }
  return {
    engine: 'sqlite',
    shown: path,
    demandEmpty,
    async reading(work) {
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
        if (!(error instanceof Database.SqliteError)) throw error
        throw new BackupError(`${path} is not the database of an installation`, { cause: error })
      } finally {
        await db.destroy()
      }
    },
    async filling(work) {
      await demandEmpty()
      const draft = `${path}.${process.pid}.new`
      try {
        await fill(draft, work)
        sync(draft)
        try {
          linkSync(draft, path)
        } catch (error) {
          await demandEmpty()
          throw error
        }
      } finally {
        for (const end of ['', '-wal', '-shm', '-journal']) rmSync(draft + end, { force: true })
      }
      sync(dirname(path))
    },
    async migrations(db) {
      const done = await db.selectFrom('kysely_migration').select('name').orderBy('name').execute()
      return done.map(({ name }) => name)
    },
  }
}

async function fill(draft: string, work: (db: Kysely<Schema>) => Promise<void>): Promise<void> {
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
}

function sync(path: string): void {
  const file = openSync(path, 'r')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
