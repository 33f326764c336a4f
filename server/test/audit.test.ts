import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { behindItsBack } from './engine.ts'
import { type Answer, startServer, type TestServer } from './harness.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.stop())

interface Entry {
  id: string
  at: string
  actor: string
  actorName: string
  action: string
  object: string | null
  address: string | null
  outcome: string
  detail: string
  hash: string
  previous: string
}

async function entries(query = ''): Promise<Entry[]> {
  const { body, text } = await server.call('GET', `/v1/audit-log?limit=100${query}`)
  if (!Array.isArray(body['items'])) throw new Error(text)
  return body['items'] as Entry[]
}

/** The entries that this work leaves, oldest first. */
async function left(work: () => Promise<unknown>): Promise<Entry[]> {
  const before = (await entries())[0]?.id ?? '0'
  await work()
  return entries(`&after=${before}`)
}

const plain = { name: 'Plain', stage: 'ready', auth: { type: 'bearer' }, baseUrl: 'http://127.0.0.1:9/api' }
const oauth = {
  type: 'oauth2',
  grantType: 'authorization_code',
  clientId: 'a',
  clientSecret: 'a-client-secret',
  authorizationUrl: 'https://login.example.com/authorize',
  tokenUrl: 'https://login.example.com/token',
}

async function makeKey(body: object): Promise<{ id: string; headers: Record<string, string> }> {
  const made = await server.call('POST', '/v1/api-keys', body)
  return { id: String(made.body['id']), headers: { authorization: `Bearer ${String(made.body['key'])}` } }
}

