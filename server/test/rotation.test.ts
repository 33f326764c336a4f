import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { createBrowser, followTo } from '@mooring/sandbox/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { behindItsBack, bytesLiteral } from './engine.ts'
import { startServer, type TestOptions, type TestServer } from './harness.ts'
import { createNeedles } from './needles.ts'
import {
  callAll,
  connectMany,
  ended,
  fast,
  halfWay,
  jobOf,
  keysIn,
  look,
  rotate,
  startKnowing,
  tamper,
  tokenOf,
} from './rotation_world.fixture.ts'
import { connect, sandboxFor } from './sandbox.ts'

function newFolder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'mooring-rotation-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

/** A server that ends with the test, unless it has ended before. */
async function started(options: TestOptions = {}): Promise<TestServer> {
  const server = await startServer({ pace: fast, ...options })
  let stopping: Promise<void> | undefined
  const stop = (): Promise<void> => (stopping ??= server.stop())
  onTestFinished(stop)
  return { ...server, stop }
}

describe('S-42 a rotation', () => {
  test('of hundreds of connections fails no call and no renewal meanwhile, and leaves the new key alone', async () => {
    const dir = newFolder()
    const server = await started({ dir, pace: { values: 20, rest: 20, quiet: 500 } })
    const names = await connectMany(server, await startKnowing(), 300)
    const sandbox = await sandboxFor(server, { accessTokenLifeSeconds: 900 })
    onTestFinished(() => sandbox.close())
    const renewed = ['r0', 'r1', 'r2']
    for (const name of renewed) await connect(server, 'sandbox_oauth2', name)
    const before = await keysIn(server)
    expect(before.keys).toHaveLength(1)

    const begun = await rotate(server)
    expect(begun).toMatchObject({
      kind: 'key_rotation',
      state: 'running',
      done: 0,
      failed: 0,
      startedBy: 'api_key:bootstrap',
    })
    const statuses = new Map<string, number>()
    const over = new AbortController()
    const noting = async (what: string, method: string, path: string): Promise<void> => {
      const { status, text } = await server.call(method, path)
      const key = status === 200 ? `${what} 200` : `${what} ${status} ${text}`
      statuses.set(key, (statuses.get(key) ?? 0) + 1)
    }
    const callers = [
      ...Array.from({ length: 4 }, async (_, caller) => {
        for (let n = caller; !over.signal.aborted; n += 7) {
          const name = names[n % names.length] ?? ''
          await noting('call', 'GET', `/v1/proxy/${name}/${name}`)
        }
      }),
      (async () => {
        for (let n = 0; !over.signal.aborted; n++)
          await noting('renewal', 'POST', `/v1/connections/${renewed[n % 3]}/refresh`)
      })(),
    ]
    const job = await ended(server, begun.id)
    over.abort()
    await Promise.all(callers)

    expect([...statuses.keys()].toSorted()).toEqual(['call 200', 'renewal 200'])
    expect(job).toMatchObject({ state: 'done', failed: 0, failures: [], detail: expect.stringContaining('is deleted') })
    expect(job.done).toBe(job.total)
    expect(job.done).toBeGreaterThanOrEqual(300)
    const after = await keysIn(server)
    expect(after.keys).toHaveLength(1)
    expect(after.keys).not.toEqual(before.keys)
    expect(Object.keys(after.sealed)).toEqual(after.keys)

    // In a process that never had the key before.
    await server.stop()
    const again = await started({ dir })
    expect(new Set(await callAll(again, names))).toEqual(new Set([200]))
    for (const name of renewed)
      expect((await again.call('POST', `/v1/connections/${name}/refresh`)).body).toMatchObject({ status: 'active' })
  })

  test('seals anew whatever is sealed: secrets, credentials, sign-ins under way, kept replies', async () => {
    const server = await started()
    const sandbox = await sandboxFor(server)
    onTestFinished(() => sandbox.close())
    await server.call('POST', '/v1/connections', { name: 'crm', service: 'sandbox_oauth2' })
    const { body } = await server.call('POST', '/v1/connections/crm/authorize')
    const browser = createBrowser()
    const back = await followTo(
      `${String(body['authorizationUrl'])}/start`,
      `${server.mooring.publicUrl}/oauth/`,
      browser,
      { method: 'POST' },
    )
    const headers = { 'Idempotency-Key': 'once' }
    const key = await server.call('POST', '/v1/api-keys', { name: 'Once', role: 'viewer' }, headers)
    const before = (await keysIn(server)).sealed

    const job = await ended(server, (await rotate(server)).id)
    expect(job).toMatchObject({ state: 'done', done: Object.values(before)[0] })
    const repeated = await server.call('POST', '/v1/api-keys', { name: 'Once', role: 'viewer' }, headers)
    expect(repeated.body).toEqual(key.body)
    expect((await browser.visit(back)).status).toBe(200)
    expect((await server.call('GET', '/v1/connections/crm')).body).toMatchObject({ status: 'active' })
  })

  test('seals what is written from the first moment on with the new key, also in a process that has not heard of it', async () => {
    const dir = newFolder()
    const paused = { values: 1, rest: 10_000, quiet: 0 }
    const [one, other] = [await started({ dir, pace: paused }), await started({ dir, pace: paused })]
    const names = await connectMany(one, await startKnowing(), 3)
    await rotate(one)
    const current = (await keysIn(one)).keys.at(-1) ?? ''
    const body = { name: 'late', service: 'known', credentials: { token: tokenOf('late') } }
    expect((await one.call('POST', '/v1/connections', body)).body).toMatchObject({ status: 'active' })
    // Sealed a moment ago by the other one.
    expect(await callAll(other, ['late', ...names])).toEqual([200, 200, 200, 200])
    const before = (await keysIn(one)).sealed[current] ?? 0
    expect((await other.call('POST', '/v1/connections', { ...body, name: 'later' })).body).toMatchObject({
      status: 'active',
    })
    expect((await keysIn(one)).sealed[current]).toBe(before + 1)
  })

  test('is heard of within a second by a process that reads nothing', async () => {
    const dir = newFolder()
    const paused = { values: 1, rest: 10_000, quiet: 0 }
    const [one, other] = [await started({ dir, pace: paused }), await started({ dir, pace: paused })]
    await rotate(one)
    const current = (await keysIn(one)).keys.at(-1)
    await expect.poll(() => other.installation.vault.currentKey(other.installation.workspaceId)).toBe(current)
  })

  test('that is paused stays paused over a restart, and goes on when it is resumed', async () => {
    const dir = newFolder()
    const slow = { values: 2, rest: 60, quiet: 20 }
    const server = await started({ dir, pace: slow })
    const names = await connectMany(server, await startKnowing(), 40)
    const { id, total } = await rotate(server)
    await halfWay(server, id)
    const paused = jobOf(await server.call('POST', `/v1/system/jobs/${id}/pause`))
    expect(paused).toMatchObject({ id, state: 'paused', total })
    await server.stop()

    const again = await started({ dir })
    await wait(1500)
    const still = await look(again, id)
    expect(still).toEqual(paused)
    expect((await keysIn(again)).keys).toHaveLength(2)
    expect((await again.call('POST', `/v1/system/jobs/${id}/pause`)).body).toEqual(paused)
    expect(jobOf(await again.call('POST', `/v1/system/jobs/${id}/resume`))).toMatchObject({
      state: 'running',
      done: paused.done,
    })
    const job = await ended(again, id)
    expect(job).toMatchObject({ state: 'done', done: total, total })
    // An end is an end.
    expect((await again.call('POST', `/v1/system/jobs/${id}/resume`)).body).toEqual(job)
    expect((await again.call('POST', `/v1/system/jobs/${id}/pause`)).body).toEqual(job)
    expect(new Set(await callAll(again, names))).toEqual(new Set([200]))
  })

  test('goes from a process that stops to one that stays, counting on', async () => {
    const dir = newFolder()
    const slow = { values: 2, rest: 60, quiet: 20 }
    const one = await started({ dir, pace: slow })
    const names = await connectMany(one, await startKnowing(), 40)
    const other = await started({ dir, pace: slow })
    const { id, total } = await rotate(one)
    const seen = await halfWay(one, id)
    const takers = [one, other].map((server) => server.logged().includes('working on a job'))
    expect(takers.filter(Boolean)).toHaveLength(1)
    const [worker, stays] = takers[0] === true ? [one, other] : [other, one]
    await worker.stop()
    const job = await ended(stays, id)
    expect(stays.logged()).toContain('working on a job')
    expect(job).toMatchObject({ state: 'done', done: total, total })
    expect(job.done).toBeGreaterThanOrEqual(seen.done)
    expect((await keysIn(stays)).keys).toHaveLength(1)
    expect(new Set(await callAll(stays, names))).toEqual(new Set([200]))
  })

  test('is made one at a time: a second is refused with the first', async () => {
    const server = await started({ pace: { values: 1, rest: 10_000, quiet: 0 } })
    await connectMany(server, await startKnowing(), 2)
    const { id } = await rotate(server)
    const second = await server.call('POST', '/v1/system/keys/rotate')
    expect([second.status, second.body]).toEqual([
      409,
      expect.objectContaining({
        code: 'job_running',
        detail: expect.stringContaining(id),
        hint: expect.stringContaining(id),
      }),
    ])
    expect((await keysIn(server)).keys).toHaveLength(2)
    expect((await server.call('GET', '/v1/system/jobs/job_nothing')).body).toMatchObject({ code: 'not_found' })
  })

  test('leaves a record: the job in the list, an event, the acts of whoever did it', async () => {
    const server = await started()
    const { id } = await rotate(server)
    await ended(server, id)
    const next = await rotate(server)
    await server.call('POST', `/v1/system/jobs/${next.id}/pause`)
    await server.call('POST', `/v1/system/jobs/${next.id}/resume`)
    await ended(server, next.id)
    const jobs = (await server.call('GET', '/v1/system/jobs?limit=1')).body
    expect(jobs).toMatchObject({ items: [{ id: next.id }], nextCursor: expect.any(String) })
    const older = await server.call('GET', `/v1/system/jobs?cursor=${String(jobs['nextCursor'])}`)
    expect(older.body).toMatchObject({ items: [{ id }], nextCursor: null })
    const events = (await server.call('GET', '/v1/events')).body['items'] as { type: string; actor: string }[]
    expect(events.filter(({ type }) => type === 'key.rotated').map(({ actor }) => actor)).toEqual([
      'api_key:bootstrap',
      'api_key:bootstrap',
    ])
    const acts = (await server.call('GET', '/v1/audit-log')).body['items'] as { action: string; object: string }[]
    const told = acts.map(
      ({ action, object }) => `${action} ${object === id ? 'first' : object === next.id ? 'second' : object}`,
    )
    expect(told.slice(0, 4)).toEqual([
      'job.resume second',
      'job.pause second',
      'encryption.rotate second',
      'encryption.rotate first',
    ])
  })
})

