/** The store or the provider out of reach, and connections that must be left alone. */
import type { Sandbox } from '@mooring/sandbox'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { openCredential } from '../src/connection/bind.ts'
import { createLog } from '../src/log.ts'
import { startMooring } from '../src/mooring.ts'
import type { AuthorizationRecord } from '../src/store.ts'
import { type Answer, ownerKey, startServer, type TestServer } from './harness.ts'
import { connect, consent, sandboxFor } from './sandbox.ts'

let server: TestServer
let sandbox: Sandbox
beforeAll(async () => {
  server = await startServer()
  sandbox = await sandboxFor(server, { accessTokenLifeSeconds: 900 })
})
afterEach(() => sandbox.control.reset())
afterAll(async () => {
  await server.stop()
  await sandbox.close()
})

const me = (link: string): Promise<Answer> => server.call('GET', `/v1/proxy/${link}/me`)
const get = (link: string): Promise<Answer> => server.call('GET', `/v1/connections/${link}`)
const refresh = (link: string): Promise<Answer> => server.call('POST', `/v1/connections/${link}/refresh`)
const refreshes = (): number => sandbox.control.counts().tokenByGrant.refresh_token
const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds))

async function authorizationOf(link: string): Promise<AuthorizationRecord> {
  const { store, workspaceId } = server.installation
  const connection = await store.connections.find(workspaceId, link)
  const authorization = connection && (await store.authorizations.find(connection.id, ''))
  if (authorization === undefined) throw new Error('not authorized')
  return authorization
}

async function change(link: string, more: Partial<AuthorizationRecord>): Promise<void> {
  const authorization = await authorizationOf(link)
  await server.installation.store.authorizations.update({
    ...authorization,
    ...more,
    version: authorization.version + 1,
  })
  await server.mooring.catchUp()
}

/** Until it is called, this part of the store fails. */
function breakPart<Part extends object>(part: Part, name: keyof Part): () => void {
  const whole: unknown = Reflect.get(part, name)
  Reflect.set(part, name, () => Promise.reject(new Error('the disk is gone')))
  return () => void Reflect.set(part, name, whole)
}

/** Until it is called, outcomes of renewals cannot be written; everything else can. */
function breakSettling(): () => void {
  const { store } = server.installation
  const transaction = store.transaction.bind(store)
  store.transaction = async (work) =>
    transaction((inside) =>
      work({
        ...inside,
        authorizations: {
          ...inside.authorizations,
          settle: () => Promise.reject(new Error('the disk is gone')),
        },
      }),
    )
  return () => {
    store.transaction = transaction
  }
}

describe('S-23 an answer that cannot be stored', () => {
  test('serves calls, is not renewed before it is stored, and is in no log', async () => {
    await connect(server, 'sandbox_oauth2', 'held')
    const mend = breakSettling()
    try {
      expect((await refresh('held')).status).toBe(200)
      sandbox.control.expireAccessTokens()
      const second = await refresh('held')
      expect([second.status, second.body['code'], second.headers.get('retry-after')]).toEqual([503, 'unavailable', '2'])
      expect(refreshes()).toBe(1)
    } finally {
      mend()
    }
    await expect.poll(async () => (await get('held')).body['lastRefreshedAt']).not.toBeNull()
    const answer = await me('held')
    expect([answer.status, answer.headers.get('mooring-attempts')]).toEqual([200, '2'])
    expect(refreshes()).toBe(2)
    const held = openCredential(server.installation.vault, await authorizationOf('held'))
    const secrets = Object.values(typeof held === 'object' && held !== null ? held : {}).map(String)
    expect(secrets.length).toBeGreaterThan(1)
    const told = server.logged() + (await server.call('GET', '/v1/connections/held/activity')).text
    expect(secrets.filter((secret) => secret !== 'Bearer' && told.includes(secret))).toEqual([])
  })

  test('is revoked at the provider where the connection was revoked meanwhile', async () => {
    await connect(server, 'sandbox_oauth2', 'late')
    const mend = breakSettling()
    try {
      expect((await refresh('late')).status).toBe(200)
      expect((await server.call('POST', '/v1/connections/late/revoke')).body).toMatchObject({ status: 'revoked' })
      expect(sandbox.control.counts().revoke).toBe(1)
    } finally {
      mend()
    }
    await expect.poll(() => sandbox.control.counts().revoke).toBe(2)
    expect(await authorizationOf('late')).toMatchObject({ status: 'revoked', credential: null, leaseOwner: null })
  })
})

