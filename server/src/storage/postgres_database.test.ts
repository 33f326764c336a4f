/** Which databases are taken, and what is said of the others. */
import { once } from 'node:events'
import { createServer } from 'node:net'
import { inject, expect, test } from 'vitest'
import { ask, newDatabase } from '../../test/engine.ts'
import { createAuditLog } from '../audit/log.ts'
import { parseDatabaseUrl } from '../database_url.ts'
import type { Store } from '../store.ts'
import { openPostgres, withoutBounds } from './postgres.ts'
import { migratorOf } from './postgres_migrate.ts'
import { startChild } from './suite/children.ts'
import { authorization, connections, everyMigration, now, service } from './suite/fixtures.ts'

const everyMigrationHere = [...everyMigration, 'storage: migration 0001_postgres_feeds done'].toSorted()

const open = (url: string, log?: (message: string) => void): Promise<Store> =>
  openPostgres({ target: parseDatabaseUrl(url), connections: 3, log })

async function refusal(url: string): Promise<string> {
  const error: unknown = await open(url).then(
    (store) => store.close(),
    (thrown: unknown) => thrown,
  )
  return error instanceof Error ? error.message : 'opened'
}

/** With another part here and there. */
function changed(url: string, change: (parts: URL) => void): string {
  const parts = new URL(url)
  change(parts)
  return parts.href
}

test('an empty database is migrated once, and every migration is told of', async () => {
  const { url, drop } = await newDatabase('empty')
  const told: string[] = []
  for (let start = 0; start < 2; start++) await (await open(url, (message) => told.push(message))).close()
  expect(told).toEqual(everyMigrationHere)
  await drop()
})

test('another program’s database is refused, and left alone', async () => {
  const { url, run, drop } = await newDatabase('empty')
  await run('create table notes (body text)')
  expect(await refusal(url)).toMatch(
    /^postgres:\/\/mooring:\*\*\*@127\.0\.0\.1:\d+\/t_\w+ is the database of another program$/,
  )
  expect(await run(`select tablename from pg_tables where schemaname = 'public'`)).toEqual([{ tablename: 'notes' }])
  await drop()
})

test('a schema of its own may be named, beside another program’s', async () => {
  const { url, run, drop } = await newDatabase('empty')
  await run('create table notes (body text); create schema mooring')
  const own = changed(url, (parts) => parts.searchParams.set('options', '-c search_path=mooring')).replaceAll(
    '+',
    '%20',
  )
  const store = await open(own)
  await store.services.insert(service('s1'))
  await store.close()
  expect(await run('select id from mooring.services')).toEqual([{ id: 's1' }])
  await drop()
})

test('what a newer version wrote, or "mooring migrate" is filling, is refused', async () => {
  const { url, run, drop } = await newDatabase()
  await run(`create table mooring_move (source text)`)
  expect(await refusal(url)).toContain('is being filled by "mooring migrate"')
  await run(`drop table mooring_move`)
  await run(`insert into mooring_migration (name, timestamp) values ('0099_future', '2030-01-01T00:00:00.000Z')`)
  expect(await refusal(url)).toContain('was written by a newer version (migration 0099_future); start that version')
  await drop()
})

test('a database that cannot hold every text is refused', async () => {
  const url = inject('postgres')
  await ask(url, `create database t_latin encoding LATIN1 locale 'C' locale_provider libc template template0`)
  const said = await refusal(changed(url, (parts) => (parts.pathname = '/t_latin')))
  expect(said).toMatch(/cannot be used: the encoding of the database is LATIN1; make one with encoding UTF8$/)
  await ask(url, `drop database t_latin`)
})

test('who is not let in is told why, in one line without the password', async () => {
  const url = inject('postgres')
  const { port } = new URL(url)
  const nobody = createServer().listen(0, '127.0.0.1')
  await once(nobody, 'listening')
  const address = nobody.address()
  await new Promise((resolve) => nobody.close(resolve))
  const free = typeof address === 'object' ? address?.port : 0
  const said = [
    await refusal(changed(url, (parts) => (parts.password = 'w-r-o-n-g'))),
    await refusal(changed(url, (parts) => (parts.pathname = '/none'))),
    await refusal(changed(url, (parts) => parts.searchParams.set('sslmode', 'require'))),
    await refusal(changed(url, (parts) => (parts.port = String(free)))),
  ]
  expect(said).toEqual([
    `postgres://mooring:***@127.0.0.1:${port}/postgres cannot be used: password authentication failed for user "mooring"`,
    `postgres://mooring:***@127.0.0.1:${port}/none cannot be used: database "none" does not exist`,
    `postgres://mooring:***@127.0.0.1:${port}/postgres?sslmode=require cannot be used: The server does not support SSL connections`,
    `postgres://mooring:***@127.0.0.1:${free}/postgres cannot be used: connect ECONNREFUSED 127.0.0.1:${free}`,
  ])
})

