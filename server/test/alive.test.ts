import type { Sandbox } from '@mooring/sandbox'
import { createBrowser } from '@mooring/sandbox/testing'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { leaseHolder } from '../src/connection/owner.ts'
import { type Answer, startServer, type TestServer } from './harness.ts'
import { connect, consent, sandboxFor } from './sandbox.ts'

let server: TestServer
let sandbox: Sandbox
beforeAll(async () => {
  server = await startServer()
  // Long enough that nothing is renewed ahead of time while a test looks; tests end tokens themselves.
  sandbox = await sandboxFor(server, { accessTokenLifeSeconds: 900 })
})
afterEach(() => sandbox.control.reset())
afterAll(async () => {
  await server.stop()
  await sandbox.close()
})

/** Makes a connection's stored token look ended, as time would. */
async function end(on: TestServer, link: string, more: object = {}): Promise<void> {
  const { store, workspaceId } = on.installation
  const connection = await store.connections.find(workspaceId, link)
  const authorization = connection && (await store.authorizations.find(connection.id, ''))
  if (authorization === undefined) throw new Error('not authorized')
  const at = Date.now() - 60_000
  // Not renewed by the schedule, so that the callers are the ones who find it.
  await store.authorizations.update({
    ...authorization,
    expiresAt: at,
    refreshAt: at,
    eagerUntil: 0,
    version: authorization.version + 1,
    ...more,
  })
  await on.mooring.catchUp()
}

const me = (link: string, on = server): Promise<Answer> => on.call('GET', `/v1/proxy/${link}/me`)
const get = (link: string, on = server): Promise<Answer> => on.call('GET', `/v1/connections/${link}`)
const refreshes = (): number => sandbox.control.counts().tokenByGrant.refresh_token

describe('one renewal at a time (S-20, S-21)', () => {
  test('200 callers at once on an ended token make one token request and all get through', async () => {
    await connect(server, 'sandbox_oauth2', 'crowd')
    await end(server, 'crowd')
    const before = refreshes()
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, index) =>
        index % 10 === 0 ? server.call('POST', '/v1/connections/crowd/invoke', { url: '/me' }) : me('crowd'),
      ),
    )
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([200]))
    expect(refreshes() - before).toBe(1)
  })

  test('callers of two servers on one database make one token request', async () => {
    await connect(server, 'sandbox_oauth2', 'both')
    const second = await startServer({ dir: server.dir })
    try {
      await me('both', second)
      await end(server, 'both')
      await second.mooring.catchUp()
      const before = refreshes()
      const answers = await Promise.all(
        Array.from({ length: 60 }, (_, index) => me('both', index % 2 === 0 ? server : second)),
      )
      expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([200]))
      expect(refreshes() - before).toBe(1)
    } finally {
      await second.stop()
    }
  })

  test('a refresh token that rotates on every use survives thirty ends in a row, with callers at each', async () => {
    await connect(server, 'sandbox_oauth2', 'rotates')
    for (let round = 0; round < 30; round++) {
      await end(server, 'rotates')
      const answers = await Promise.all(Array.from({ length: 5 }, () => me('rotates')))
      expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200, 200, 200])
    }
    expect((await get('rotates')).body).toMatchObject({ status: 'active', lastError: null })
  })

  test('a lease whose holder has died on this machine is not waited for', async () => {
    await connect(server, 'sandbox_oauth2', 'orphan')
    const { store, workspaceId } = server.installation
    const connection = await store.connections.find(workspaceId, 'orphan')
    const authorization = await store.authorizations.find(connection?.id ?? '', '')
    const [space] = leaseHolder().name.split('|')
    // The largest process id Linux gives out is 2^22.
    await store.authorizations.lease(authorization?.id ?? '', {
      owner: `${space}|4194399|gone`,
      now: Date.now(),
      until: Date.now() + 600_000,
    })
    const leased = await store.authorizations.find(connection?.id ?? '', '')
    await end(server, 'orphan', {
      version: (leased?.version ?? 0) + 1,
      leaseOwner: leased?.leaseOwner,
      leaseUntil: leased?.leaseUntil,
    })
    expect((await me('orphan')).status).toBe(200)
    const activity = await server.call('GET', '/v1/connections/orphan/activity')
    expect(activity.text).toContain('cut short is made good')
  })
})

