/** S-42 on PostgreSQL: a wrong or missing key refuses to start and touches nothing, in the database and in the folder. */
import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, onTestFinished, test } from 'vitest'
import { readConfig } from '../src/config.ts'
import { openInstallation } from '../src/start.ts'
import { engineSettings, forget, newDatabase } from './engine.ts'
import { ownerKey, startServer, type TestServer } from './harness.ts'
import { newFolder } from './processes.ts'
import { callAll, connectMany, ended, fast, keysIn, rotate, startKnowing } from './rotation_world.fixture.ts'

type Database = Awaited<ReturnType<typeof newDatabase>>

const ends: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
})

const other = (id: string): string => `${id}:${randomBytes(32).toString('base64')}`

/** An installation that was used, and has stopped. */
async function used(environment: Record<string, string> = {}): Promise<{ dir: string; database: Database }> {
  const dir = newFolder()
  const database = await newDatabase('empty')
  ends.push(database.drop)
  const server = await startServer({ dir, environment: { MOORING_DATABASE_URL: database.url, ...environment } })
  const auth = { type: 'oauth2', clientId: 'id', clientSecret: 'sealed', tokenUrl: 'https://provider.example/token' }
  expect((await server.call('POST', '/v1/services', { name: 'Books', auth })).status).toBe(201)
  await server.stop()
  return { dir, database }
}

/** Every row of every table with the transaction that wrote it, every table and index, and how far each sequence is. */
async function contents({ run }: Database): Promise<unknown> {
  const all: unknown[] = []
  for (const { name } of await run(`select tablename as name from pg_tables where schemaname = 'public' order by 1`))
    all.push(
      name,
      await run(`select xmin::text as writer, rows::text as row from "${String(name)}" as rows order by 1, 2`),
    )
  all.push(
    await run(`select relname, relfilenode from pg_class where relnamespace = 'public'::regnamespace order by 1`),
  )
  all.push(await run(`select sequencename, last_value from pg_sequences order by 1`))
  return all
}

/** Why this installation is not opened. */
async function complaint(dir: string, url: string, environment: Record<string, string> = {}): Promise<string> {
  const config = readConfig({
    MOORING_DATA_DIR: dir,
    MOORING_DATABASE_URL: url,
    MOORING_BOOTSTRAP_API_KEY: ownerKey,
    ...environment,
  })
  return openInstallation(config).then(
    async ({ store }) => {
      await store.close()
      return 'opened'
    },
    (error: unknown) => (error instanceof Error ? error.message : 'thrown'),
  )
}

async function opened(dir: string, url: string, environment: Record<string, string> = {}): Promise<TestServer> {
  const server = await startServer({ dir, environment: { MOORING_DATABASE_URL: url, ...environment } })
  onTestFinished(() => server.stop())
  return server
}

test('S-42 a wrong key refuses to start and touches nothing', async () => {
  const { dir, database } = await used()
  const key = readFileSync(join(dir, 'mooring.key'), 'utf8')
  const id = key.split(':')[0] ?? ''
  const before = await contents(database)
  expect(await complaint(dir, database.url, { MOORING_KEYS: other('wrong') })).toContain(`sealed with the key ${id}`)
  expect(await complaint(dir, database.url, { MOORING_KEYS: other(id) })).toContain(
    `The key ${id} in the keyring is not`,
  )
  expect(await contents(database)).toEqual(before)
  expect((await (await opened(dir, database.url)).call('GET', '/v1/services/books')).status).toBe(200)
})

test('S-42 a missing key is not made anew, in whatever folder', async () => {
  const { dir, database } = await used()
  const before = await contents(database)
  renameSync(join(dir, 'mooring.key'), join(dir, 'kept'))
  for (const folder of [dir, newFolder()]) {
    const files = readdirSync(folder)
    expect(await complaint(folder, database.url)).toContain('mooring.key is missing')
    expect(readdirSync(folder)).toEqual(files)
  }
  expect(await contents(database)).toEqual(before)
})

test('S-42 a wrong key is refused before any migration', async () => {
  const { dir, database } = await used()
  // As if the newest were still to be made.
  const newest = `select max(name) from mooring_migration`
  await database.run(`delete from mooring_migration where name = (${newest})`)
  const before = await contents(database)
  expect(await complaint(dir, database.url, { MOORING_KEYS: other('wrong') })).toContain('sealed with the key')
  expect(await contents(database)).toEqual(before)
  // With the right one it is tried.
  expect(await complaint(dir, database.url)).toContain('could not be migrated')
  expect(await contents(database)).toEqual(before)
})

test('S-42 a keyring that holds the old key behind a new one starts, and the new one seals from then on', async () => {
  const [old, fresh] = [other('old'), other('new')]
  const { dir, database } = await used({ MOORING_KEYS: old })
  expect(readdirSync(dir)).toEqual([])
  const server = await opened(dir, database.url, { MOORING_KEYS: `${fresh},${old}` })
  expect(server.installation.retired).toEqual(['old'])
  expect((await server.call('GET', '/v1/services/books')).status).toBe(200)
  expect(await complaint(dir, database.url, { MOORING_KEYS: old })).toContain('sealed with the key new')
  expect(await complaint(dir, database.url, { MOORING_KEYS: fresh })).toBe('opened')
})

test('S-42 two servers of the first start with keys of their own do not share a database', async () => {
  const database = await newDatabase('empty')
  ends.push(database.drop)
  const said = await Promise.all([newFolder(), newFolder()].map((dir) => complaint(dir, database.url)))
  expect(said).toContain('opened')
  expect(said).toContainEqual(expect.stringContaining('sealed with the key'))
})

test('S-42 a rotation while two servers call, connect and are asked leaves the new key alone, and fails nothing', async () => {
  const dir = newFolder()
  ends.push(async () => forget(await engineSettings(dir)))
  const [one, two] = [await startServer({ dir, pace: fast }), await startServer({ dir, pace: fast })]
  ends.push(one.stop, two.stop)
  const names = await connectMany(one, await startKnowing(), 24)
  const before = await keysIn(one)
  const { id } = await rotate(two)
  const over = new AbortController()
  const statuses: number[] = []
  const calling = async (server: TestServer): Promise<void> => {
    while (!over.signal.aborted) statuses.push(...(await callAll(server, names)))
  }
  const callers = [calling(one), calling(two)]
  const job = await ended(one, id)
  over.abort()
  await Promise.all(callers)
  expect(job).toMatchObject({ state: 'done', failed: 0, done: names.length, total: names.length })
  expect(new Set(statuses)).toEqual(new Set([200]))
  const after = await keysIn(one)
  expect(after.keys).toHaveLength(1)
  expect(after.keys).not.toEqual(before.keys)
  expect(after.sealed).toEqual({ [after.keys[0] ?? '']: names.length })
  // Both seal and open with the new one.
  for (const [n, server] of [two, one].entries()) {
    const body = { name: `late${n}`, service: 'known', credentials: { token: `token/of+late${n}=planted` } }
    expect((await server.call('POST', '/v1/connections', body)).body).toMatchObject({ status: 'active' })
  }
  for (const server of [one, two]) expect(await callAll(server, ['late0', 'late1'])).toEqual([200, 200])
})
