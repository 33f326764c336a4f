import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { Kysely } from 'kysely'
import { afterAll, expect, test } from 'vitest'
import { createStore } from './queries.ts'
import type { Schema } from './schema.ts'
import { ImmediateSqliteDialect } from './sqlite_dialect.ts'
import { openHandle, openSqlite, sqliteEngine } from './sqlite.ts'
import { apiKey, authorization, call, connections, event, everyMigration, now, service } from './suite/fixtures.ts'

const folder = mkdtempSync(join(tmpdir(), 'mooring-file-'))
afterAll(() => rmSync(folder, { recursive: true }))

function mode(path: string): string {
  return (statSync(path).mode & 0o777).toString(8)
}

async function refusal(path: string): Promise<string> {
  const error: unknown = await openSqlite({ path }).catch((thrown: unknown) => thrown)
  return error instanceof Error ? error.message : 'opened'
}

test('S-43 the file, what stands beside it and its folder are for the owner only', async () => {
  const path = join(folder, 'data', 'deep', 'mooring.sqlite')
  const store = await openSqlite({ path })
  await store.services.insert(service('s1'))
  expect(['', '-wal', '-shm'].map((suffix) => mode(path + suffix))).toEqual(['600', '600', '600'])
  expect(mode(join(folder, 'data', 'deep'))).toBe('700')
  await store.close()
})

test('closing leaves one file with everything in it', async () => {
  const path = join(folder, 'closed.sqlite')
  const store = await openSqlite({ path })
  await store.services.insert(service('s1', { name: 'Findable' }))
  await store.close()
  expect(existsSync(`${path}-wal`)).toBe(false)
  expect(readFileSync(path).includes('Findable')).toBe(true)
})

test('closing beside another process moves what was written into the file', async () => {
  const path = join(folder, 'beside.sqlite')
  const [store, other] = [await openSqlite({ path }), await openSqlite({ path })]
  await store.services.insert(service('s1', { name: 'Findable' }))
  await store.close()
  expect(statSync(`${path}-wal`).size).toBe(0)
  expect(await other.services.count('w1')).toBe(1)
  await other.close()
})

test('closing waits for a transaction that is open', async () => {
  const path = join(folder, 'waits.sqlite')
  const store = await openSqlite({ path })
  const work = store.transaction(async (trx) => {
    await trx.services.insert(service('s1'))
    await new Promise((resolve) => setTimeout(resolve, 20))
    await trx.services.insert(service('s2'))
  })
  await store.close()
  await work
  const again = await openSqlite({ path })
  expect(await again.services.count('w1')).toBe(2)
  await again.close()
})

test('tells of migrations once', async () => {
  const path = join(folder, 'told.sqlite')
  const told: string[] = []
  for (let start = 0; start < 2; start++) {
    const store = await openSqlite({ path, log: (message) => told.push(message) })
    await store.close()
  }
  expect(told).toEqual(everyMigration)
})

test('refuses a file that is not a database, in one line that names it, and leaves it alone', async () => {
  const path = join(folder, 'text.sqlite')
  const text = 'These are notes, and a page of them. '.repeat(200)
  writeFileSync(path, text)
  expect(await refusal(path)).toBe(`${path} is not a database`)
  expect(readFileSync(path, 'utf8')).toBe(text)
})

test('refuses the database of another program, and leaves it alone', async () => {
  const path = join(folder, 'other.sqlite')
  const other = new Database(path)
  other.exec('create table notes (text)')
  other.close()
  const before = readFileSync(path)
  expect(await refusal(path)).toBe(`${path} is the database of another program`)
  expect(readFileSync(path)).toEqual(before)

  const marked = join(folder, 'marked.sqlite')
  const empty = new Database(marked)
  empty.pragma('application_id = 7')
  empty.close()
  expect(await refusal(marked)).toBe(`${marked} is the database of another program`)
})

test('refuses a file that a newer version wrote, and changes nothing in it', async () => {
  const path = join(folder, 'newer.sqlite')
  const store = await openSqlite({ path })
  await store.close()
  const handle = new Database(path)
  handle.exec(`insert into kysely_migration values ('0099_future', '2030-01-01T00:00:00.000Z')`)
  handle.close()
  const refused = `${path} was written by a newer version (migration 0099_future); start that version`
  expect(await refusal(path)).toBe(refused)
  expect(await refusal(path)).toBe(refused)
})