describe('a rotation whose answer was lost (S-22)', () => {
  test('is tried once more, and told as possibly lost when the provider then refuses', async () => {
    await connect(server, 'sandbox_oauth2', 'lost')
    await end(server, 'lost')
    sandbox.control.dropAfterProcessing(1)
    const cut = await me('lost')
    expect([cut.status, cut.body['code']]).toEqual([502, 'upstream_unreachable'])
    expect((await get('lost')).body).toMatchObject({ status: 'active', lastError: { code: 'upstream_unreachable' } })
    const after = await server.call('POST', '/v1/connections/lost/refresh')
    expect([after.status, after.body['code']]).toEqual([409, 'reauthorization_required'])
    expect((await get('lost')).body).toMatchObject({
      status: 'reauthorization_required',
      lastError: { code: 'invalid_grant', detail: expect.stringMatching(/^Possibly lost rotation/) },
    })
    expect((await me('lost')).body).toMatchObject({ code: 'reauthorization_required' })
    await consent(await server.call('POST', '/v1/connections/lost/authorize'))
    expect((await get('lost')).body).toMatchObject({ status: 'active', lastError: null })
    expect((await me('lost')).status).toBe(200)
  })
})

describe('classes of failure (S-26)', () => {
  const transient = ['http_500', 'http_503', 'html', 'garbage', 'empty', 'redirect', 'endless'] as const
  test.each(transient)('%s at renewal leaves the connection active, says why, and heals by itself', async (kind) => {
    const link = `t_${kind}`
    await connect(server, 'sandbox_oauth2', link)
    await end(server, link)
    sandbox.control.failToken({ kind, times: 1 })
    const failed = await me(link)
    expect([429, 502, 504]).toContain(failed.status)
    expect(failed.headers.get('mooring-error')).toBe(failed.body['code'])
    const told = await get(link)
    expect(told.body).toMatchObject({ status: 'active', lastError: { detail: expect.any(String) } })
    expect(told.text).not.toContain('sandbox-client-secret')
    expect((await me(link)).status).toBe(200)
    expect((await get(link)).body).toMatchObject({ status: 'active', lastError: null })
  })

  test('a Retry-After of the provider is passed on and kept to', async () => {
    await connect(server, 'sandbox_oauth2', 'patient')
    await end(server, 'patient')
    sandbox.control.failToken({ kind: 'http_429', times: 1, retryAfterSeconds: 30 })
    const first = await me('patient')
    expect([first.status, first.body['code'], first.headers.get('retry-after')]).toEqual([
      429,
      'provider_rate_limited',
      '30',
    ])
    const tokens = sandbox.control.counts().token
    const second = await me('patient')
    expect(Number(second.headers.get('retry-after'))).toBeGreaterThan(20)
    expect(sandbox.control.counts().token).toBe(tokens)
    // Its next try must not take the failure that a later test has planned.
    await server.call('POST', '/v1/connections/patient/revoke')
  })

  test('invalid_grant stops at once and asks for a person', async () => {
    await connect(server, 'sandbox_oauth2', 'refused')
    await end(server, 'refused')
    sandbox.control.failToken({ kind: 'invalid_grant', times: 1 })
    expect((await me('refused')).body).toMatchObject({
      status: 409,
      code: 'reauthorization_required',
      hint: expect.any(String),
    })
    const tokens = sandbox.control.counts().token
    expect((await me('refused')).status).toBe(409)
    expect(sandbox.control.counts().token).toBe(tokens)
    const events = await server.call('GET', '/v1/connections/refused/activity')
    expect(events.body['items']).toContainEqual(
      expect.objectContaining({ type: 'connection.reauthorization_required', cause: 'invalid_grant' }),
    )
  })

  test('invalid_client is a wrong configuration: it stops, and a new secret sets it going again', async () => {
    await connect(server, 'sandbox_oauth2', 'configured')
    await end(server, 'configured')
    sandbox.control.failToken({ kind: 'invalid_client', times: 1 })
    expect((await me('configured')).body).toMatchObject({ code: 'provider_error' })
    expect((await get('configured')).body).toMatchObject({
      status: 'active',
      nextRefreshAt: null,
      lastError: { code: 'invalid_client' },
    })
    await server.call('PUT', '/v1/services/sandbox_oauth2/secrets', { clientSecret: 'sandbox-client-secret' })
    expect((await me('configured')).status).toBe(200)
  })

  test('a failure while the token still works changes nothing for callers', async () => {
    await connect(server, 'sandbox_oauth2', 'works')
    sandbox.control.failToken({ kind: 'http_503', times: 1 })
    expect((await server.call('POST', '/v1/connections/works/refresh')).status).toBe(502)
    expect((await get('works')).body).toMatchObject({ status: 'active', lastError: { code: expect.any(String) } })
    expect((await me('works')).status).toBe(200)
    await expect.poll(async () => (await get('works')).body['lastError']).toBeNull()
  })
})

