/** The rows of a backup out of a database, and into an empty one: the same statements on both engines. */
import { type Kysely, sql } from 'kysely'
import type { Schema } from '../schema.ts'
import type { Row, Value } from './file.ts'
import { restoredFence } from '../../store.ts'
import { keptColumns, keptTables, type KeptTable } from './tables.ts'

const rowsAtOnce = 200

/** The kept columns of each kept table, as the database has them. */
export async function columnsOf(db: Kysely<Schema>): Promise<Record<string, string[]>> {
  const tables = await db.introspection.getTables()
  return Object.fromEntries(
    keptTables.map(({ name }) => {
      const columns = tables.find((table) => table.name === name)?.columns.map((column) => column.name) ?? []
      return [name, keptColumns(name, columns)]
    }),
  )
}

/** Every kept row, within the transaction that is handed in: all of one moment. */
export async function* rowsOf(db: Kysely<Schema>, tables: Record<string, string[]>): AsyncGenerator<Row> {
  for (const { name, key } of keptTables) {
    const columns = tables[name] ?? []
    const by = sql.join(key.map((column) => sql.ref(column)))
    const chosen = sql.join(columns.map((column) => sql.ref(column)))
    for (let last: Record<string, Value> | undefined; ;) {
      const after = last
      const where =
        after === undefined ? sql`` : sql`where (${by}) > (${sql.join(key.map((column) => after[column] ?? null))})`
      const { rows } = await sql<
        Record<string, Value>
      >`select ${chosen} from ${sql.table(name)} ${where} order by ${by} limit ${sql.lit(rowsAtOnce)}`.execute(db)
      for (const row of rows) yield { table: name, values: columns.map((column) => row[column] ?? null) }
      last = rows.at(-1)
      if (last === undefined) break
    }
  }
}

/** Puts rows in, in the order in which they come. */
export async function insertAll(
  db: Kysely<Schema>,
  tables: Record<string, string[]>,
  rows: AsyncIterable<Row>,
  /** What an engine adds to a row of its own. */
  besides: (table: KeptTable['name'], row: Record<string, Value>) => Record<string, Value> = () => ({}),
): Promise<void> {
  let waiting: Row[] = []
  const flush = async (): Promise<void> => {
    const [first] = waiting
    if (first === undefined) return
    const table = keptTables.find(({ name }) => name === first.table)
    if (table === undefined) throw new Error(`${first.table} is not a table that is kept`)
    const columns = tables[first.table] ?? []
    const full = waiting.map(({ values }) => {
      const row = Object.fromEntries(columns.map((column, index) => [column, values[index] ?? null]))
      return { ...row, ...besides(table.name, row) }
    })
    const names = Object.keys(full[0] ?? {})
    const into = sql.join(names.map((name) => sql.ref(name)))
    const lines = sql.join(full.map((row) => sql`(${sql.join(names.map((name) => row[name] ?? null))})`))
    await sql`insert into ${sql.table(first.table)} (${into}) values ${lines}`.execute(db)
    waiting = []
  }
  for await (const row of rows) {
    if (waiting.length === rowsAtOnce || (waiting[0] !== undefined && waiting[0].table !== row.table)) await flush()
    waiting.push(row)
  }
  await flush()
}

/**
 * What is different from now on. Nobody of that moment is at work any more; whoever was signing in begins anew; and what was
 * renewed since is not known here: a refresh token may have been replaced, which the next renewal must know.
 */
export async function turnOver(db: Kysely<Schema>, madeAt: number): Promise<void> {
  await db
    .updateTable('authorizations')
    .set({ lease_owner: null, lease_until: null, abandoned_fence: null, abandoned_at: null })
    .execute()
  await db
    .updateTable('authorizations')
    .set({ in_flight_fence: restoredFence, in_flight_at: madeAt })
    .where('status', '=', 'active')
    .where('refreshable', '=', 1)
    .execute()
  await db.updateTable('jobs').set({ lease_owner: null, lease_until: null }).execute()
  await db
    .updateTable('attempts')
    .set({ state: 'expired', kept: null, kept_key: null, question: null, held_grant: null, held_grant_key: null })
    .where('state', '=', 'waiting')
    .execute()
}
