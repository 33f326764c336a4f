/** Readers of the feeds miss nothing, in whatever order rows are committed. */
import { Client } from 'pg'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { newDatabase } from '../../test/engine.ts'
import { parseDatabaseUrl } from '../database_url.ts'
import type { Store } from '../store.ts'
import { openPostgres } from './postgres.ts'
import { event, service } from './suite/fixtures.ts'

let database: Awaited<ReturnType<typeof newDatabase>>
let store: Store
const clients: Client[] = []
beforeAll(async () => {
  database = await newDatabase()
  store = await openPostgres({ target: parseDatabaseUrl(database.url), connections: 3 })
})
afterEach(async () => {
  for (const client of clients.splice(0)) await client.end()
})
afterAll(async () => {
  await store.close()
  await database.drop()
})

async function connect(): Promise<Client> {
  const client = new Client({ connectionString: database.url })
  client.on('error', () => undefined)
  await client.connect()
  clients.push(client)
  return client
}

/** A transaction that has written and does not end yet. */
async function slow(...statements: string[]): Promise<Client> {
  const client = await connect()
  for (const statement of ['begin', ...statements]) await client.query(statement)
  return client
}

const change = (id: string) => `insert into changes (kind, object_id) values ('connection', '${id}')`
const told = (detail: string) =>
  `insert into events (workspace_id, type, at, ok, detail) values ('w1', 'service.ready', 1, 1, '${detail}')`

test('a change that was written first and committed last is read after those that came before it', async () => {
  const from = await store.changes.latest()
  const early = await slow(change('early'))
  await store.services.insert(service('late'))
  const first = (await store.changes.since(from, 9)) ?? []
  expect(first.map(({ objectId }) => objectId)).toEqual(['late'])
  await early.query('commit')
  const second = await store.changes.since(first[0]?.sequence ?? 0, 9)
  expect(second?.map(({ objectId }) => objectId)).toEqual(['early'])
  expect((await store.changes.since(from, 9))?.map(({ objectId }) => objectId)).toEqual(['late', 'early'])
})

test('the same holds for events', async () => {
  const early = await slow(told('early'))
  await store.events.append([event('service.ready', { detail: 'late' })])
  const first = await store.events.after('w1', 0, 9)
  expect(first.map(({ detail }) => detail)).toEqual(['late'])
  await early.query('commit')
  const second = await store.events.after('w1', first[0]?.sequence ?? 0, 9)
  expect(second.map(({ detail }) => detail)).toEqual(['early'])
})

test('what is undone leaves nothing to wait for', async () => {
  const from = await store.changes.latest()
  const undone = await slow(change('undone'))
  await store.services.insert(service('kept'))
  await undone.query('rollback')
  await store.services.insert(service('kept2'))
  expect((await store.changes.since(from, 9))?.map(({ objectId }) => objectId)).toEqual(['kept', 'kept2'])
})

test('a reader that stands still in the middle of giving places holds up no other for long', async () => {
  const from = await store.changes.latest()
  const still = await slow(`select place from feed_heads where feed = 'changes' for update`)
  await store.services.insert(service('behind'))
  const reading = store.changes.since(from, 9)
  // As the server does with a session of ours that is idle in a transaction.
  await database.run(`select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and state = 'idle in transaction'`)
  await still.end().catch(() => undefined)
  clients.length = 0
  expect((await reading)?.map(({ objectId }) => objectId)).toEqual(['behind'])
})

test('more than are placed at once are all read, in the order in which they were written', async () => {
  const from = await store.changes.latest()
  await database.run(
    `insert into changes (kind, object_id) select 'connection', 'c' || n from generate_series(1, 2500) as n`,
  )
  const all = (await store.changes.since(from, 9999)) ?? []
  expect(all.map(({ objectId }) => objectId)).toEqual(Array.from({ length: 2500 }, (_, n) => `c${n + 1}`))
})

test('whoever watches is woken by a change elsewhere, and again after its connection was lost', async () => {
  const other = await openPostgres({ target: parseDatabaseUrl(database.url), connections: 2 })
  let woken = 0
  const unwatch = store.changes.watch(() => woken++)
  try {
    const listeners = `select pid from pg_stat_activity where datname = current_database() and query like 'listen%'`
    const listening = async (): Promise<unknown> => (await database.run(listeners))[0]?.['pid']
    const tell = async (id: string): Promise<void> => {
      await other.services.insert(service(id))
      await other.changes.latest()
    }
    await expect.poll(listening).toBeDefined()
    const first = await listening()
    woken = 0
    await tell('wake1')
    await expect.poll(() => woken).toBeGreaterThan(0)

    await database.run(`select pg_terminate_backend(${Number(first)})`)
    await expect.poll(async () => [undefined, first].includes(await listening()), { timeout: 20_000 }).toBe(false)
    woken = 0
    await tell('wake2')
    await expect.poll(() => woken).toBeGreaterThan(0)
    unwatch()
    woken = 0
    await tell('wake3')
    expect(woken).toBe(0)
  } finally {
    unwatch()
    await other.close()
  }
})

test('a store that is closed while its listener still connects does close', async () => {
  const brief = await openPostgres({ target: parseDatabaseUrl(database.url), connections: 2 })
  brief.changes.watch(() => undefined)
  await expect(brief.close()).resolves.toBeUndefined()
})