test('S-47 what is wanted of TLS alone goes on without it, where the server has none', async () => {
  const { url, drop } = await newDatabase()
  const store = await open(changed(url, (parts) => parts.searchParams.set('sslmode', 'prefer')))
  await expect(store.ping()).resolves.toBeUndefined()
  await store.close()
  await drop()
})

test('a text with a NUL, which PostgreSQL does not keep, is neither a fault nor found', async () => {
  const { url, drop } = await newDatabase()
  const store = await open(url)
  await store.services.insert(service('s1', { description: 'a\0b' }))
  expect((await store.services.find('w1', 's1'))?.description).toBe('a\uFFFDb')
  expect(await store.services.find('w1', 's1\0')).toBeUndefined()
  await store.close()
  await drop()
})

test('four processes that start at once on an empty database: one migrates, all open it', async () => {
  const { url, drop } = await newDatabase('empty')
  const children = ['s1', 's2', 's3', 's4'].map((id) => startChild('open', url, id))
  for (const { ended } of children) expect(await ended).toEqual([0, null])
  expect(children.flatMap(({ said }) => said)).toEqual(everyMigrationHere)
  const store = await open(url)
  expect(await store.services.count('w1')).toBe(4)
  await store.close()
  await drop()
})

test('processes of a new version that start at once on an older database: one brings it up to date, with what it holds', async () => {
  const { url, run, drop } = await newDatabase('empty')
  await withoutBounds({ target: parseDatabaseUrl(url) }, async (db) => {
    const { error } = await migratorOf(db).migrateTo('0002_accounts')
    expect(error).toBeUndefined()
  })
  await run(`insert into workspaces (id, name, created_at) values ('w1', 'Kept', 1)`)
  const children = ['s1', 's2'].map((id) => startChild('open', url, id))
  for (const { ended } of children) expect(await ended).toEqual([0, null])
  const newer = everyMigrationHere.filter((line) => line > 'storage: migration 0002_accounts done')
  expect(newer.length).toBeGreaterThan(1)
  expect(children.flatMap(({ said }) => said)).toEqual(newer)
  const store = await open(url)
  expect(await store.workspaces.list()).toEqual([{ id: 'w1', name: 'Kept', createdAt: 1 }])
  expect(await store.services.count('w1')).toBe(2)
  await store.close()
  await drop()
})

test('S-20 of processes that race for leases exactly one gets each, by name and by being due', async () => {
  const { url, drop } = await newDatabase()
  const store = await open(url)
  await connections(store, 'c1')
  for (let n = 0; n < 200; n++)
    await store.authorizations.insert(authorization(`a${n}`, { user: `u${n}`, refreshAt: n < 100 ? now - n : null }))
  const all = Array.from({ length: 100 }, (_, n) => `a${n} 1`).toSorted()
  const due = ['p1', 'p2'].map((owner) => startChild('due', url, owner))
  for (const { ended } of due) expect(await ended).toEqual([0, null])
  expect(due.flatMap(({ said }) => said).toSorted()).toEqual(all)
  const named = ['p1', 'p2'].map((owner) => startChild('race', url, owner))
  for (const { ended } of named) expect(await ended).toEqual([0, null])
  const rest = Array.from({ length: 100 }, (_, n) => `a${n + 100} 1`).toSorted()
  expect(named.flatMap(({ said }) => said).toSorted()).toEqual(rest)
  await store.close()
  await drop()
})

test('S-53 processes that append to the audit log at once keep one chain', async () => {
  const { url, drop } = await newDatabase()
  const children = ['p1', 'p2'].map((owner) => startChild('audit', url, owner))
  for (const { ended } of children) expect(await ended).toEqual([0, null])
  const store = await open(url)
  const audit = createAuditLog({ store, now: Date.now })
  expect(await audit.verify('w1')).toMatchObject({ ok: true, entries: 200 })
  await store.close()
  await drop()
})

test('S-22 a process killed amid its writes leaves whole transactions, and all it was told are stored', async () => {
  const { url, drop } = await newDatabase()
  const store = await open(url)
  for (const life of ['x', 'y']) {
    const { child, said, ended } = startChild('pairs', url, life)
    while (said.length < 40) await once(child, 'message')
    child.kill('SIGKILL')
    expect(await ended).toEqual([null, 'SIGKILL'])
    // Its last transaction is undone when the server notices.
    const services = await store.services.count('w1')
    expect(services).toBeGreaterThanOrEqual(said.filter((id) => id.startsWith(life)).length)
    expect(await store.connections.count('w1')).toBe(services)
    for (const id of said) expect(await store.connections.find('w1', id)).toMatchObject({ serviceId: id })
    expect(await store.changes.since(0, 10_000)).toHaveLength(2 * services)
  }
  await store.close()
  await drop()
})
