/** Providers that fail for many connections at once are left in peace, by all servers together. */
import type { Sandbox } from '@mooring/sandbox'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { AuthorizationRecord } from '../src/store.ts'
import { type Answer, startServer, type TestServer } from './harness.ts'
import { connect, sandboxFor } from './sandbox.ts'

let first: TestServer
let second: TestServer
let sandbox: Sandbox
/** The clock of both: it goes on where the test says so, and a little with each call, so that no two moments are the same. */
let time = 0
const now = (): number => time
beforeEach(async () => {
  time = Date.now()
  first = await startServer({ now })
  second = await startServer({ now, dir: first.dir })
  sandbox = await sandboxFor(first, { accessTokenLifeSeconds: 900 })
  // The clock is set forward by hours: the tokens of this API go on working.
})
afterEach(async () => {
  await second.stop()
  await first.stop()
  await sandbox.close()
})

async function recordOf(link: string): Promise<AuthorizationRecord> {
  const { store, workspaceId } = first.installation
  const connection = await store.connections.find(workspaceId, link)
  const record = connection && (await store.authorizations.find(connection.id, ''))
  if (record === undefined) throw new Error('not authorized')
  return record
}

/** As time would end it; the schedule leaves it alone, so that what asks is the test. */
async function end(link: string, more: Partial<AuthorizationRecord> = {}): Promise<void> {
  const { store } = first.installation
  const record = await recordOf(link)
  const at = now() - 60_000
  const ended = { ...record, expiresAt: at, refreshAt: at, eagerUntil: 0, version: record.version + 1, ...more }
  expect(await store.authorizations.update(ended)).toBe(true)
  await first.mooring.catchUp()
  await second.mooring.catchUp()
}

const me = (link: string, on = first): Promise<Answer> => {
  time++
  return on.call('GET', `/v1/proxy/${link}/me`)
}
const requests = (): number => sandbox.control.counts().token
const paused = async (on: TestServer): Promise<{ origin: string; failures: number; until: string }[]> =>
  (await on.call('GET', '/v1/system')).body['pausedProviders'] as { origin: string; failures: number; until: string }[]
const told = async (): Promise<string[]> =>
  ((await first.call('GET', '/v1/events')).body['items'] as { type: string }[])
    .map(({ type }) => type)
    .filter((type) => type.startsWith('provider.'))

async function many(names: string[]): Promise<void> {
  for (const name of names) {
    await connect(first, 'sandbox_oauth2', name)
    await end(name)
  }
}

/** What each of these is answered, one after the other. */
async function failures(names: string[], on: TestServer[]): Promise<unknown[]> {
  const answers: unknown[] = []
  for (const [index, name] of names.entries()) {
    const { status, body, headers } = await me(name, on[index % on.length])
    answers.push([status, body['code'], headers.get('retry-after') !== null])
  }
  return answers
}

