/** Several servers on one PostgreSQL database, as behind a load balancer. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Sandbox } from '@mooring/sandbox'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { ask, engineSettings, forget } from './engine.ts'
import { startServer, type TestServer } from './harness.ts'
import { startUpstream } from './processes.ts'
import { connect, sandboxFor } from './sandbox.ts'

const dir = mkdtempSync(join(tmpdir(), 'mooring-nodes-'))
let one: TestServer
let other: TestServer
let sandbox: Sandbox
beforeAll(async () => {
  one = await startServer({ dir })
  other = await startServer({ dir })
  sandbox = await sandboxFor(one, { accessTokenLifeSeconds: 900 })
})
afterEach(() => sandbox.control.reset())
afterAll(async () => {
  await one.stop()
  await other.stop()
  await sandbox.close()
  await forget(await engineSettings(dir))
  rmSync(dir, { recursive: true, force: true })
})

const status = async (server: TestServer, link: string, key?: string): Promise<number> =>
  (
    await server.call(
      'GET',
      `/v1/proxy/${link}/me`,
      undefined,
      key === undefined ? {} : { authorization: `Bearer ${key}` },
    )
  ).status

test('what one node stores the other uses at once', async () => {
  await connect(one, 'sandbox_oauth2', 'shared')
  expect(await status(other, 'shared')).toBe(200)
  expect((await other.call('GET', '/v1/connections/shared')).body).toMatchObject({ status: 'active' })
})

test('a revocation and a deleted key are in force on the other node', async () => {
  await connect(one, 'sandbox_oauth2', 'told')
  const key = (await one.call('POST', '/v1/api-keys', { name: 'Told', role: 'invoke', connections: ['told'] })).body
  expect(await status(other, 'told', String(key['key']))).toBe(200)
  await one.call('DELETE', `/v1/api-keys/${String(key['id'])}`)
  await expect.poll(() => status(other, 'told', String(key['key']))).toBe(401)
  expect(await status(other, 'told')).toBe(200)
  expect((await one.call('POST', '/v1/connections/told/revoke')).status).toBe(200)
  await expect.poll(() => status(other, 'told')).toBe(409)
})

test('a revocation is in force while the provider that is told of it still thinks', async () => {
  const provider = await startUpstream()
  const { service } = sandbox.services.find(({ linkName }) => linkName === 'sandbox_machine') ?? {}
  const made = await one.call('POST', '/v1/services', {
    ...service,
    name: 'Slow to revoke',
    linkName: 'slow_to_revoke',
    auth: { ...Object(service).auth, revokeTokenUrl: `${provider.url}/slow` },
  })
  expect(made.status, made.text).toBe(201)
  await connect(one, 'slow_to_revoke', 'thinking')
  const call = async (): Promise<number> => (await other.call('GET', '/v1/proxy/thinking/hello')).status
  expect(await call()).toBe(200)
  const revoking = one.call('POST', '/v1/connections/thinking/revoke')
  await expect.poll(call).toBe(409)
  expect(provider.waiting).toHaveLength(1)
  provider.waiting[0]?.end('{}')
  expect((await revoking).status).toBe(200)
})

test('a revocation is in force on the other node when nothing that the database tells is heard', async () => {
  await connect(one, 'sandbox_oauth2', 'deaf')
  expect(await status(other, 'deaf')).toBe(200)
  const url = (await engineSettings(dir))['MOORING_DATABASE_URL'] ?? ''
  const deafening = `select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and query like 'listen%'`
  const hearing = new AbortController()
  const deafen = async (): Promise<void> => {
    while (!hearing.signal.aborted) {
      await ask(url, deafening)
      await delay(20)
    }
  }
  const deafened = deafen()
  try {
    for (const [from, to, link] of [
      [one, other, 'deaf'],
      [other, one, 'deaf2'],
    ] as const) {
      if (link !== 'deaf') await connect(from, 'sandbox_oauth2', link)
      await expect.poll(() => status(to, link)).toBe(200)
      expect((await from.call('POST', `/v1/connections/${link}/revoke`)).status).toBe(200)
      await expect.poll(() => status(to, link)).toBe(409)
    }
  } finally {
    hearing.abort()
    await deafened
  }
})

test('S-20 what is due at once is renewed once each, whichever node takes it', async () => {
  const links = Array.from({ length: 30 }, (_, n) => `due${n}`)
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

test('two that take the same free name at once both get one', async () => {
  const made = await Promise.all(
    Array.from({ length: 12 }, (_, n) =>
      (n % 2 === 0 ? one : other).call('POST', '/v1/services', { name: 'Same name' }),
    ),
  )
  expect(made.map(({ status: got }) => got)).toEqual(made.map(() => 201))
  expect(new Set(made.map(({ body }) => body['linkName'])).size).toBe(made.length)
})
