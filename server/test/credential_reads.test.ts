import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { engineSettings } from './engine.ts'
import { randomOf } from './faults/random.ts'
import { startServer, type TestServer } from './harness.ts'
import { bootstrapKey, call, connectTo, newFolder, serving, startProcess, startUpstream } from './processes.ts'

interface Entry {
  id: string
  action: string
  actor: string
  object: string | null
  address: string | null
  outcome: string
  detail: string
}

interface Told {
  type: string
  actor: string
  user: string | null
  detail: string
  count?: number
  connection: { linkName: string } | null
}

type Ask = (path: string) => Promise<{ body: Record<string, unknown> }>

/** All pages of a list. */
async function all<T>(ask: Ask, path: string): Promise<T[]> {
  const items: T[] = []
  let next = ''
  for (;;) {
    const { body } = await ask(`${path}&limit=100${next}`)
    const { items: page, nextCursor } = body as { items: T[]; nextCursor: string | null }
    items.push(...page)
    if (nextCursor === null) return items
    next = `&cursor=${nextCursor}`
  }
}

const readsIn = async (ask: Ask, after = '0'): Promise<Entry[]> =>
  all<Entry>(ask, `/v1/audit-log?action=connection.read_credentials&after=${after}`)
const eventsOf = async (ask: Ask): Promise<Told[]> => all<Told>(ask, '/v1/activity?type=connection.credentials_read')

/** How many reads an entry says it stands for. */
function countOf({ detail }: Pick<Entry, 'detail'>): number {
  return Number(/^Read the raw credential(?: (\d+) times at once)?\./.exec(detail)?.[1] ?? 1)
}

function totals<T>(items: readonly T[], kind: (item: T) => unknown, count: (item: T) => number): Map<string, number> {
  const sums = new Map<string, number>()
  for (const item of items) {
    const key = JSON.stringify(kind(item))
    sums.set(key, (sums.get(key) ?? 0) + count(item))
  }
  return new Map([...sums].toSorted(([one], [other]) => (one < other ? -1 : 1)))
}

