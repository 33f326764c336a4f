/**
 * Moving an installation from its SQLite file to PostgreSQL: every row as it is, sealed bytes too, so the same keyring opens
 * them. The file is held for as long as it takes, and can be moved again where that was cut short.
 */
import { createHash } from 'node:crypto'
import Database, { type Database as Handle } from 'better-sqlite3'
import { type Kysely, sql } from 'kysely'
import type { DatabaseTarget } from '../database_url.ts'
import { withoutBounds } from './postgres.ts'
import { examine, isBeingFilled, migrate, migrationNames, moveTable } from './postgres_migrate.ts'
import type { Schema } from './schema.ts'
import { inParts } from './engine.ts'
import { movedTo } from './installation.ts'

export interface MoveOptions {
  /** The SQLite file. */
  path: string
  target: DatabaseTarget
  trusted: string | null
  progress: (at: MoveProgress) => void
}

export interface MoveProgress {
  step: 'copied' | 'verified'
  table: string
  done: number
  total: number
}

const rowsAtOnce = 200

/** What only tells processes of this file what to drop, and what each engine keeps for itself. */
const left = /^(?:sqlite_|kysely_|changes$|change_horizon$)/

type Value = number | string | Buffer | null
type Row = Record<string, Value>

interface Table {
  name: string
  columns: string[]
  key: string[]
}

/** The target is not what the file holds: it was filled from an earlier state of it. */
class Differs extends Error {}

/** Gives the rows of each table that were moved. Throws an Error of one line where this file or database cannot be used. */
export async function move({ path, target, trusted, progress }: MoveOptions): Promise<Record<string, number>> {
  const file = holdFile(path)
  try {
    const tables = tablesOf(file)
    return await withoutBounds({ target, trusted }, async (db) => {
      await claim(db, file, target.shown)
      try {
        await copy(db, file, tables, progress)
      } catch (error) {
        if (!(error instanceof Differs)) throw error
        // The file has changed since the first try.
        await sql`truncate ${sql.join([...tables].map(({ name }) => sql.table(name)))} cascade`.execute(db)
        await copy(db, file, tables, progress)
      }
      const counts = await verify(db, file, tables, progress)
      file
        .prepare(`insert into facts (name, value) values (?, ?) on conflict do update set value = excluded.value`)
        .run(movedTo, target.shown)
      await finish(db)
      return counts
    })
  } finally {
    file.close()
  }
}

/** Throws where somebody has the file open; nobody can open it until it is closed. */
function holdFile(path: string): Handle {
  let file: Handle
  try {
    file = new Database(path, { fileMustExist: true, timeout: 0 })
  } catch (error) {
    throw new Error(`${path} could not be opened: there is nothing to move`, { cause: error })
  }
  try {
    file.pragma('locking_mode = exclusive')
    // The lock is taken with the first write, and kept.
    file.exec('begin immediate; commit')
    file.pragma('synchronous = full')
    const done = file.prepare<[], string>('select name from kysely_migration order by name').pluck().all()
    if (done.join() !== migrationNames.join())
      throw new Error(`${path} was written by another version; start this one on it once, and stop it`)
    return file
  } catch (error) {
    file.close()
    if (error instanceof Database.SqliteError)
      throw new Error(
        error.code.startsWith('SQLITE_BUSY')
          ? `${path} is in use: stop the server that runs on it`
          : `${path} is not the database of an installation`,
        { cause: error },
      )
    throw error
  }
}