describe('a store that is out of reach when a renewal is due', () => {
  test('does not keep a token that is still good from being used', async () => {
    await connect(server, 'sandbox_oauth2', 'outage')
    await change('outage', { refreshAt: Date.now() - 1, eagerUntil: 0 })
    // Into memory, before the store goes. Its renewal in the background is let pass.
    expect((await me('outage')).status).toBe(200)
    await expect.poll(async () => (await get('outage')).body['lastRefreshedAt']).not.toBeNull()
    await change('outage', { refreshAt: Date.now() - 1, eagerUntil: 0 })
    const { connections, authorizations } = server.installation.store
    const mend = [breakPart(authorizations, 'lease')]
    try {
      expect((await me('outage')).status).toBe(200)
      await pause(50)
      mend.push(breakPart(connections, 'find'))
      const before = refreshes()
      for (let count = 0; count < 5; count++) expect((await me('outage')).status).toBe(200)
      expect(refreshes()).toBe(before)
    } finally {
      for (const one of mend) one()
    }
  })

  test('S-21 a token that has ended is not renewed without the lease: the caller is told to come back', async () => {
    await connect(server, 'sandbox_oauth2', 'unleased')
    await change('unleased', { expiresAt: Date.now() - 1000, refreshAt: null, eagerUntil: 0 })
    const { authorizations } = server.installation.store
    const mends = [breakPart(authorizations, 'lease'), breakPart(authorizations, 'leaseDue')]
    try {
      const answer = await me('unleased')
      expect([answer.status, answer.body['code'], answer.headers.get('retry-after')]).toEqual([503, 'unavailable', '2'])
      expect(answer.text).not.toContain('disk')
    } finally {
      for (const mend of mends) mend()
    }
    expect(refreshes()).toBe(0)
    expect((await me('unleased')).status).toBe(200)
  })

  test('a failure that cannot be recorded leaves a lease that the next call breaks at once', async () => {
    await connect(server, 'sandbox_oauth2', 'unrecorded')
    sandbox.control.failToken({ kind: 'http_503' })
    const mend = breakPart(server.installation.store, 'transaction')
    try {
      expect((await refresh('unrecorded')).status).toBe(502)
    } finally {
      mend()
    }
    expect((await authorizationOf('unrecorded')).leaseOwner).not.toBeNull()
    const startedAt = Date.now()
    expect((await refresh('unrecorded')).body).toMatchObject({ status: 'active', lastError: null })
    // The lease itself would last half a minute.
    expect(Date.now() - startedAt).toBeLessThan(20_000)
    expect(await authorizationOf('unrecorded')).toMatchObject({ leaseOwner: null, inFlight: null })
  })

  test('a definition that cannot be read leaves no lease behind', async () => {
    await connect(server, 'sandbox_oauth2', 'unread')
    await me('unread')
    await change('unread', { refreshAt: null, eagerUntil: 0 })
    await me('unread')
    sandbox.control.expireAccessTokens()
    const mend = breakPart(server.installation.store.services, 'find')
    try {
      // The API's own answer, as the token could not be renewed.
      expect((await me('unread')).status).toBe(401)
    } finally {
      mend()
    }
    expect(await authorizationOf('unread')).toMatchObject({ leaseOwner: null, inFlight: null, failures: 0 })
    expect((await me('unread')).status).toBe(200)
  })
})