describe('S-50, S-53 many who read raw credentials at once', () => {
  let server: TestServer
  const keys: { id: string; name: string; key: string }[] = []
  const ask: Ask = async (path) => server.call('GET', path)
  const newest = async (): Promise<string> => {
    const { body } = await server.call('GET', '/v1/audit-log?limit=1')
    return (body['items'] as Entry[])[0]?.id ?? '0'
  }

  beforeAll(async () => {
    server = await startServer({ environment: { MOORING_TRUSTED_PROXIES: '127.0.0.1' } })
    for (const [name, role] of [
      ['One', 'admin'],
      ['Two', 'owner'],
      ['Looker', 'viewer'],
    ]) {
      const { body } = await server.call('POST', '/v1/api-keys', { name, role })
      keys.push({ id: String(body['id']), name: String(name), key: String(body['key']) })
    }
    const service = { name: 'Plain', linkName: 'plain', stage: 'ready', auth: { type: 'bearer' } }
    await server.call('POST', '/v1/services', { ...service, baseUrl: 'http://127.0.0.1:9/api' })
    for (const linkName of ['crm', 'erp'])
      await server.call('POST', '/v1/connections', {
        name: linkName,
        linkName,
        service: 'plain',
        credentials: { token: `token-of-${linkName}` },
      })
    const personal = { name: 'Personal', linkName: 'personal', service: 'plain', authorizationLevel: 'per_user' }
    await server.call('POST', '/v1/connections', personal)
    for (const user of ['ada', 'bob'])
      await server.call('POST', '/v1/connections/personal/authorize', {
        user,
        credentials: { token: `token-of-${user}` },
      })
  })
  afterAll(() => server.stop())

  test.each(['first', 'second', 'third'])('each reply is counted where it belongs (%s seed)', async (seed) => {
    const random = randomOf(seed)
    const before = await newest()
    const eventsBefore = await eventsOf(ask)
    const read = async () => {
      const who = random.pick(keys)
      const from = random.pick(['192.0.2.1', '192.0.2.2'])
      const [of, user] = random.pick([
        ['crm', null],
        ['crm', null],
        ['erp', null],
        ['personal', 'ada'],
        ['personal', 'bob'],
        ['personal', 'nobody'],
        ['missing', null],
      ] as const)
      const { status, text } = await server.call(
        'GET',
        `/v1/connections/${of}/credentials${user === null ? '' : `?user=${user}`}`,
        undefined,
        { authorization: `Bearer ${who.key}`, 'x-forwarded-for': from },
      )
      if (status === 200) expect(text).toContain(`token-of-${user ?? of}`)
      else expect(text).not.toContain('token-of-')
      return { who, from, of, user, status }
    }
    const replies = await Promise.all(Array.from({ length: 150 }, read))
    const given = replies.filter(({ status }) => status === 200)
    expect(given.length).toBeGreaterThan(20)

    const entries = await readsIn(ask, before)
    const done = entries.filter(({ outcome }) => outcome === 'done')
    expect(
      totals(done, ({ actor, object, address, detail }) => [actor, object, address, userIn(detail)], countOf),
    ).toEqual(
      totals(
        given,
        ({ who, of, from, user }) => [`api_key:${who.id}`, of, from, user],
        () => 1,
      ),
    )
    // What was refused is told one by one.
    expect(entries.length - done.length).toBe(replies.length - given.length)

    const told = (await eventsOf(ask)).slice(0, -eventsBefore.length || undefined)
    expect(
      totals(
        told,
        ({ actor, connection, user }) => [actor, connection?.linkName, user],
        ({ count = 1 }) => count,
      ),
    ).toEqual(
      totals(
        given,
        ({ who, of, user }) => [`api_key:${who.name}`, of, user],
        () => 1,
      ),
    )
    expect(told).toHaveLength(done.length)
    expect((await server.call('GET', '/v1/audit-log/verify')).body).toMatchObject({ ok: true })
    expect(JSON.stringify([entries, told])).not.toContain('token-of-')
  })

  test('a read that is alone is told as ever', async () => {
    const before = await newest()
    await server.call('GET', '/v1/connections/crm/credentials')
    await server.call('GET', '/v1/connections/personal/credentials?user=ada')
    expect(await readsIn(ask, before)).toMatchObject([
      { object: 'crm', outcome: 'done', detail: 'Read the raw credential.' },
      { object: 'personal', outcome: 'done', detail: 'Read the raw credential. For the user ada.' },
    ])
    const [ada, shared] = await eventsOf(ask)
    expect(ada).toMatchObject({ user: 'ada', detail: 'api_key:bootstrap read the raw credential.' })
    expect(shared).toMatchObject({ user: null, cause: 'asked for', ok: true, connection: { linkName: 'crm' } })
    expect([ada, shared].map((entry) => Object.hasOwn(entry ?? {}, 'count'))).toEqual([false, false])
  })

  test('several at once are told in words and as a number', async () => {
    const before = await newest()
    const { auditLog } = server.installation.store
    const append = auditLog.append.bind(auditLog)
    // A write that takes its while.
    auditLog.append = async (...given) => {
      await wait(300)
      return append(...given)
    }
    await Promise.all(Array.from({ length: 30 }, () => server.call('GET', '/v1/connections/crm/credentials')))
    auditLog.append = append
    const several = (await readsIn(ask, before)).find((entry) => countOf(entry) > 1)
    const count = several && countOf(several)
    expect(several?.detail).toBe(`Read the raw credential ${count} times at once.`)
    expect(await eventsOf(ask)).toContainEqual(
      expect.objectContaining({ count, detail: `api_key:bootstrap read the raw credential ${count} times at once.` }),
    )
  })

  test.each([
    ['what is there', 'crm', {}],
    ['a user’s', 'personal', { user: 'ada' }],
    ['a user’s who has none', 'personal', { user: 'nobody' }],
    ['a user’s who is not named', 'personal', {}],
    ['what is not there', 'missing', {}],
    ['with a key that may not', 'crm', { as: 'Looker' }],
    ['with a key that is none', 'crm', { as: 'mk_nothing' }],
  ])(
    'the plain form and the others are answered alike: %s',
    async (_what, of, { user, as }: { user?: string; as?: string }) => {
      const key: Record<string, string> =
        as === undefined ? {} : { authorization: `Bearer ${keys.find(({ name }) => name === as)?.key ?? as}` }
      const read = async (query: string) => {
        const path = `/v1/connections/${of}/credentials${query}`
        const { status, headers, body } = await server.call('GET', path, undefined, key)
        const { date: _date, 'x-request-id': id, ...sent } = Object.fromEntries(headers)
        expect(id).toMatch(/^req_[\w-]{16}$/)
        if (status === 200) return { status, sent, body }
        expect(body['requestId']).toBe(id)
        return { status, sent, body: { ...body, requestId: '' } }
      }
      const named = user === undefined ? [] : [`user=${user}`]
      const coded = user === undefined ? [] : [`user=%${user.charCodeAt(0).toString(16)}${user.slice(1)}`]
      const plain = await read(named.length === 0 ? '' : `?${named.join('&')}`)
      expect(plain).toEqual(await read(`?${[...named, 'method=GET'].join('&')}`))
      expect(plain).toEqual(await read(`?${[...coded, 'method=GET'].join('&')}`))
    },
  )

  test('nobody is shown what could not be written down, and the next is', async () => {
    const { auditLog } = server.installation.store
    const append = auditLog.append.bind(auditLog)
    auditLog.append = () => Promise.reject(new Error('the disk is full'))
    const read = async () => server.call('GET', '/v1/connections/crm/credentials')
    const refused = await Promise.all(Array.from({ length: 20 }, read))
    auditLog.append = append
    expect(refused.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 500))
    expect(refused.map(({ text }) => text).join('')).not.toContain('token-of-')
    expect((await read()).status).toBe(200)
  })

  test('a revoke is in force for whoever comes after it, also among many', async () => {
    const made = { name: 'Going', linkName: 'going', service: 'plain', credentials: { token: 'token-of-going' } }
    await server.call('POST', '/v1/connections', made)
    const read = async () => server.call('GET', '/v1/connections/going/credentials')
    const early = Array.from({ length: 30 }, read)
    await server.call('POST', '/v1/connections/going/revoke', {})
    const late = await Promise.all(Array.from({ length: 30 }, read))
    expect(late.map(({ body }) => body['code'])).toEqual(Array.from({ length: 30 }, () => 'connection_not_active'))
    for (const { status, text } of await Promise.all(early))
      if (status !== 200) expect(text).not.toContain('token-of-going')
  })
})