describe('answers of all shapes (S-24, S-25)', () => {
  const expiry = (answer: Answer): number =>
    Math.round((Date.parse(String(answer.body['expiresAt'])) - Date.now()) / 1000)
  test.each([
    ['a string', { set: { expires_in: '1800' } }, 1800],
    ['milliseconds', { set: { expires_in: 3_600_000 } }, 3600],
    ['nothing', { omit: ['expires_in'] }, 3600],
  ])('an expiry as %s is understood', async (name, shape, seconds) => {
    sandbox.control.shapeToken(shape)
    const link = `expiry_${name.replaceAll(' ', '_')}`
    expect(Math.abs(expiry(await connect(server, 'sandbox_oauth2', link)) - seconds)).toBeLessThan(10)
  })

  test('no token type, no new refresh token: the old one is kept', async () => {
    await connect(server, 'sandbox_oauth2', 'keeps')
    sandbox.control.shapeToken({ omit: ['token_type', 'refresh_token'] })
    await end(server, 'keeps')
    expect((await me('keeps')).status).toBe(200)
    expect((await get('keeps')).body).toMatchObject({ autoRefresh: true })
  })

  test('no refresh token at all: the connection says when it ends, and then asks for a person', async () => {
    sandbox.control.shapeToken({ omit: ['refresh_token'] })
    expect((await connect(server, 'sandbox_oauth2', 'short')).body).toMatchObject({
      status: 'active',
      autoRefresh: false,
      nextRefreshAt: null,
    })
    await end(server, 'short', { refreshAt: null })
    expect((await me('short')).body).toMatchObject({ code: 'reauthorization_required' })
    expect((await get('short')).body).toMatchObject({
      status: 'reauthorization_required',
      lastError: { code: 'expired' },
    })
  })

  test('S-13 fewer scopes than asked for are shown, and do not ask to authorize again', async () => {
    sandbox.control.shapeToken({ set: { scope: 'read' } })
    expect((await connect(server, 'sandbox_oauth2', 'fewer', { scopes: ['read', 'write'] })).body).toMatchObject({
      scopes: ['read', 'write'],
      grantedScopes: ['read'],
      reauthorizationNeeded: false,
    })
    expect((await server.call('PATCH', '/v1/connections/fewer', { scopes: ['read'] })).body).toMatchObject({
      status: 'active',
      reauthorizationNeeded: true,
    })
    expect((await me('fewer')).status).toBe(200)
  })

  const hostile = [
    'html',
    'error_200',
    'empty',
    'garbage',
    'redirect',
    'endless',
    'http_500',
    'invalid_grant',
    'invalid_client',
  ] as const
  test.each(hostile)('%s in place of a token at connecting becomes a diagnosed attempt', async (kind) => {
    const link = `h_${kind}`
    await server.call('POST', '/v1/connections', { name: link, linkName: link, service: 'sandbox_oauth2' })
    const begun = await server.call('POST', `/v1/connections/${link}/authorize`)
    sandbox.control.failToken({ kind, times: 1 })
    const page = await consent(begun)
    expect(page.status).toBe(400)
    const attempt = await server.call('GET', `/v1/connections/${link}/attempts/${String(begun.body['attempt'])}`)
    expect(attempt.body).toMatchObject({
      state: 'failed',
      diagnosis: {
        code: expect.any(String),
        title: expect.any(String),
        detail: expect.any(String),
        hint: expect.any(String),
      },
    })
    expect(attempt.text + (await page.text())).not.toContain('sandbox-client-secret')
    expect((await get(link)).body).toMatchObject({ status: 'created', lastError: null })
  })
})

describe('what the API says of the token', () => {
  test('a 401 renews once and repeats the call', async () => {
    await connect(server, 'sandbox_oauth2', 'early')
    expect((await me('early')).headers.get('mooring-attempts')).toBeNull()
    sandbox.control.expireAccessTokens()
    const answer = await server.call('POST', '/v1/proxy/early/things', { kept: 'body' })
    expect([answer.status, answer.headers.get('mooring-attempts')]).toEqual([200, '2'])
    expect(answer.body).toMatchObject({ method: 'POST', body: { text: '{"kept":"body"}' } })
  })

  test('an API that always says 401 gets its own answer back, and no storm of renewals', async () => {
    await connect(server, 'sandbox_oauth2', 'always')
    const before = refreshes()
    const answers: Answer[] = []
    for (let count = 0; count < 10; count++) answers.push(await server.call('GET', '/v1/proxy/always/status/401'))
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([401]))
    expect(answers.every((answer) => answer.headers.get('mooring-error') === null)).toBe(true)
    expect(refreshes() - before).toBeLessThanOrEqual(3)
    expect((await me('always')).status).toBe(200)
  })
})