describe('S-53 the audit log', () => {
  test('tells who did what to what, when, from where, and how it ended', async () => {
    const told = await left(async () => {
      await server.call('POST', '/v1/services', { ...plain, linkName: 'told' })
      await server.call('PATCH', '/v1/services/told', { description: 'New', name: 'Told' })
      await server.call('POST', '/v1/connections', {
        name: 'Crm',
        linkName: 'crm',
        service: 'told',
        credentials: { token: 'a-secret-token' },
      })
      await server.call('POST', '/v1/connections/crm/revoke', {})
      await server.call('DELETE', '/v1/connections/crm')
      await server.call('DELETE', '/v1/services/told?force=true')
    })
    const [owner] = ((await server.call('GET', '/v1/api-keys')).body['items'] as { id: string }[]).slice(-1)
    expect(told.map(({ action, object, outcome, detail }) => [action, object, outcome, detail])).toEqual([
      ['service.create', 'told', 'done', 'Created as ready.'],
      ['service.update', 'told', 'done', 'Changed: name, description.'],
      ['connection.create', 'crm', 'done', 'Created.'],
      ['connection.revoke', 'crm', 'done', 'Revoked.'],
      ['connection.delete', 'crm', 'done', 'Revoked and deleted.'],
      ['service.delete', 'told', 'done', 'Deleted with its connections.'],
    ])
    for (const entry of told) {
      expect(entry).toMatchObject({ actor: `api_key:${owner?.id}`, actorName: 'bootstrap', address: '127.0.0.1' })
      expect(Math.abs(Date.parse(entry.at) - Date.now())).toBeLessThan(60_000)
    }
    expect(JSON.stringify(told)).not.toContain('a-secret-token')
  })

  test('tells the role and limits of a key, and never the key', async () => {
    let key = ''
    const told = await left(async () => {
      const expiresAt = '2099-01-01T00:00:00.000Z'
      const body = { name: 'CI', role: 'invoke', connections: ['a', 'b'], expiresAt }
      const made = await server.call('POST', '/v1/api-keys', body)
      key = String(made.body['key'])
      await server.call('DELETE', `/v1/api-keys/${String(made.body['id'])}`)
    })
    expect(told).toMatchObject([
      {
        action: 'api_key.create',
        object: told[1]?.object,
        detail: 'CI: role invoke, limited to 2 connections, until 2099-01-01T00:00:00.000Z.',
      },
      { action: 'api_key.delete', detail: 'Deleted.' },
    ])
    expect(JSON.stringify(told)).not.toContain(key.slice(8))
  })

  test('S-50 has each reading of a raw credential', async () => {
    await server.call('POST', '/v1/services', { ...plain, linkName: 'raw' })
    const body = { name: 'Raw', linkName: 'raw', service: 'raw', credentials: { token: 'raw-token' } }
    await server.call('POST', '/v1/connections', body)
    const told = await left(() => server.call('GET', '/v1/connections/raw/credentials'))
    expect(told).toMatchObject([{ action: 'connection.read_credentials', object: 'raw', outcome: 'done' }])
    expect(JSON.stringify(told)).not.toContain('raw-token')
  })

  test('S-2 records that PKCE was turned off, also for a service that came with its connection', async () => {
    const off = { name: 'Off', auth: { ...oauth, pkce: false }, baseUrl: 'https://api.example.com' }
    const told = await left(async () => {
      await server.call('POST', '/v1/services', { ...off, linkName: 'off' })
      await server.call('PATCH', '/v1/services/off', { auth: { type: 'oauth2', pkce: true } })
      await server.call('POST', '/v1/connections', { name: 'Along', service: { ...off, linkName: 'along' } })
    })
    expect(told.map(({ detail }) => /PKCE was turned off/.test(detail))).toEqual([true, false, true])
    expect(told[2]?.detail).toMatch(/^Created\. With its service along\. PKCE was turned off/)
  })

  test('has what was refused to somebody known, and nothing of strangers', async () => {
    const viewer = await makeKey({ name: 'viewer', role: 'viewer' })
    const told = await left(async () => {
      await server.call('DELETE', '/v1/services/raw', undefined, viewer.headers)
      await server.call('POST', '/v1/services', { name: '' })
      await server.call('DELETE', '/v1/connections/nothing')
      await server.call('DELETE', '/v1/connections/raw', undefined, { authorization: 'Bearer mk_unknown' })
      await server.call('DELETE', '/v1/connections/raw', undefined, { authorization: '' })
    })
    expect(told).toMatchObject([
      {
        actor: `api_key:${viewer.id}`,
        actorName: 'viewer',
        action: 'service.delete',
        object: 'raw',
        outcome: 'refused',
        detail: 'The role viewer may not change services and connections.',
      },
      { action: 'service.create', object: null, outcome: 'refused' },
      { action: 'connection.delete', object: 'nothing', outcome: 'refused' },
    ])
  })

  test('tells what failed for a reason outside from what was refused', async () => {
    const auth = { ...oauth, grantType: 'client_credentials', tokenUrl: 'http://127.0.0.1:9/token' }
    await server.call('POST', '/v1/services', { ...plain, name: 'Down', linkName: 'down', auth })
    await server.call('POST', '/v1/connections', { name: 'Down', linkName: 'down', service: 'down' })
    const told = await left(() => server.call('POST', '/v1/connections/down/authorize', {}))
    expect(told).toMatchObject([{ action: 'connection.authorize', object: 'down', outcome: 'failed' }])
    expect(told[0]?.detail).not.toContain('a-client-secret')
  })

  test('leaves out calls, tests, reads and repeats', async () => {
    const repeated = { 'idempotency-key': 'once' }
    const told = await left(async () => {
      await server.call('POST', '/v1/connections/raw/invoke', { url: '/x' })
      await server.call('POST', '/v1/connections/raw/test')
      await server.call('GET', '/v1/connections/raw')
      await server.call('POST', '/v1/services', { name: 'Once' }, repeated)
      await server.call('POST', '/v1/services', { name: 'Once' }, repeated)
    })
    expect(told.map(({ action }) => action)).toEqual(['service.create'])
  })

  test('has what is put outside of the table of routes: logos', async () => {
    const told = await left(() =>
      server.call('PUT', '/v1/services/raw/logo', 'no picture', { 'content-type': 'image/png' }),
    )
    expect(told).toMatchObject([{ action: 'service.set_logo', object: 'raw', outcome: 'refused' }])
  })

  test('is filtered, and pages both ways', async () => {
    const actor = (await entries())[0]?.actor ?? ''
    const of = await entries(`&action=service.create&object=told&actor=${encodeURIComponent(actor)}`)
    expect(of).toHaveLength(1)
    expect(await entries('&object=nobody')).toEqual([])
    const page = async (query: string): Promise<Answer> => server.call('GET', `/v1/audit-log?limit=2${query}`)
    const ids = ({ body }: Answer): unknown[] => (body['items'] as Entry[]).map(({ id }) => Number(id))
    const oldest = await page('&after=0')
    expect(ids(oldest)).toEqual([1, 2])
    expect(ids(await page(`&after=0&cursor=${String(oldest.body['nextCursor'])}`))).toEqual([3, 4])
    const newest = await page('')
    const [last] = ids(newest)
    expect(ids(newest)).toEqual([last, Number(last) - 1])
    expect(ids(await page(`&cursor=${String(newest.body['nextCursor'])}`))).toEqual([
      Number(last) - 2,
      Number(last) - 3,
    ])
    expect((await page('&after=x')).body).toMatchObject({ code: 'validation_failed', errors: [{ path: 'after' }] })
  })

  test('can be checked by whoever has its entries', async () => {
    const all = (await entries('&after=0')).slice(0, 50)
    let previous = '0'.repeat(64)
    for (const { hash, ...entry } of all) {
      const { id, at, actor, actorName, action, object, address, outcome, detail } = entry
      const text = JSON.stringify([id, at, actor, actorName, action, object, address, outcome, detail, previous])
      expect(entry.previous).toBe(previous)
      expect(createHash('sha256').update(text).digest('hex')).toBe(hash)
      previous = hash
    }
  })
})

