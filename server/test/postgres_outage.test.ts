/** A database that goes away under load and comes back: what needs it waits, what does not goes on, nothing stored is lost. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Sandbox } from '@mooring/sandbox'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openCredential } from '../src/connection/bind.ts'
import { startServer, type TestServer } from './harness.ts'
import { type Cluster, makeCluster, startCluster } from './postgres_cluster.ts'
import { connect, sandboxFor } from './sandbox.ts'

const dirs: string[] = []
afterAll(() => {
  for (const dir of dirs) rmSync(dir, { recursive: true, force: true })
})

function serverOn(url: string): Promise<TestServer> {
  const dir = mkdtempSync(join(tmpdir(), 'mooring-outage-'))
  dirs.push(dir)
  return startServer({ dir, environment: { MOORING_DATABASE_URL: url, MOORING_DATABASE_CONNECTIONS: '5' } })
}

let loads = 0

/** Callers and writers, until they are told to stop. */
function load(server: TestServer, links: readonly string[]) {
  const prefix = `stored_${loads++}`
  const over = new AbortController()
  const { signal } = over
  /** Answers to calls with a live token. */
  const calls: number[] = []
  /** Services whose creation was confirmed. */
  const stored: string[] = []
  /** Renewals that were confirmed, and every other answer to the asking for one. */
  let renewed = 0
  const refused: Record<string, unknown>[] = []

  const calling = async (link: string): Promise<void> => {
    while (!signal.aborted) {
      calls.push((await server.call('GET', `/v1/proxy/${link}/me`)).status)
      await delay(10)
    }
  }
  const writing = async (writer: number): Promise<void> => {
    for (let n = 0; !signal.aborted; n++) {
      const linkName = `${prefix}_${writer}_${n}`
      const made = await server.call('POST', '/v1/services', { name: linkName, linkName })
      if (made.status === 201) stored.push(linkName)
      else refused.push({ ...made.body, retryAfter: made.headers.get('retry-after') })
      await delay(10)
    }
  }
  const renewing = async (link: string): Promise<void> => {
    while (!signal.aborted) {
      const asked = await server.call('POST', `/v1/connections/${link}/refresh`)
      if (asked.status === 200) renewed++
      else refused.push({ ...asked.body, retryAfter: asked.headers.get('retry-after') })
      await delay(50)
    }
  }
  const all = [calling('held'), calling('held'), writing(0), writing(1), ...links.map(renewing)]
  return {
    calls,
    stored,
    refused,
    renewed: () => renewed,
    async stop() {
      over.abort()
      await Promise.all(all)
    },
  }
}

/** Each connection has the token that the provider gave last, and a renewal that works. */
async function provesWhole(server: TestServer, links: readonly string[], stored: readonly string[]): Promise<void> {
  const { store, vault, workspaceId } = server.installation
  for (const linkName of stored)
    expect((await server.call('GET', `/v1/services/${linkName}`)).status, linkName).toBe(200)
  for (const link of links) {
    expect((await server.call('POST', `/v1/connections/${link}/refresh`)).body, link).toMatchObject({
      status: 'active',
    })
    expect((await server.call('GET', `/v1/proxy/${link}/me`)).status, link).toBe(200)
    const connection = await store.connections.find(workspaceId, link)
    const record = await store.authorizations.find(connection?.id ?? '', '')
    if (record === undefined) throw new Error('not authorized')
    expect(record).toMatchObject({ leaseOwner: null, inFlight: null, status: 'active' })
    expect(openCredential(vault, record)).toBeTypeOf('object')
  }
}