test('refuses a folder in the place of the file, naming it', async () => {
  const path = join(folder, 'folder.sqlite')
  mkdirSync(path)
  expect(await refusal(path)).toContain(path)
  expect(await refusal(path)).not.toContain('\n')
})

test('a lock that another process never gives back is an error in the end, and not before', async () => {
  const path = join(folder, 'locked.sqlite')
  const store = await openSqlite({ path })
  await store.close()
  const [handle, blocker] = [openHandle(path, 'full'), openHandle(path, 'full')]
  const db = new Kysely<Schema>({ dialect: new ImmediateSqliteDialect(handle, 60) })
  const impatient = createStore({ db, engine: sqliteEngine(db, handle, undefined) })

  blocker.exec('begin immediate')
  const started = performance.now()
  await expect(impatient.services.insert(service('s1'))).rejects.toThrow('database is locked')
  expect(performance.now() - started).toBeGreaterThanOrEqual(60)

  const waiting = impatient.services.insert(service('s1'))
  setTimeout(() => blocker.exec('commit'), 20)
  await waiting
  expect(await impatient.services.count('w1')).toBe(1)
  blocker.close()
  await impatient.close()
})

test('a full disk is told as such, undoes the transaction, and is over when there is room', async () => {
  const path = join(folder, 'full.sqlite')
  const first = await openSqlite({ path })
  await first.close()
  const handle = openHandle(path, 'full')
  const db = new Kysely<Schema>({ dialect: new ImmediateSqliteDialect(handle, 1000) })
  const store = createStore({ db, engine: sqliteEngine(db, handle, undefined) })
  handle.pragma('max_page_count = 1')
  const fill = store.transaction(async (trx) => {
    for (let n = 0; n < 500; n++) await trx.services.insert(service(`s${n}`))
  })
  await expect(fill).rejects.toThrow('database or disk is full')
  handle.pragma('max_page_count = 4294967294')
  expect(await store.services.count('w1')).toBe(0)
  await store.services.insert(service('s1'))
  expect(await store.services.count('w1')).toBe(1)
  await store.close()
})

test('only calls and uses, outside a transaction, are written without waiting for the disk', async () => {
  const path = join(folder, 'loose.sqlite')
  const first = await openSqlite({ path })
  await connections(first, 'c1')
  await first.authorizations.insert(authorization('a1'))
  await first.apiKeys.insert(apiKey('k1'))
  await first.close()

  const [handle, loose] = [openHandle(path, 'full'), openHandle(path, 'normal')]
  expect([handle, loose].map((each) => each.pragma('synchronous', { simple: true }))).toEqual([2, 1])
  expect([handle, loose].map((each) => each.pragma('foreign_keys', { simple: true }))).toEqual([1, 1])
  const db = new Kysely<Schema>({ dialect: new ImmediateSqliteDialect(handle, 1000) })
  const store = createStore({ db, engine: sqliteEngine(db, handle, loose) })
  /** data_version changes when a handle sees what another handle wrote. */
  const wroteLoosely = async (work: () => Promise<unknown>): Promise<boolean> => {
    const before = handle.pragma('data_version', { simple: true })
    await work()
    return handle.pragma('data_version', { simple: true }) !== before
  }
  const use = { id: 'a1', usedAt: now, eagerUntil: now }

  expect(await wroteLoosely(() => store.events.append([call(), call()]))).toBe(true)
  expect(await wroteLoosely(() => store.authorizations.touch([use]))).toBe(true)
  expect(await wroteLoosely(() => store.apiKeys.touch([{ id: 'k1', usedAt: now }]))).toBe(true)
  expect(await wroteLoosely(() => store.events.append([call(), event('connection.refreshed')]))).toBe(false)
  expect(await wroteLoosely(() => store.transaction((trx) => trx.events.append([call()])))).toBe(false)
  expect(await wroteLoosely(() => store.transaction((trx) => trx.authorizations.touch([use])))).toBe(false)
  expect(await wroteLoosely(() => store.authorizations.breakLease('a1', 'p1', 1))).toBe(false)
  await store.close()
})