/** Every table that is moved, those that others refer to first. */
function tablesOf(file: Handle): Table[] {
  const names = file
    .prepare<[], string>(`select name from sqlite_master where type = 'table' order by name`)
    .pluck()
    .all()
    .filter((name) => !left.test(name))
  const refersTo = new Map(
    names.map((name) => [
      name,
      new Set(file.prepare<[string], string>(`select "table" from pragma_foreign_key_list(?)`).pluck().all(name)),
    ]),
  )
  const ordered: string[] = []
  while (ordered.length < names.length) {
    const next = names.find(
      (name) => !ordered.includes(name) && [...(refersTo.get(name) ?? [])].every((other) => ordered.includes(other)),
    )
    if (next === undefined) throw new Error('tables refer to each other in a circle')
    ordered.push(next)
  }
  return ordered.map((name) => {
    const columns = file
      .prepare<[string], { name: string; pk: number }>('select name, pk from pragma_table_info(?) order by pk')
      .all(name)
    return {
      name,
      columns: columns.map((column) => column.name),
      key: columns.filter(({ pk }) => pk > 0).map((column) => column.name),
    }
  })
}

/** Takes an empty database for this file, or goes on with one that was taken for it. */
async function claim(db: Kysely<Schema>, file: Handle, shown: string): Promise<void> {
  const source = sourceOf(file)
  const found = await examine(db, shown)
  if (found !== 'empty' && (await isBeingFilled(db))) {
    const { rows } = await sql<{ source: string }>`select source from ${sql.table(moveTable)}`.execute(db)
    if (rows[0]?.source !== source) throw new Error(`${shown} is being filled from another installation`)
  } else if (found !== 'empty' && (await db.selectFrom('workspaces').select('id').limit(1).execute()).length > 0)
    throw new Error(`${shown} holds an installation already`)
  await migrate(db, shown)
  await db.transaction().execute(async (trx) => {
    await sql`create table if not exists ${sql.table(moveTable)} (source text primary key)`.execute(trx)
    await sql`insert into ${sql.table(moveTable)} (source) values (${source}) on conflict do nothing`.execute(trx)
  })
}

/** What no two installations have in common. */
function sourceOf(file: Handle): string {
  const hash = createHash('sha256')
  const first = file.prepare<[], Row>(
    'select id, workspace_id, created_at from data_keys order by created_at, id limit 1',
  )
  for (const row of [file.prepare<[], Row>('select id, created_at from workspaces order by id').all(), first.all()])
    hash.update(JSON.stringify(row))
  return hash.digest('hex')
}

async function copy(
  db: Kysely<Schema>,
  file: Handle,
  tables: readonly Table[],
  progress: MoveOptions['progress'],
): Promise<void> {
  for (const table of tables) {
    const total = countIn(file, table)
    let done = 0
    for (const rows of batches(file, table)) {
      const there = new Map((await sameRows(db, table, rows)).map((row) => [keyOf(table, row), hashOf(table, row)]))
      for (const row of rows) {
        const hash = there.get(keyOf(table, row))
        if (hash !== undefined && hash !== hashOf(table, row)) throw new Differs()
      }
      const missing = rows.filter((row) => !there.has(keyOf(table, row)))
      if (missing.length > 0) await insert(db, table, missing)
      done += rows.length
      progress({ step: 'copied', table: table.name, done, total })
    }
    if ((await countThere(db, table)) !== total) throw new Differs()
  }
}

/** Row by row, read again from both. */
async function verify(
  db: Kysely<Schema>,
  file: Handle,
  tables: readonly Table[],
  progress: MoveOptions['progress'],
): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const table of tables) {
    const total = countIn(file, table)
    let done = 0
    for (const rows of batches(file, table)) {
      const there = new Map((await sameRows(db, table, rows)).map((row) => [keyOf(table, row), hashOf(table, row)]))
      const wrong = rows.find((row) => there.get(keyOf(table, row)) !== hashOf(table, row))
      if (wrong !== undefined)
        throw new Error(`a row of ${table.name} did not arrive as it was; nothing was switched over`)
      done += rows.length
      progress({ step: 'verified', table: table.name, done, total })
    }
    if (done !== total || (await countThere(db, table)) !== total)
      throw new Error(`${table.name} did not arrive with all its rows; nothing was switched over`)
    counts[table.name] = total
  }
  return counts
}