describe('one database', () => {
  let cluster: Cluster
  let server: TestServer
  let sandbox: Sandbox
  beforeAll(async () => {
    cluster = await startCluster()
    await cluster.run('create database mooring')
    server = await serverOn(cluster.url('mooring'))
    sandbox = await sandboxFor(server, { accessTokenLifeSeconds: 900 })
    for (const link of ['held', 'renewed']) await connect(server, 'sandbox_oauth2', link)
  })
  afterAll(async () => {
    await server.stop()
    await sandbox.close()
    await cluster.remove()
  })

  test.each(['fast', 'kill'] as const)('that is restarted (%s) under load', async (how) => {
    const running = load(server, ['renewed'])
    await expect.poll(() => running.stored.length).toBeGreaterThan(3)
    await expect.poll(() => running.renewed()).toBeGreaterThan(1)
    await cluster.stop(how)
    const [ready, alive] = [await server.call('GET', '/readyz'), await server.call('GET', '/healthz')]
    expect([ready.status, ready.body['status'], alive.status]).toEqual([503, 'storage unreachable', 200])
    // Whoever needs the database waits, and is then told to come back.
    const told = await server.call('GET', '/v1/connections')
    expect([told.status, told.body['code'], told.headers.get('retry-after')]).toEqual([503, 'unavailable', '2'])
    const before = running.calls.length
    await expect.poll(() => running.calls.length).toBeGreaterThan(before + 10)
    await cluster.start()
    await expect.poll(async () => (await server.call('GET', '/readyz')).status).toBe(200)
    const stored = running.stored.length
    await expect.poll(() => running.stored.length).toBeGreaterThan(stored + 3)
    await running.stop()

    expect(new Set(running.calls)).toEqual(new Set([200]))
    for (const refusal of running.refused)
      expect(refusal).toMatchObject({ code: 'unavailable', retryAfter: expect.any(String) })
    await provesWhole(server, ['held', 'renewed'], running.stored)
  })

  test('that is restarted while a request waits for it: the request is answered', async () => {
    await cluster.stop('fast')
    const asked = server.call('GET', '/v1/services?limit=1')
    const made = server.call('POST', '/v1/services', { name: 'Waited', linkName: 'waited' })
    await delay(300)
    await cluster.start()
    expect((await asked).status).toBe(200)
    expect((await made).status).toBe(201)
  })

  test('whose connections are cut one by one costs nobody anything', async () => {
    const running = load(server, [])
    const cut = `select pg_terminate_backend(pid) from pg_stat_activity
      where datname = 'mooring' and pid <> pg_backend_pid() and random() < 0.5`
    for (let n = 0; n < 10; n++) {
      await cluster.run(cut)
      await delay(50)
    }
    await running.stop()
    expect(new Set(running.calls)).toEqual(new Set([200]))
    for (const refusal of running.refused) expect(refusal).toMatchObject({ code: 'unavailable' })
    await provesWhole(server, ['held', 'renewed'], running.stored)
  })
})

describe('a database with a synchronous standby', () => {
  test('that takes its place costs seconds of waiting, and nothing that was stored', async () => {
    const primary = await startCluster()
    await primary.run('create database mooring')
    // A copy of a server that has ended is where a standby may begin.
    await primary.stop('fast')
    const standby = await makeCluster({
      copyOf: primary,
      settings: {
        primary_conninfo: `host=127.0.0.1 port=${primary.port} user=mooring password=pass:word/of@tests application_name=standby`,
      },
    })
    await primary.start()
    await standby.start()
    const url = new URL(primary.url('mooring', 'target_session_attrs=read-write'))
    const both = url.href.replace(url.host, `127.0.0.1:${standby.port},${url.host}`)
    await primary.run(`alter system set synchronous_standby_names = 'standby'`)
    await primary.run('select pg_reload_conf()')
    const replicated = async (): Promise<unknown> =>
      (await primary.run('select sync_state from pg_stat_replication'))[0]?.['sync_state']
    await expect.poll(replicated).toBe('sync')

    const server = await serverOn(both)
    const sandbox = await sandboxFor(server, { accessTokenLifeSeconds: 900 })
    const links = ['renewed', 'renewed2', 'renewed3']
    for (const link of ['held', ...links]) await connect(server, 'sandbox_oauth2', link)
    const running = load(server, links)
    await expect.poll(() => running.stored.length).toBeGreaterThan(5)
    await expect.poll(() => running.renewed()).toBeGreaterThan(5)
    await primary.stop('kill')
    expect((await server.call('GET', '/readyz')).status).toBe(503)
    await standby.run('select pg_promote()')
    await expect.poll(async () => (await server.call('GET', '/readyz')).status).toBe(200)
    const [stored, renewed] = [running.stored.length, running.renewed()]
    await expect.poll(() => running.stored.length).toBeGreaterThan(stored + 3)
    await expect.poll(() => running.renewed()).toBeGreaterThan(renewed + 3)
    await running.stop()

    expect(new Set(running.calls)).toEqual(new Set([200]))
    for (const refusal of running.refused) expect(refusal).toMatchObject({ code: 'unavailable' })
    await provesWhole(server, ['held', ...links], running.stored)
    await server.stop()
    await sandbox.close()
    await standby.remove()
    await primary.remove()
  })
})
