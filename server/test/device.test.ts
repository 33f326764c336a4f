import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Sandbox } from '@mooring/sandbox'
import { createBrowser, enterCode } from '@mooring/sandbox/testing'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import {
  type Asked,
  connectionOf,
  type GrantProvider,
  grantProvider,
  type Reply,
  serviceOf,
} from './grant_provider.fixture.ts'
import { type Answer, startServer, type TestServer } from './harness.ts'
import { sandboxFor } from './sandbox.ts'

let server: TestServer
let sandbox: Sandbox

const begunAt = Date.now()
/** A clock that runs ahead twenty times as fast, so that nobody waits for the intervals of providers. */
const now = (): number => begunAt + (Date.now() - begunAt) * 20

beforeAll(async () => {
  server = await startServer({ now })
  sandbox = await sandboxFor(server)
})
afterAll(async () => {
  await server.stop()
  await sandbox.close()
})

/** Looks until it is so; what it was then. */
async function until<T>(look: () => Promise<T>, is: (seen: T) => boolean): Promise<T> {
  for (;;) {
    const seen = await look()
    if (is(seen)) return seen
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

async function attemptOf(connection: string, id: unknown, on = server): Promise<Record<string, unknown>> {
  return (await on.call('GET', `/v1/connections/${connection}/attempts/${String(id)}`)).body
}

function ended(connection: string, id: unknown, on = server): Promise<Record<string, unknown>> {
  return until(
    () => attemptOf(connection, id, on),
    ({ state }) => state !== 'waiting',
  )
}

async function begin(connection: string, on = server): Promise<Answer> {
  const begun = await on.call('POST', `/v1/connections/${connection}/authorize`, {})
  if (begun.body['kind'] !== 'device') throw new Error(begun.text)
  return begun
}

describe('a device code at a real provider', () => {
  beforeAll(async () => {
    await serviceOf(
      server,
      'tv',
      `${sandbox.url}/api/oauth2`,
      {
        grantType: 'device_code',
        clientId: 'sandbox-device',
        clientAuthentication: 'none',
        deviceAuthorizationUrl: `${sandbox.url}/oauth2/device_authorization`,
        tokenUrl: `${sandbox.url}/oauth2/token`,
        tokenResponse: { account: 'account.email' },
      },
      { scopes: [{ value: 'read' }], scopeDelimiter: 'space', probe: { path: '/me' } },
    )
  })

  test('is shown, entered elsewhere, and becomes a connection that renews itself', async () => {
    await connectionOf(server, 'tv', undefined, { scopes: ['read'] })
    const begun = await begin('tv')
    expect(begun.body).toMatchObject({
      kind: 'device',
      userCode: expect.stringMatching(/^[A-Z-]{8,}$/),
      verificationUri: `${sandbox.url}/oauth2/device`,
      verificationUriComplete: expect.stringContaining('user_code='),
      authorizationUrl: expect.stringContaining(`${server.mooring.publicUrl}/connect/`),
      intervalSeconds: 5,
    })
    const { attempt, userCode } = begun.body
    expect(await attemptOf('tv', attempt)).toMatchObject({
      state: 'waiting',
      device: { userCode, verificationUri: `${sandbox.url}/oauth2/device` },
    })
    const page = await fetch(String(begun.body['authorizationUrl']))
    expect(await page.text()).toContain(String(userCode))
    expect(page.headers.get('refresh')).toBe('5')

    expect(await enterCode(String(begun.body['verificationUriComplete']))).toContain('The device is connected')
    expect(await ended('tv', attempt)).toMatchObject({ state: 'succeeded', device: null })
    expect((await server.call('GET', '/v1/connections/tv')).body).toMatchObject({
      status: 'active',
      account: 'first@sandbox.example',
      autoRefresh: true,
    })
    expect((await server.call('POST', '/v1/connections/tv/refresh')).status).toBe(200)
    expect((await server.call('POST', '/v1/connections/tv/test')).body).toMatchObject({ ok: true })
    expect(await (await fetch(String(begun.body['authorizationUrl']))).text()).toContain('tv is connected')
  })

  test('that the person turns down ends the attempt as denied', async () => {
    await connectionOf(server, 'tv', undefined, { linkName: 'denied' })
    const begun = await begin('denied')
    await enterCode(String(begun.body['verificationUriComplete']), 'cancel')
    expect(await ended('denied', begun.body['attempt'])).toMatchObject({
      state: 'failed',
      diagnosis: { code: 'access_denied' },
    })
  })

  test('S-8 on a connect page is shown to the browser that asked for it, which goes on by itself', async () => {
    await connectionOf(server, 'tv', undefined, { linkName: 'mine', authorizationLevel: 'per_user' })
    const made = await server.call('POST', '/v1/connect-sessions', { user: { id: 'ana' }, connections: ['mine'] })
    const browser = createBrowser()
    const offers = await browser.visit(String(made.body['url']))
    expect(await offers.text()).toContain('You get a code')
    const left = await browser.visit(`${String(made.body['url'])}/mine`, { method: 'POST' })
    const address = String(left.headers.get('location'))
    const page = await (await browser.visit(address)).text()
    const link = /href="([^"]*user_code=[^"]*)"/.exec(page)?.[1]?.replaceAll('&#38;', '&') ?? ''
    expect((await fetch(address)).status).toBe(403)
    await enterCode(link)
    const back = await until(
      () => browser.visit(address),
      ({ status }) => status === 303,
    )
    expect(back.headers.get('location')).toContain('/connect/s/')
    expect(await (await browser.visit(new URL(String(back.headers.get('location')), server.url))).text()).toContain(
      'tv is connected',
    )
  })
})

/** A provider whose token endpoint goes through these answers, the last one again and again. */
async function scripted(name: string, replies: Reply[], more: object = {}): Promise<GrantProvider> {
  const left = [...replies]
  const at = await grantProvider(({ path }: Asked): Reply => {
    if (path === '/device')
      return {
        body: {
          device_code: 'planted-device-code',
          user_code: 'ABCD-EFGH',
          verification_uri: 'https://provider.example/device',
          expires_in: 1800,
          interval: 5,
          ...more,
        },
      }
    const [first] = left
    if (left.length > 1) left.shift()
    return first ?? { status: 500, body: {} }
  })
  await serviceOf(server, name, `${at.origin}/api`, {
    grantType: 'device_code',
    clientId: 'id',
    clientAuthentication: 'none',
    deviceAuthorizationUrl: `${at.origin}/device`,
    tokenUrl: `${at.origin}/token`,
  })
  await connectionOf(server, name)
  return at
}

const refuse = (error: string, status = 400): Reply => ({ status, body: { error } })
const token: Reply = { body: { access_token: 'at', token_type: 'Bearer', expires_in: 3600 } }

describe('asking the provider', () => {
  test('goes on while it is pending, slower where that is asked for, and through faults of the provider', async () => {
    const at = await scripted('patient', [
      refuse('authorization_pending'),
      refuse('slow_down'),
      refuse('authorization_pending'),
      { status: 503, body: {} },
      token,
    ])
    const begun = await begin('patient')
    const { attempt } = begun.body
    const slower = await until(
      () => attemptOf('patient', attempt),
      ({ state, device }) => state !== 'waiting' || JSON.stringify(device).includes('"intervalSeconds":10'),
    )
    expect(slower).toMatchObject({ state: 'waiting' })
    const done = await ended('patient', attempt)
    expect(done).toMatchObject({ state: 'succeeded' })
    expect(JSON.stringify(done['steps'])).toContain('could not do it at the moment')
    expect(at.tokens()).toHaveLength(5)
    expect(at.tokens()[0]?.form).toEqual({
      grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
      device_code: 'planted-device-code',
      client_id: 'id',
    })
    expect(server.logged() + JSON.stringify(done)).not.toContain('planted-device-code')
  })

  test('ends with a code that ran out, by the word of the provider or by its own clock', async () => {
    await scripted('late', [refuse('expired_token')])
    const begun = await begin('late')
    expect(await ended('late', begun.body['attempt'])).toMatchObject({
      state: 'expired',
      diagnosis: { code: 'expired_token', title: 'The code ran out' },
    })
    await scripted('later', [refuse('authorization_pending')], { expires_in: 20 })
    const other = await begin('later')
    expect(await ended('later', other.body['attempt'])).toMatchObject({ state: 'expired', device: null })
  })

  test('stops where the client is wrong, and says so', async () => {
    await scripted('wrong', [refuse('invalid_client', 401)])
    const begun = await begin('wrong')
    expect(await ended('wrong', begun.body['attempt'])).toMatchObject({
      state: 'failed',
      diagnosis: { code: 'invalid_client' },
    })
  })

  test('stops where the attempt is cancelled', async () => {
    const at = await scripted('cancelled', [refuse('authorization_pending')])
    const begun = await begin('cancelled')
    const path = `/v1/connections/cancelled/attempts/${String(begun.body['attempt'])}`
    await until(
      async () => at.tokens().length,
      (asked) => asked > 0,
    )
    expect((await server.call('DELETE', path)).status).toBe(204)
    expect(await attemptOf('cancelled', begun.body['attempt'])).toMatchObject({
      state: 'failed',
      diagnosis: { code: 'cancelled' },
      device: null,
    })
    const asked = at.tokens().length
    await new Promise((resolve) => setTimeout(resolve, 1500))
    expect(at.tokens().length).toBeLessThanOrEqual(asked + 1)
  })

  test.each([
    ['no code', { user_code: undefined }],
    ['a page that is none', { verification_uri: 'javascript:alert(1)' }],
  ])('begins with nothing where the provider gives %s', async (name, more) => {
    const linkName = name.replaceAll(' ', '_')
    await scripted(linkName, [token], more)
    const begun = await server.call('POST', `/v1/connections/${linkName}/authorize`, {})
    expect(begun.body).toMatchObject({ status: 502, code: 'provider_error' })
    expect(begun.text).toContain('Device Authorization URL')
    const { items } = (await server.call('GET', `/v1/connections/${linkName}/attempts`)).body
    expect(items).toMatchObject([{ state: 'failed', diagnosis: { code: 'no_device_code' } }])
  })

  test('S-16 another account than before waits for an answer', async () => {
    const at = await scripted('accounts', [
      { body: { access_token: 'at', account: 'ops' } },
      { body: { access_token: 'at', account: 'priya' } },
    ])
    await serviceOf(server, 'accounts_told', `${at.origin}/api`, {
      grantType: 'device_code',
      clientId: 'id',
      clientAuthentication: 'none',
      deviceAuthorizationUrl: `${at.origin}/device`,
      tokenUrl: `${at.origin}/token`,
      tokenResponse: { account: 'account' },
    })
    await connectionOf(server, 'accounts_told')
    await ended('accounts_told', (await begin('accounts_told')).body['attempt'])
    const second = (await begin('accounts_told')).body['attempt']
    const asked = await until(
      () => attemptOf('accounts_told', second),
      ({ question }) => question !== null,
    )
    expect(asked).toMatchObject({ state: 'waiting', question: { before: 'ops', now: 'priya' } })
    const path = `/v1/connections/accounts_told/attempts/${String(second)}/answer`
    expect((await server.call('POST', path, { replace: true })).body).toMatchObject({ state: 'succeeded' })
    expect((await server.call('GET', '/v1/connections/accounts_told')).body).toMatchObject({ account: 'priya' })
  })
})

describe('several processes', () => {
  test('ask once an interval together, and one goes on where another has ended', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'mooring-device-'))
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
    const asked: number[] = []
    let agreed = false
    const at = await grantProvider(({ path }) => {
      if (path === '/device')
        return { body: { device_code: 'd', user_code: 'U', verification_uri: 'https://x.example/', interval: 5 } }
      asked.push(now())
      return agreed ? token : refuse('authorization_pending')
    })
    const first = await startServer({ dir, now })
    const second = await startServer({ dir, now })
    await serviceOf(first, 'shared', `${at.origin}/api`, {
      grantType: 'device_code',
      clientId: 'id',
      clientAuthentication: 'none',
      deviceAuthorizationUrl: `${at.origin}/device`,
      tokenUrl: `${at.origin}/token`,
    })
    await connectionOf(first, 'shared')
    const { attempt } = (await begin('shared', first)).body
    await until(
      async () => asked.length,
      (times) => times >= 5,
    )
    const gaps = asked.slice(1).map((at, index) => at - (asked[index] ?? 0))
    expect(gaps.filter((gap) => gap < 5000)).toEqual([])
    await first.stop()
    await second.stop()
    agreed = true
    const third = await startServer({ dir, now })
    onTestFinished(() => third.stop())
    expect(await ended('shared', attempt, third)).toMatchObject({ state: 'succeeded' })
  })
})