describe('S-41 values that do not open', () => {
  /** c3 has bits turned over, c5 and c6 have changed places. */
  async function damage(server: TestServer): Promise<void> {
    const back = await behindItsBack(server.config)
    const values = new Map<string, Buffer>()
    const rows = await back.run(
      'select c.link_name as name, a.credential as value from authorizations a join connections c on c.id = a.connection_id',
    )
    for (const { name, value } of rows) if (Buffer.isBuffer(value)) values.set(String(name), value)
    await back.close()
    const valueOf = (name: string): Buffer => Buffer.from(values.get(name) ?? '')
    const turned = valueOf('c3')
    turned.writeUInt8((turned.at(-1) ?? 0) ^ 1, turned.length - 1)
    const put = (name: string, value: Buffer): string =>
      `update authorizations set credential = ${bytesLiteral(value)}
        where connection_id = (select id from connections where link_name = '${name}')`
    await tamper(server, put('c3', turned), put('c5', valueOf('c6')), put('c6', valueOf('c5')))
  }

  test('are named and stop nothing else; the key before stays for them until they are replaced', async () => {
    const server = await started()
    const names = await connectMany(server, await startKnowing(), 20)
    await damage(server)
    const before = (await keysIn(server)).keys[0] ?? ''
    const { id, total } = await rotate(server)
    const job = await ended(server, id)
    expect(job).toMatchObject({
      state: 'failed',
      done: total - 3,
      total,
      failed: 3,
      detail: expect.stringContaining('3 values do not open'),
    })
    expect(job.failures.map(({ table, field, connection, service }) => [table, field, connection, service])).toEqual(
      expect.arrayContaining(['c3', 'c5', 'c6'].map((name) => ['authorizations', 'credential', name, null])),
    )
    expect(job.failures.map(({ detail }) => detail).join()).not.toContain('planted')
    const { keys, sealed } = await keysIn(server)
    expect(keys).toHaveLength(2)
    expect([sealed[before], sealed[keys[1] ?? '']]).toEqual([3, total - 3])
    const others = names.filter((name) => !['c3', 'c5', 'c6'].includes(name))
    expect(new Set(await callAll(server, others))).toEqual(new Set([200]))

    for (const name of ['c3', 'c5', 'c6'])
      expect(
        (await server.call('POST', `/v1/connections/${name}/authorize`, { credentials: { token: tokenOf(name) } }))
          .status,
      ).toBe(200)
    await server.call('POST', `/v1/system/jobs/${id}/resume`)
    expect(await ended(server, id)).toMatchObject({ state: 'done', failed: 0, failures: [] })
    expect((await keysIn(server)).keys).toHaveLength(1)
    expect(new Set(await callAll(server, names))).toEqual(new Set([200]))
  })

  test('are found by a verification, which changes nothing; without them it says that everything opens', async () => {
    const server = await started()
    await connectMany(server, await startKnowing(), 20)
    const good = await server.call('POST', '/v1/system/keys/verify')
    expect([good.status, good.body]).toEqual([
      202,
      expect.objectContaining({ kind: 'key_verification', state: 'running' }),
    ])
    const proven = await ended(server, jobOf(good).id)
    expect(proven).toMatchObject({
      state: 'done',
      done: proven.total,
      failed: 0,
      detail: `All ${proven.total} sealed values open.`,
    })
    await damage(server)
    const before = await keysIn(server)
    const bad = await ended(server, jobOf(await server.call('POST', '/v1/system/keys/verify')).id)
    expect(bad).toMatchObject({ state: 'failed', done: proven.total - 3, total: proven.total, failed: 3 })
    expect(bad.failures.map(({ connection }) => String(connection)).toSorted()).toEqual(['c3', 'c5', 'c6'])
    expect(await keysIn(server)).toEqual(before)
  })

  test('of a service are named by it', async () => {
    const server = await started()
    const auth = {
      type: 'oauth2',
      grantType: 'client_credentials',
      clientId: 'id',
      clientSecret: 'planted-secret',
      tokenUrl: 'https://provider.example/token',
    }
    await server.call('POST', '/v1/services', { name: 'Books', auth })
    await tamper(server, `update services set secrets = ${bytesLiteral(Buffer.alloc(60))}`)
    const job = await ended(server, (await rotate(server)).id)
    expect(job.failures).toEqual([
      expect.objectContaining({ table: 'services', field: 'secrets', service: 'books', connection: null }),
    ])
  })

  test('a verification that was cut short goes on where it was', async () => {
    const dir = newFolder()
    const server = await started({ dir, pace: { values: 2, rest: 300, quiet: 0 } })
    await connectMany(server, await startKnowing(), 30)
    const { id } = jobOf(await server.call('POST', '/v1/system/keys/verify'))
    const seen = await halfWay(server, id)
    await server.stop()
    const again = await started({ dir })
    const job = await ended(again, id)
    expect(job).toMatchObject({ state: 'done', done: seen.total, total: seen.total })
  })
})

