import type { Sandbox } from '@mooring/sandbox'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startServer, type TestServer } from './harness.ts'
import { connect, sandboxFor } from './sandbox.ts'

let server: TestServer
let sandbox: Sandbox
/** Headers of a key by its name. */
const keys = new Map<string, { id: string; authorization: string }>()

beforeAll(async () => {
  server = await startServer()
  sandbox = await sandboxFor(server)
  for (const [name, more] of [
    ['CI', { role: 'developer' }],
    ['Twin', { role: 'developer' }],
    ['Limited', { role: 'viewer', connections: ['machine'] }],
  ] as const) {
    const { body } = await server.call('POST', '/v1/api-keys', { name, ...more })
    keys.set(name, { id: String(body['id']), authorization: `Bearer ${String(body['key'])}` })
  }
  const twin = await server.call('POST', '/v1/api-keys', { name: 'Twin', role: 'developer' })
  keys.set('Other twin', { id: String(twin.body['id']), authorization: `Bearer ${String(twin.body['key'])}` })
  await connect(server, 'sandbox_machine', 'machine')
})
afterAll(async () => {
  await server.stop()
  await sandbox.close()
})

const as = (name: string): { authorization: string } => ({ authorization: keys.get(name)?.authorization ?? '' })

async function call(connection: string, path: string, key: string): Promise<number> {
  return (await server.call('GET', `/v1/proxy/${connection}/${path}`, undefined, as(key))).status
}

interface Item {
  type: string
  at: string
  ok: boolean
  detail: string
  actor: string | null
  connection: { linkName: string; name: string } | null
  service: { linkName: string; name: string } | null
}

async function activity(query = ''): Promise<Item[]> {
  const { body, text } = await server.call('GET', `/v1/activity?limit=100${query}`)
  if (!Array.isArray(body['items'])) throw new Error(text)
  return body['items'] as Item[]
}

describe('activity of the workspace', () => {
  test('has calls and everything else, newest first, with what it happened to', async () => {
    expect(await call('machine', 'hello', 'CI')).toBe(200)
    const [newest, ...rest] = await activity()
    expect(newest).toMatchObject({
      type: 'connection.invoked',
      ok: true,
      actor: 'api_key:CI',
      method: 'GET',
      detail: expect.stringMatching(/^GET \S+ answered 200\.$/),
      connection: { linkName: 'machine', name: 'machine' },
      service: { linkName: 'sandbox_machine', name: expect.any(String) },
    })
    const types = rest.map(({ type }) => type)
    expect(types).toEqual(expect.arrayContaining(['connection.authorized', 'connection.created', 'service.ready']))
    expect(rest.find(({ type }) => type === 'api_key.created')).toMatchObject({ connection: null, service: null })
    const times = [newest, ...rest].map((item) => item?.at ?? '')
    expect(times).toEqual(times.toSorted().toReversed())
  })

  test('is filtered by connection, service, type, success, actor and time', async () => {
    await call('machine', 'status/500', 'Twin')
    const all = await activity()
    const middle = all[Math.floor(all.length / 2)]?.at ?? ''
    const has = async (query: string, condition: (item: Item) => boolean): Promise<void> => {
      const found = await activity(query)
      expect(found).toEqual(all.filter(condition))
      expect(found.length).toBeGreaterThan(0)
    }
    await has('&connection=machine', (item) => item.connection?.linkName === 'machine')
    await has('&service=sandbox_bearer', (item) => item.service?.linkName === 'sandbox_bearer')
    await has('&type=connection.invoked', (item) => item.type === 'connection.invoked')
    await has('&type=service.ready', (item) => item.type === 'service.ready')
    await has('&type=api_key', (item) => item.type.startsWith('api_key.'))
    await has('&type=connection', (item) => item.type.startsWith('connection.'))
    await has('&ok=false', (item) => !item.ok)
    await has('&ok=true&type=connection', (item) => item.ok && item.type.startsWith('connection.'))
    await has('&actor=api_key:CI', (item) => item.actor === 'api_key:CI')
    await has(`&from=${middle}`, (item) => item.at >= middle)
    await has(`&to=${middle}`, (item) => item.at < middle)
    for (const query of ['&connection=nothing', '&service=nothing', '&type=nothing', '&actor=nobody'])
      expect(await activity(query)).toEqual([])
    const wrong = await server.call('GET', '/v1/activity?from=yesterday')
    expect(wrong.body).toMatchObject({ code: 'validation_failed', errors: [{ path: 'from' }] })
  })

  test('comes in pages without a repeat or a gap', async () => {
    const seen: unknown[] = []
    for (let cursor = ''; ;) {
      const { body } = await server.call('GET', `/v1/activity?limit=3${cursor}`)
      seen.push(...(body['items'] as object[]))
      if (typeof body['nextCursor'] !== 'string') break
      cursor = `&cursor=${body['nextCursor']}`
    }
    expect(seen).toEqual(await activity())
  })

  test('names no connection where it is gone, and still its service', async () => {
    await connect(server, 'sandbox_machine', 'short')
    await call('short', 'hello', 'CI')
    await server.call('DELETE', '/v1/connections/short')
    const gone = (await activity('&service=sandbox_machine')).filter((item) => item.connection === null)
    expect(gone.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['connection.created', 'connection.invoked', 'connection.deleted']),
    )
  })
})