describe('S-53 verifying', () => {
  let other: TestServer
  let back: Awaited<ReturnType<typeof behindItsBack>>
  const verify = async (): Promise<Record<string, unknown>> => (await other.call('GET', '/v1/audit-log/verify')).body
  const run = (sql: string): Promise<unknown> => back.run(sql)

  beforeAll(async () => {
    other = await startServer()
    for (let n = 0; n < 6; n++) await other.call('POST', '/v1/services', { name: `Service ${n}` })
    back = await behindItsBack(other.config)
  })
  afterAll(async () => {
    await back.close()
    await other.stop()
  })

  /** Changes the data behind the server's back for this test, and puts it back as it was. */
  async function tampered(statements: string[]): Promise<Record<string, unknown>> {
    await run('create table kept_log as select * from audit_log')
    await run('create table kept_heads as select * from audit_heads')
    for (const statement of statements) await run(statement)
    const found = await verify()
    await run('delete from audit_log')
    await run('delete from audit_heads')
    await run('insert into audit_log select * from kept_log')
    await run('insert into audit_heads select * from kept_heads')
    await run('drop table kept_log')
    await run('drop table kept_heads')
    return found
  }

  test('says that all is well, how many there are, and the newest hash', async () => {
    const newest = (await other.call('GET', '/v1/audit-log?limit=1')).body['items'] as Entry[]
    expect(await verify()).toEqual({
      ok: true,
      entries: 6,
      head: newest[0]?.hash,
      brokenAt: null,
      detail: '6 entries, each fits the one before.',
    })
  })

  test.each([
    ['at', 'at = at + 1'],
    ['actor', `actor = 'api_key:x'`],
    ['actor_name', `actor_name = actor_name || '.'`],
    ['action', `action = 'service.delete'`],
    ['object', 'object = null'],
    ['address', `address = '192.0.2.1'`],
    ['outcome', `outcome = 'refused'`],
    ['detail', `detail = replace(detail, 'C', 'c')`],
    ['hash', `hash = 'f' || substr(hash, 2, 62) || 'g'`],
    ['previous', `previous = substr(previous, 1, 63) || 'g'`],
  ])('finds a changed %s', async (_column, change) => {
    expect(await tampered([`update audit_log set ${change} where sequence = 3`])).toMatchObject({
      ok: false,
      brokenAt: '3',
    })
  })

  test('finds an entry that was taken out, the first and the last one too', async () => {
    const without = (sequence: number): Promise<Record<string, unknown>> =>
      tampered([`delete from audit_log where sequence = ${sequence}`])
    expect(await without(3)).toMatchObject({ ok: false, brokenAt: '4', detail: 'Entry 3 is missing.' })
    expect(await without(1)).toMatchObject({ ok: false, brokenAt: '2' })
    expect(await without(6)).toMatchObject({
      ok: false,
      brokenAt: '6',
      detail: 'Entry 6 and what follows it are missing.',
    })
    const renumbered = await tampered([
      'delete from audit_log where sequence = 3',
      // In two steps: no engine may see two of a number on the way.
      'update audit_log set sequence = -sequence where sequence > 3',
      'update audit_log set sequence = -sequence - 1 where sequence < 0',
    ])
    expect(renumbered).toMatchObject({ ok: false, brokenAt: '3' })
  })

  test('finds two that were swapped', async () => {
    const swapped = await tampered([
      'update audit_log set sequence = 99 where sequence = 3',
      'update audit_log set sequence = 3 where sequence = 4',
      'update audit_log set sequence = 4 where sequence = 99',
    ])
    expect(swapped).toMatchObject({ ok: false, brokenAt: '3', detail: 'Entry 3 does not follow the one before it.' })
  })

  test('finds an end that was rewritten, and a head that is gone', async () => {
    expect(await tampered([`update audit_heads set hash = 'x'`])).toMatchObject({ ok: false, brokenAt: '6' })
    expect(await tampered(['delete from audit_heads'])).toMatchObject({ ok: false, brokenAt: '1' })
    const short = `update audit_heads set sequence = 2, hash = (select hash from audit_log where sequence = 2)`
    expect(await tampered([short])).toMatchObject({ ok: false, brokenAt: '3' })
    expect(await tampered(['delete from audit_log where sequence > 2'])).toMatchObject({ ok: false, brokenAt: '3' })
  })

  test('goes on after a gap that was made and found', async () => {
    expect(await verify()).toMatchObject({ ok: true, entries: 6 })
    await other.call('POST', '/v1/services', { name: 'Next' })
    expect(await verify()).toMatchObject({ ok: true, entries: 7 })
  })
})