function userIn(detail: string): string | null {
  return /For the user (\w+)\.$/.exec(detail)?.[1] ?? null
}

describe('S-53 kill -9 among many reads', () => {
  test('every reply that was given has its entry and its event', async () => {
    const environment = {
      ...(await engineSettings(newFolder())),
      MOORING_DATA_DIR: newFolder(),
      MOORING_BOOTSTRAP_API_KEY: bootstrapKey,
      MOORING_EGRESS_ALLOW: '127.0.0.0/8',
    }
    const upstream = await startUpstream()
    const doomed = startProcess(environment)
    const url = await serving(doomed)
    await connectTo(url, upstream)
    let given = 0
    const reader = async (): Promise<void> => {
      for (;;) {
        const { status } = await call(url, 'GET', '/v1/connections/through/credentials')
        if (status === 200) given++
        if (given >= 400) doomed.child.kill('SIGKILL')
      }
    }
    // Each ends when there is no server any more.
    await Promise.allSettled(Array.from({ length: 25 }, reader))
    expect((await doomed.ended).signal).toBe('SIGKILL')
    expect(given).toBeGreaterThanOrEqual(400)

    const again = await serving(startProcess(environment))
    const ask: Ask = async (path) => call(again, 'GET', path)
    const entries = await readsIn(ask)
    const recorded = entries.reduce((sum, entry) => sum + countOf(entry), 0)
    expect(recorded).toBeGreaterThanOrEqual(given)
    expect(entries.length).toBeLessThan(recorded)
    // In one write with the entries, so neither has what the other lacks.
    expect((await eventsOf(ask)).reduce((sum, { count = 1 }) => sum + count, 0)).toBe(recorded)
    expect((await call(again, 'GET', '/v1/audit-log/verify')).body).toMatchObject({ ok: true })
  })
})