/** Numbers go on behind those that were moved, and the feed of events from its last one. Then servers may start. */
async function finish(db: Kysely<Schema>): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const { rows } = await sql<{ last: number }>`select coalesce(max(sequence), 0) as last from events`.execute(trx)
    const last = rows[0]?.last ?? 0
    await sql`alter table events alter column sequence restart with ${sql.lit(last + 1)}`.execute(trx)
    await sql`update feed_heads set place = ${last} where feed = 'events'`.execute(trx)
    await sql`drop table ${sql.table(moveTable)}`.execute(trx)
  })
}

function notMoved({ name }: Table): string {
  return name === 'facts' ? `where name <> '${movedTo}'` : ''
}

function countIn(file: Handle, table: Table): number {
  return (
    file
      .prepare<[], number>(`select count(*) from "${table.name}" ${notMoved(table)}`)
      .pluck()
      .get() ?? 0
  )
}

async function countThere(db: Kysely<Schema>, { name }: Table): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*) as count from ${sql.table(name)}`.execute(db)
  return rows[0]?.count ?? 0
}

/** In the order of the key, so that what comes next can be found without reading all that came before. */
function* batches(file: Handle, table: Table): Generator<Row[]> {
  const key = table.key.map((column) => `"${column}"`).join()
  const from = `select * from "${table.name}"`
  const order = `order by ${key} limit ${rowsAtOnce}`
  const only = notMoved(table)
  const first = file.prepare<[], Row>(`${from} ${only} ${order}`)
  const next = file.prepare<Value[], Row>(
    `${from} ${only === '' ? 'where' : `${only} and`} (${key}) > (${table.key.map(() => '?').join()}) ${order}`,
  )
  for (let rows = first.all(); rows.length > 0;) {
    yield rows.map(kept)
    const last = rows.at(-1)
    rows = next.all(...table.key.map((column) => last?.[column] ?? null))
  }
}

/** As PostgreSQL keeps it: no text of its holds a NUL. */
function kept(row: Row): Row {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      typeof value === 'string' ? value.replaceAll('\0', '\uFFFD') : value,
    ]),
  )
}

async function sameRows(db: Kysely<Schema>, { name, columns, key }: Table, rows: readonly Row[]): Promise<Row[]> {
  const keys = rows.map((row) => sql`(${sql.join(key.map((column) => row[column]))})`)
  const { rows: found } = await sql<Row>`
    select ${sql.join(columns.map((column) => sql.ref(column)))} from ${sql.table(name)}
    where (${sql.join(key.map((column) => sql.ref(column)))}) in (${sql.join(keys)})
  `.execute(db)
  return found
}

async function insert(db: Kysely<Schema>, { name, columns }: Table, rows: readonly Row[]): Promise<void> {
  // The feed goes on from where its readers are: what was a sequence is the place.
  const placed = name === 'events'
  const names = placed ? [...columns, 'place'] : columns
  await db.transaction().execute(async (trx) => {
    for (const part of inParts(rows, rowsAtOnce)) {
      const values = part.map((row) => {
        const place = row['type'] === 'connection.invoked' ? 0 : row['sequence']
        return sql`(${sql.join([...columns.map((column) => row[column] ?? null), ...(placed ? [place] : [])])})`
      })
      const into = sql.join(names.map((column) => sql.ref(column)))
      await sql`insert into ${sql.table(name)} (${into}) values ${sql.join(values)}`.execute(trx)
    }
  })
}

function keyOf({ key }: Table, row: Row): string {
  return JSON.stringify(key.map((column) => row[column]))
}

function hashOf({ columns }: Table, row: Row): string {
  const hash = createHash('sha256')
  for (const column of columns) {
    const value = row[column] ?? null
    const bytes = Buffer.isBuffer(value) ? value : Buffer.from(String(value))
    // With its kind and length, so that no two rows read the same.
    hash.update(`${value === null ? 'null' : typeof value} ${bytes.length} `).update(bytes)
  }
  return hash.digest('base64')
}