describe('a provider that hangs', () => {
  test('is given up in time, at connecting and at renewal, and the connection heals', async () => {
    const { config, installation } = server
    const mooring = await startMooring({
      config,
      store: installation.store,
      vault: installation.vault,
      log: createLog('silent'),
      version: 'test',
      exchangeTimeout: 300,
    })
    const hasty: TestServer = {
      ...server,
      mooring,
      async call(method, path, body) {
        const response = await fetch(`http://127.0.0.1:${mooring.port}${path}`, {
          method,
          headers: {
            authorization: `Bearer ${ownerKey}`,
            ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        })
        const text = await response.text()
        const value: unknown = text.startsWith('{') ? JSON.parse(text) : {}
        return { status: response.status, headers: response.headers, body: { ...Object(value) }, text }
      },
    }
    try {
      await hasty.call('POST', '/v1/connections', { name: 'Hangs', linkName: 'hangs', service: 'sandbox_oauth2' })
      const begun = await hasty.call('POST', '/v1/connections/hangs/authorize')
      sandbox.control.failToken({ kind: 'hang' })
      const page = await consent(begun)
      expect(page.status).toBe(400)
      const attempt = await hasty.call('GET', `/v1/connections/hangs/attempts/${String(begun.body['attempt'])}`)
      expect(attempt.body).toMatchObject({
        state: 'failed',
        diagnosis: { code: 'provider_timeout', hint: expect.any(String) },
      })

      expect((await connect(hasty, 'sandbox_oauth2', 'hangs_later')).body).toMatchObject({ status: 'active' })
      // Left alone by the schedules of the two servers here.
      await change('hangs_later', { eagerUntil: 0 })
      sandbox.control.failToken({ kind: 'hang' })
      const failed = await hasty.call('POST', '/v1/connections/hangs_later/refresh')
      expect([failed.status, failed.body['code']]).toEqual([504, 'provider_timeout'])
      expect((await hasty.call('GET', '/v1/connections/hangs_later')).body).toMatchObject({
        status: 'active',
        lastError: { code: 'provider_timeout', detail: expect.stringContaining('did not answer in time') },
      })
      expect(await authorizationOf('hangs_later')).toMatchObject({
        leaseOwner: null,
        inFlight: { startedAt: expect.any(Number) },
      })
      expect((await hasty.call('POST', '/v1/connections/hangs_later/refresh')).body).toMatchObject({
        status: 'active',
        lastError: null,
      })
      expect(await authorizationOf('hangs_later')).toMatchObject({ inFlight: null, failures: 0 })
    } finally {
      await mooring.stop(1000)
    }
  })
})

describe('what is never renewed', () => {
  test('a disabled connection, until it is enabled again', async () => {
    await connect(server, 'sandbox_oauth2', 'switched')
    await server.call('PATCH', '/v1/connections/switched', { enabled: false })
    expect((await get('switched')).body).toMatchObject({ status: 'disabled', nextRefreshAt: null })
    await change('switched', { refreshAt: Date.now() - 1 })
    await expect.poll(async () => (await authorizationOf('switched')).refreshAt).toBeNull()
    expect(refreshes()).toBe(0)
    expect(await authorizationOf('switched')).toMatchObject({ leaseOwner: null, inFlight: null, failures: 0 })
    expect((await refresh('switched')).body).toMatchObject({ code: 'connection_not_active' })
    await change('switched', { expiresAt: Date.now() - 1 })
    await server.call('PATCH', '/v1/connections/switched', { enabled: true })
    await expect.poll(async () => (await get('switched')).body['lastRefreshedAt']).not.toBeNull()
    expect(refreshes()).toBe(1)
    expect((await me('switched')).status).toBe(200)
  })

  test('a revoked one', async () => {
    await connect(server, 'sandbox_oauth2', 'gone')
    await server.call('POST', '/v1/connections/gone/revoke')
    await change('gone', { refreshAt: Date.now() - 1 })
    await pause(1600)
    expect(refreshes()).toBe(0)
    expect((await refresh('gone')).body).toMatchObject({ code: 'connection_not_active' })
    expect(refreshes()).toBe(0)
  })
})

describe('an API that refuses a token before its time', () => {
  test('200 callers at once cost one token request, each call is repeated once, and the next time is as good', async () => {
    await connect(server, 'sandbox_oauth2', 'early')
    expect((await me('early')).status).toBe(200)
    for (let round = 1; round <= 3; round++) {
      sandbox.control.expireAccessTokens()
      const answers = await Promise.all(
        Array.from({ length: 200 }, (_, index) =>
          index % 2 === 0 ? me('early') : server.call('POST', '/v1/connections/early/invoke', { url: '/me' }),
        ),
      )
      expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([200]))
      expect(new Set(answers.map((answer) => answer.body['status'] ?? 200))).toEqual(new Set([200]))
      expect(refreshes()).toBe(round)
    }
  })
})