describe('what happens meanwhile', () => {
  /** True once the request that renews it is noted as sent. */
  async function isBeingRenewed(link: string): Promise<boolean> {
    const { store, workspaceId } = server.installation
    const connection = await store.connections.find(workspaceId, link)
    const authorization = await store.authorizations.find(connection?.id ?? '', '')
    return (authorization?.inFlight ?? null) !== null
  }

  test('a revocation during a renewal wins: the late token is told to the provider and not stored', async () => {
    await connect(server, 'sandbox_oauth2', 'raced')
    await end(server, 'raced')
    sandbox.control.failToken({ kind: 'slow', milliseconds: 2000, times: 1 })
    const caller = me('raced')
    await expect.poll(() => isBeingRenewed('raced')).toBe(true)
    const revokes = sandbox.control.counts().revoke
    expect((await server.call('POST', '/v1/connections/raced/revoke')).body).toMatchObject({ status: 'revoked' })
    expect((await caller).status).toBe(409)
    expect((await get('raced')).body).toMatchObject({ status: 'revoked', expiresAt: null })
    expect(sandbox.control.counts().revoke - revokes).toBeGreaterThanOrEqual(1)
    const { store, workspaceId } = server.installation
    const connection = await store.connections.find(workspaceId, 'raced')
    expect(await store.authorizations.find(connection?.id ?? '', '')).toMatchObject({
      status: 'revoked',
      credential: null,
      leaseOwner: null,
    })
  })

  test('authorizing anew during a renewal wins over the old grant', async () => {
    const made = await connect(server, 'sandbox_oauth2', 'anew')
    await end(server, 'anew')
    const begun = await server.call('POST', '/v1/connections/anew/authorize')
    const browser = createBrowser()
    const callback = await browser.follow(
      `${String(begun.body['authorizationUrl'])}/start`,
      `${server.mooring.publicUrl}/oauth/callback/`,
      { method: 'POST' },
    )
    sandbox.control.failToken({ kind: 'slow', milliseconds: 2000, times: 1 })
    const caller = me('anew')
    await expect.poll(() => isBeingRenewed('anew')).toBe(true)
    expect(callback).toBeInstanceOf(URL)
    if (callback instanceof URL) expect((await browser.visit(callback)).status).toBe(200)
    expect((await caller).status).toBe(200)
    const now = await get('anew')
    expect(now.body).toMatchObject({ id: made.body['id'], status: 'active' })
    expect((await me('anew')).status).toBe(200)
  })

  test('S-7 an answer that comes to another service’s address ends the attempt before any token request', async () => {
    await server.call('POST', '/v1/connections', { name: 'Stray', linkName: 'stray', service: 'sandbox_oauth2' })
    const begun = await server.call('POST', '/v1/connections/stray/authorize')
    const browser = createBrowser()
    const callback = await browser.follow(
      `${String(begun.body['authorizationUrl'])}/start`,
      `${server.mooring.publicUrl}/oauth/callback/`,
      { method: 'POST' },
    )
    const other = await server.call('GET', '/v1/services/sandbox_pkce')
    const tokens = sandbox.control.counts().token
    const moved = new URL(String(other.body['callbackUrl']))
    if (callback instanceof URL) moved.search = callback.search
    expect((await browser.visit(moved)).status).toBe(400)
    expect(sandbox.control.counts().token).toBe(tokens)
    expect(
      (await server.call('GET', `/v1/connections/stray/attempts/${String(begun.body['attempt'])}`)).body,
    ).toMatchObject({ state: 'failed' })
  })
})

describe('renewing ahead of time', () => {
  test('what is in use is renewed before it ends; what nobody used is left until it is called', async () => {
    await connect(server, 'sandbox_oauth2', 'used')
    await connect(server, 'sandbox_oauth2', 'idle')
    const soon = { expiresAt: Date.now() + 60_000, refreshAt: Date.now() - 1 }
    await end(server, 'used', { ...soon, eagerUntil: Date.now() + 3_600_000 })
    await end(server, 'idle', soon)
    await expect.poll(async () => (await get('used')).body['lastRefreshedAt']).not.toBeNull()
    expect((await get('idle')).body).toMatchObject({ lastRefreshedAt: null })
    expect((await me('idle')).status).toBe(200)
    await expect.poll(async () => (await get('idle')).body['lastRefreshedAt']).not.toBeNull()
  })
})
