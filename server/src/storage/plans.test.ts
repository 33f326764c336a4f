import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Database as Handle } from 'better-sqlite3'
import { type CompiledQuery, Kysely } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Store } from '../store.ts'
import { createStore } from './queries.ts'
import type { Schema } from './schema.ts'
import { ImmediateSqliteDialect } from './sqlite_dialect.ts'
import { openHandle, openSqlite, sqliteEngine } from './sqlite.ts'
import { hotQueries } from './suite/hot_queries.ts'

const folder = mkdtempSync(join(tmpdir(), 'mooring-plans-'))
let handle: Handle
let store: Store
const ran: CompiledQuery[] = []

beforeAll(async () => {
  const path = join(folder, 'plans.sqlite')
  const first = await openSqlite({ path })
  await first.close()
  handle = openHandle(path, 'full')
  const db = new Kysely<Schema>({
    dialect: new ImmediateSqliteDialect(handle, 1000),
    log: ({ query }) => void ran.push(query),
  })
  store = createStore({ db, engine: sqliteEngine(db, handle, undefined) })
})
afterAll(async () => {
  await store.close()
  rmSync(folder, { recursive: true })
})

function plan(sql: string, parameters: readonly unknown[]): string {
  const steps = handle.prepare(`explain query plan ${sql}`).all(...parameters)
  return steps
    .map((step) => (typeof step === 'object' && step !== null && 'detail' in step ? String(step.detail) : ''))
    .join('; ')
}

/** The plans of the queries that this work runs. */
async function plans(work: () => Promise<unknown>): Promise<string> {
  ran.length = 0
  await work()
  const queries = ran.filter(({ sql }) => !/^(begin|commit|rollback)/.test(sql))
  return queries.map(({ sql, parameters }) => plan(sql, parameters)).join('; ')
}

/** One row, however much there is; indexes that hold only rows that are asked for, read in order up to a limit. */
const bounded =
  /SCAN (change_horizon|authorizations USING INDEX authorizations_(due|unwiped)|\w+ USING INDEX (\w+_unkeyed|jobs_running))/g

test.each(hotQueries)('%s is answered by %s', async (_name, index, work) => {
  const steps = await plans(() => work(store))
  expect(steps).toContain(index)
  expect(steps.replaceAll(bounded, '')).not.toMatch(/SCAN|TEMP B-TREE/)
})

test.each([
  ['connections of a deleted service', 'connections', 'service_id', 'connections_of_service'],
  ['authorizations of a deleted connection', 'authorizations', 'connection_id', '(connection_id=?'],
  ['sessions of a deleted user', 'sessions', 'user_id', 'sessions_of_user'],
  ['links of a deleted user', 'one_time_links', 'user_id', 'one_time_links_of_user'],
  ['attempts of a deleted connection', 'attempts', 'connection_id', '(connection_id=?'],
])('a foreign key finds the %s by index', (_name, table, column, index) => {
  expect(plan(`select rowid from ${table} where workspace_id = ? and ${column} = ?`, ['w1', 'x'])).toContain(index)
})