describe('S-47 secrets and keys', () => {
  test('are in no reply, no log and no file, before, during and after a rotation', async () => {
    const dir = newFolder()
    const server = await started({ dir })
    const names = await connectMany(server, await startKnowing(), 30)
    const needles = createNeedles()
    for (const name of names) needles.watch(name, tokenOf(name))
    const [, root = ''] = readFileSync(join(dir, 'mooring.key'), 'utf8').trim().split(':')
    needles.watch('root key', root)
    const said: string[] = []
    const ask = async (method: string, path: string): Promise<void> =>
      void said.push((await server.call(method, path)).text)
    const look_ = async (): Promise<void> => {
      for (const path of [
        '/v1/system/keys',
        '/v1/system/jobs',
        '/v1/events',
        '/v1/audit-log',
        '/v1/activity?limit=100',
      ])
        await ask('GET', path)
    }
    await look_()
    await tamper(
      server,
      `update authorizations set credential = credential || ${bytesLiteral(Buffer.of(0))}
        where id = (select id from authorizations order by id limit 1 offset 2)`,
    )
    const { id } = await rotate(server)
    await ask('POST', '/v1/system/keys/rotate')
    await halfWay(server, id)
    await look_()
    expect((await ended(server, id)).failed).toBe(1)
    await ended(server, jobOf(await server.call('POST', '/v1/system/keys/verify')).id)
    await look_()
    expect(needles.foundIn(said.join('\n'))).toEqual([])
    expect(needles.foundIn(server.logged())).toEqual([])
    await server.stop()
    for (const file of readdirSync(dir).filter((name) => name !== 'mooring.key'))
      expect(needles.foundIn(readFileSync(join(dir, file))), file).toEqual([])
  })
})