describe('a provider that fails', () => {
  const names = ['a', 'b', 'c', 'd', 'e']

  test('five times in a row is not asked any more, by no connection and no server, until one has tried it out', async () => {
    await connect(first, 'sandbox_oauth2', 'works')
    await many([...names, 'f', 'g', 'h'])
    sandbox.control.failToken({ kind: 'http_500', times: 100 })
    expect(await failures(names, [first, second])).toEqual(names.map(() => [502, 'provider_error', false]))
    const before = requests()

    // Others are told when to come back; nothing is sent. Theirs is no failure of their own.
    time += 1100
    expect(await failures(['f', 'g', 'f', 'g'], [first, first, second, second])).toEqual(
      Array.from({ length: 4 }, () => [502, 'provider_error', true]),
    )
    expect(requests()).toBe(before)
    expect(await recordOf('f')).toMatchObject({
      status: 'active',
      failures: 0,
      leaseOwner: null,
      lastError: { code: 'provider_paused' },
    })
    // Whoever has a live token notices nothing.
    expect([(await me('works')).status, (await me('works', second)).status]).toEqual([200, 200])
    for (const server of [first, second]) {
      expect(await paused(server)).toEqual([
        { origin: new URL(sandbox.url).origin, failures: 5, until: expect.any(String) },
      ])
    }
    expect(await told()).toEqual(['provider.paused'])
    expect(first.logged() + second.logged()).toContain('a provider fails; renewals there wait')
    expect((await first.call('GET', '/readyz')).status).toBe(200)

    // When the while is over one tries it out for all of them, and a failed try makes the next while longer.
    const whiles: number[] = []
    for (let round = 1; round <= 4; round++) {
      // What the other has found out by its try is known by now.
      time += 1100
      const { until } = (await paused(first))[0] ?? { until: '' }
      whiles.push(Date.parse(until) - now())
      time += Date.parse(until) - now() + 1100
      await end('f', { lastError: null })
      await end('g', { lastError: null })
      const asked = requests()
      const both = await Promise.all([me('f', first), me('g', second)])
      expect(both.map(({ status }) => status)).toEqual([502, 502])
      expect([round, requests() - asked]).toEqual([round, 1])
    }
    expect(whiles.every((one, index) => index === 0 || one > (whiles[index - 1] ?? 0))).toBe(true)

    // It is well again: the next try opens it for everybody.
    sandbox.control.reset()
    time += 1100
    time += Date.parse((await paused(first))[0]?.until ?? '') - now() + 1100
    for (const name of ['f', 'g', 'h']) await end(name, { lastError: null, failures: 0 })
    expect((await me('h')).status).toBe(200)
    time += 1100
    expect([(await me('f', second)).status, (await me('g')).status]).toEqual([200, 200])
    expect([await paused(first), await paused(second)]).toEqual([[], []])
    await expect.poll(told).toEqual(['provider.paused', 'provider.resumed'])
    expect(await recordOf('f')).toMatchObject({ lastError: null, failures: 0 })
  })

  test('is tried out by a person who asks for it, one at a time', async () => {
    await many(names)
    sandbox.control.failToken({ kind: 'http_503', times: 5, retryAfterSeconds: 600 })
    await failures(names, [first])
    const [shut] = await paused(first)
    // What it asks for is kept to.
    expect(Date.parse(shut?.until ?? '') - now()).toBeGreaterThan(590_000)
    expect((await me('a')).headers.get('retry-after')).not.toBeNull()
    expect((await first.call('POST', '/v1/connections/a/refresh')).status).toBe(200)
    await expect.poll(() => paused(first)).toEqual([])
  })

  test('is not shut by refusals, nor by failures with successes between them', async () => {
    await many([...names, 'f'])
    sandbox.control.failToken({ kind: 'invalid_grant', times: 6 })
    expect(await failures([...names, 'f'], [first])).toEqual(
      Array.from({ length: 6 }, () => [409, 'reauthorization_required', false]),
    )
    await many(['g', 'h'])
    for (let round = 0; round < 8; round++) {
      sandbox.control.failToken({ kind: 'http_500', times: 1 })
      await end('g', { failures: 0, lastError: null })
      await end('h', { failures: 0, lastError: null })
      expect([(await me('g')).status, (await me('h')).status]).toEqual([502, 200])
    }
    expect(await paused(first)).toEqual([])
  })
})

describe('a Retry-After of the provider', () => {
  test('is kept to by the other servers, and while the API refuses the old token', async () => {
    await connect(first, 'sandbox_oauth2', 'patient')
    await end('patient')
    sandbox.control.failToken({ kind: 'http_429', times: 1, retryAfterSeconds: 300 })
    expect((await me('patient')).headers.get('retry-after')).toBe('300')
    await second.mooring.catchUp()
    const before = requests()
    const there = await me('patient', second)
    expect(there.status).toBe(502)
    expect(Number(there.headers.get('retry-after'))).toBeGreaterThan(290)

    // A token that by its date still works and that the API takes no longer.
    sandbox.control.expireAccessTokens()
    const { refreshAt } = await recordOf('patient')
    await end('patient', { expiresAt: now() + 600_000, refreshAt })
    expect([(await me('patient')).status, (await me('patient', second)).status]).toEqual([401, 401])
    expect(requests()).toBe(before)
    time += 400_000
    await end('patient', { expiresAt: now() + 600_000, refreshAt })
    expect((await me('patient', second)).status).toBe(200)
    expect(requests()).toBe(before + 1)
  })
})