describe('who calls through a connection', () => {
  test('is told by caller, two of one name apart, with failures, whoever called last first', async () => {
    await connect(server, 'sandbox_machine', 'used')
    for (let n = 0; n < 30; n++) await call('used', 'hello', 'Twin')
    for (let n = 0; n < 3; n++) await call('used', 'hello', 'Other twin')
    await call('used', 'status/500', 'Other twin')
    const { body } = await server.call('GET', '/v1/connections/used/usage')
    const since = Date.parse(String(body['since']))
    expect([since % 86_400_000, Date.now() - since >= 7 * 86_400_000]).toEqual([0, true])
    expect(body['callers']).toMatchObject([
      { actor: `api_key:${keys.get('Other twin')?.id}`, name: 'Twin', calls: 4, failed: 1 },
      { actor: `api_key:${keys.get('Twin')?.id}`, name: 'Twin', calls: 30, failed: 0 },
    ])
    await call('used', 'hello', 'Twin')
    const again = (await server.call('GET', '/v1/connections/used/usage')).body['callers']
    expect(again).toMatchObject([{ calls: 31 }, { calls: 4 }])
  })

  test('is nobody where nobody called', async () => {
    await connect(server, 'sandbox_machine', 'unused')
    expect((await server.call('GET', '/v1/connections/unused/usage')).body['callers']).toEqual([])
  })

  test('and calls of several in one second are folded for each by itself', async () => {
    await connect(server, 'sandbox_machine', 'folded')
    await Promise.all(Array.from({ length: 60 }, (_, n) => call('folded', 'hello', n % 2 === 0 ? 'Twin' : 'CI')))
    const counts = new Map<string, number>()
    for (const item of (await activity('&connection=folded&type=connection.invoked')) as (Item & { count: number })[])
      counts.set(String(item.actor), (counts.get(String(item.actor)) ?? 0) + item.count)
    expect(Object.fromEntries(counts)).toEqual({ 'api_key:Twin': 30, 'api_key:CI': 30 })
  })
})

describe('when a credential was last accepted', () => {
  const verifiedAt = async (connection: string): Promise<unknown> =>
    (await server.call('GET', `/v1/connections/${connection}`)).body['verifiedAt']
  const justNow = (value: unknown): boolean => Math.abs(Date.parse(String(value)) - Date.now()) < 60_000

  test('is told once the provider gave a token, by a person or without one', async () => {
    for (const service of ['sandbox_machine', 'sandbox_oauth2']) {
      const made = await connect(server, service, `verified_${service}`)
      expect(justNow(made.body['verifiedAt'])).toBe(true)
    }
  })

  test('is told once the probe accepted what was entered', async () => {
    const credentials = sandbox.services.find(({ linkName }) => linkName === 'sandbox_bearer')?.credentials
    expect(justNow((await connect(server, 'sandbox_bearer', 'probed', { credentials })).body['verifiedAt'])).toBe(true)
  })

  test('is null for a key that nobody tried, until the API or a test takes it', async () => {
    const service = sandbox.services.find(({ linkName }) => linkName === 'sandbox_bearer')
    for (const name of ['called', 'tested', 'failing']) {
      await server.call('POST', '/v1/services', { ...service?.service, probe: null, linkName: name })
      const made = await connect(server, name, name, { credentials: service?.credentials })
      expect([made.body['status'], made.body['verifiedAt']]).toEqual(['active', null])
    }
    await call('failing', 'status/500', 'CI')
    expect(await verifiedAt('failing')).toBeNull()
    await call('called', 'hello', 'CI')
    expect(justNow(await verifiedAt('called'))).toBe(true)
    await server.call('PATCH', '/v1/services/tested', { probe: { path: '/hello' } })
    await server.call('POST', '/v1/connections/tested/test')
    expect(justNow(await verifiedAt('tested'))).toBe(true)
    expect((await server.call('GET', '/v1/connections/tested')).body['lastUsedAt']).toBeNull()
  })

  test('moves on with a renewal', async () => {
    const before = Date.parse(String((await connect(server, 'sandbox_machine', 'renewed')).body['verifiedAt']))
    const { body } = await server.call('POST', '/v1/connections/renewed/refresh')
    expect(Date.parse(String(body['verifiedAt']))).toBeGreaterThan(before)
  })

  test('starts anew with other credentials', async () => {
    const service = sandbox.services.find(({ linkName }) => linkName === 'sandbox_bearer')
    await connect(server, 'called', 'replaced', { credentials: service?.credentials })
    await call('replaced', 'hello', 'CI')
    expect(justNow(await verifiedAt('replaced'))).toBe(true)
    await server.call('POST', '/v1/connections/replaced/authorize', { credentials: { token: 'another' } })
    expect(await verifiedAt('replaced')).toBeNull()
  })
})

test('the system tells its address and how long activity is kept', async () => {
  expect((await server.call('GET', '/v1/system')).body).toMatchObject({
    publicUrl: server.mooring.publicUrl,
    retentionDays: { calls: 7, events: 90 },
  })
})