describe('S-42 root keys', () => {
  const ring = (...ids: string[]): { MOORING_KEYS: string } => ({
    MOORING_KEYS: ids.map((id) => `${id}:${Buffer.alloc(32, id).toString('base64')}`).join(','),
  })
  const rootKeys = async (server: TestServer): Promise<unknown> =>
    (await server.call('GET', '/v1/system/keys')).body['rootKeys']

  test('a new first one takes over at the start, and the one before can leave the keyring then', async () => {
    const dir = newFolder()
    const first = await started({ dir, environment: ring('old') })
    const names = await connectMany(first, await startKnowing(), 5)
    expect(await rootKeys(first)).toEqual([
      { id: 'old', fingerprint: expect.any(String), seals: true, dataKeys: 1, removable: false },
    ])
    await first.stop()

    const both = await started({ dir, environment: ring('new', 'old') })
    expect(both.installation.retired).toEqual(['old'])
    expect(await rootKeys(both)).toMatchObject([
      { id: 'new', seals: true, dataKeys: 1, removable: false },
      { id: 'old', seals: false, dataKeys: 0, removable: true },
    ])
    await both.stop()

    const alone = await started({ dir, environment: ring('new') })
    expect(alone.installation.retired).toEqual([])
    expect(new Set(await callAll(alone, names))).toEqual(new Set([200]))
    expect(await ended(alone, (await rotate(alone)).id)).toMatchObject({ state: 'done' })
    await alone.stop()
    await expect(startServer({ dir, environment: ring('old') })).rejects.toThrow('sealed with the key new')
  })

  test('are told with the data keys: where they come from, what each seals, none of their bytes', async () => {
    const dir = newFolder()
    const server = await started({ dir, pace: { values: 1, rest: 10_000, quiet: 0 } })
    await connectMany(server, await startKnowing(), 3)
    const before = (await server.call('GET', '/v1/system/keys')).body
    expect(before).toMatchObject({ source: 'file', values: 3, rotation: null, verification: null })
    expect(existsSync(join(dir, 'mooring.key'))).toBe(true)
    const { id } = await rotate(server)
    const { body, text } = await server.call('GET', '/v1/system/keys')
    expect(body).toMatchObject({
      rotation: { id, state: 'running' },
      dataKeys: [
        { active: true, workspace: 'Main', fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/) },
        { active: false, fingerprint: (before['dataKeys'] as { fingerprint: string }[])[0]?.fingerprint },
      ],
    })
    const values = (body['dataKeys'] as { values: number }[]).map((key) => key.values)
    expect(values.reduce((sum, count) => sum + count, 0)).toBe(3)
    const key = readFileSync(join(dir, 'mooring.key'), 'utf8').trim().split(':')[1] ?? ''
    for (const form of ['base64', 'hex', 'base64url'] as const)
      expect(text).not.toContain(Buffer.from(key, 'base64').toString(form).slice(0, 20))
  })

  test('one that is missing fails the job with its reason, and the job goes on once it is there', async () => {
    const dir = newFolder()
    const server = await started({ dir, environment: ring('old') })
    await connectMany(server, await startKnowing(), 3)
    // Another process, with a key that this one lacks, rotates.
    const other = await started({ dir, environment: ring('old', 'new') })
    await other.stop()
    const { vault, workspaceId, store } = other.installation
    const made = { ...vault.newDataKey('dky_zz', workspaceId, Date.now() + 1000), rootKeyId: 'new' }
    await server.installation.store.dataKeys.insert(made)
    expect(store).toBeDefined()
    const { id } = jobOf(await server.call('POST', '/v1/system/keys/verify'))
    expect(await ended(server, id)).toMatchObject({
      state: 'failed',
      detail: expect.stringContaining('the key new, which'),
    })
    expect(server.logged()).toContain('a new data key does not open here')
  })
})
