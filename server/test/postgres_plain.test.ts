/** Several servers on a database that speaks PostgreSQL and has neither NOTIFY nor advisory locks: nothing rests on them. */
import type { Sandbox } from '@mooring/sandbox'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parseDatabaseUrl } from '../src/database_url.ts'
import { openPostgres } from '../src/storage/postgres.ts'
import { newDatabase } from './engine.ts'
import { startServer, type TestServer } from './harness.ts'
import { type PlainServer, startPlainServer } from './postgres_plain.ts'
import { connect, sandboxFor } from './sandbox.ts'

let database: Awaited<ReturnType<typeof newDatabase>>
let plain: PlainServer
let url: string
let one: TestServer
let other: TestServer
let sandbox: Sandbox
beforeAll(async () => {
  database = await newDatabase('empty')
  const { hostname, port } = new URL(database.url)
  plain = await startPlainServer({ host: hostname, port: Number(port) })
  url = plain.url(database.url)
  // All of them find nothing there, and one makes the tables.
  const stores = await Promise.all(
    Array.from({ length: 4 }, () => openPostgres({ target: parseDatabaseUrl(url), connections: 2 })),
  )
  for (const store of stores) await store.close()
  // One keyring, as servers of one installation have.
  const environment = {
    MOORING_DATABASE_URL: url,
    MOORING_DATABASE_CONNECTIONS: '5',
    MOORING_KEYS: `k1:${Buffer.alloc(32, 7).toString('base64')}`,
  }
  one = await startServer({ environment })
  other = await startServer({ environment })
  sandbox = await sandboxFor(one, { accessTokenLifeSeconds: 900 })
})
afterAll(async () => {
  await one.stop()
  await other.stop()
  await sandbox.close()
  await plain.close()
  await database.drop()
})

const status = async (server: TestServer, link: string): Promise<number> =>
  (await server.call('GET', `/v1/proxy/${link}/me`)).status

test('a revocation is in force on the other server although nobody is told of it', async () => {
  for (const [from, to, link] of [
    [one, other, 'first'],
    [other, one, 'second'],
  ] as const) {
    await connect(from, 'sandbox_oauth2', link)
    expect(await status(to, link)).toBe(200)
    expect((await from.call('POST', `/v1/connections/${link}/revoke`)).status).toBe(200)
    await expect.poll(() => status(to, link)).toBe(409)
  }
  expect(plain.refused).toEqual(
    expect.arrayContaining([expect.stringMatching(/^listen /), expect.stringMatching(/^notify /)]),
  )
})

test('a token is renewed by one of them at a time, and what is due once', async () => {
  const links = Array.from({ length: 10 }, (_, n) => `due${n}`)
  for (const link of links) await connect(one, 'sandbox_oauth2', link)
  const { store, workspaceId } = one.installation
  const before = sandbox.control.counts().tokenByGrant.refresh_token
  for (const link of links) {
    const connection = await store.connections.find(workspaceId, link)
    const record = await store.authorizations.find(connection?.id ?? '', '')
    if (record === undefined) throw new Error('not authorized')
    await store.authorizations.update({ ...record, refreshAt: Date.now() - 1, version: record.version + 1 })
  }
  const renewed = async (): Promise<boolean[]> =>
    Promise.all(
      links.map(async (link) => (await other.call('GET', `/v1/connections/${link}`)).body['lastRefreshedAt'] !== null),
    )
  await expect.poll(renewed).toEqual(links.map(() => true))
  expect(sandbox.control.counts().tokenByGrant.refresh_token - before).toBe(links.length)
})

test('nothing else was asked for that such a database does not have', () => {
  expect(plain.refused.filter((text) => !/^(?:listen|notify) mooring_changes$/.test(text))).toEqual([])
})
