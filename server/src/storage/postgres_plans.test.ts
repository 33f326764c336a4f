/** How PostgreSQL answers each hot query and each sweep, with a hundred thousand connections, grants and events, and much else. */
import { Kysely } from 'kysely'
import { Client } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newDatabase } from '../../test/engine.ts'
import { parseDatabaseUrl } from '../database_url.ts'
import type { Store } from '../store.ts'
import { postgresEngine } from './postgres.ts'
import { postgresDialect } from './postgres_dialect.ts'
import { openPool } from './postgres_pool.ts'
import { createStore } from './queries.ts'
import type { Schema } from './schema.ts'
import { type HotQuery, hotQueries } from './suite/hot_queries.ts'
import { fill } from './suite/postgres_fill.ts'

let database: Awaited<ReturnType<typeof newDatabase>>
let store: Store
let client: Client
const ran: { sql: string; parameters: readonly unknown[] }[] = []

beforeAll(async () => {
  database = await newDatabase()
  await fill(database.run)
  client = new Client({ connectionString: database.url })
  await client.connect()
  const pool = openPool({ target: parseDatabaseUrl(database.url), trusted: null, connections: 2, bounded: true })
  const db = new Kysely<Schema>({
    dialect: postgresDialect({ pool, patience: 1000 }),
    log: ({ query: { sql, parameters } }) => void ran.push({ sql, parameters }),
  })
  store = createStore({ db, engine: postgresEngine(db, pool) })
})
afterAll(async () => {
  await store.close()
  await client.end()
  await database.drop()
})

/** What `explain (analyze, format json)` says of a step. */
interface Step {
  'Node Type': string
  'Relation Name'?: string
  'Actual Rows': number
  'Actual Loops': number
  'Rows Removed by Filter'?: number
  'Rows Removed by Index Recheck'?: number
  Plans?: Step[]
}

interface Plan {
  /** Statements that were looked at. */
  asked: number
  /** Tables that were read from one end to the other. */
  scanned: string[]
  /** Rows that were looked at, found or not. */
  looked: number
}

function* steps(step: Step): Generator<Step> {
  yield step
  for (const below of step.Plans ?? []) yield* steps(below)
}

/** Runs the statement for its plan, and undoes it. */
async function explained({ sql, parameters }: (typeof ran)[number]): Promise<Step[]> {
  const all: Step[] = []
  await client.query('begin')
  try {
    const { rows } = await client.query<{ 'QUERY PLAN': { Plan: Step }[] }>(
      `explain (analyze, format json, costs off, timing off) ${sql}`,
      [...parameters],
    )
    for (const { Plan: top } of rows.flatMap((row) => row['QUERY PLAN'])) all.push(...steps(top))
  } finally {
    await client.query('rollback')
  }
  return all
}

class Undo extends Error {}

/** How what this work asks is answered. Nothing of it stays. */
async function planOf(work: HotQuery[2]): Promise<Plan> {
  ran.length = 0
  await store
    .transaction(async (inside) => {
      await work(inside)
      throw new Undo()
    })
    .catch((error: unknown) => {
      if (!(error instanceof Undo)) throw error
    })
  const asked = ran.filter(({ sql }) => /^(?:select|insert|update|delete|with)\b/i.test(sql.trim()))
  const all: Step[] = []
  for (const each of asked) all.push(...(await explained(each)))
  const looked = all
    .filter((step) => step['Node Type'].includes('Scan'))
    .map(
      (step) =>
        step['Actual Loops'] *
        (step['Actual Rows'] + (step['Rows Removed by Filter'] ?? 0) + (step['Rows Removed by Index Recheck'] ?? 0)),
    )
  return {
    asked: asked.length,
    scanned: all.filter((step) => step['Node Type'] === 'Seq Scan').map((step) => step['Relation Name'] ?? ''),
    looked: looked.reduce((sum, rows) => sum + rows, 0),
  }
}

/** They count, or look through every name: as much work as there are rows, whatever the plan. */
const long = /count|with a query/
/** One row each, or as many as there are keys. */
const tiny = ['change_horizon', 'feed_heads', 'audit_heads', 'data_keys']

test.each(hotQueries.filter(([name]) => !long.test(name)))(
  '%s is answered by an index, and by looking at few rows',
  async (_name, _index, work) => {
    const { asked, scanned, looked } = await planOf(work)
    expect(asked).toBeGreaterThan(0)
    expect(scanned.filter((table) => !tiny.includes(table))).toEqual([])
    expect(looked).toBeLessThan(500)
  },
)
