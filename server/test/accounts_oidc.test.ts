import { demo, type Sandbox, startSandbox } from '@mooring/sandbox'
import { createBrowser } from '@mooring/sandbox/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startServer, type TestServer } from './harness.ts'
import { invited, type Person, setUpOwner } from './people.ts'

const { confidential } = demo.oauth2
let sandbox: Sandbox
let server: TestServer
let owner: Person

const environment = (more: Record<string, string> = {}): Record<string, string> => ({
  MOORING_OIDC_ISSUER: sandbox.url,
  MOORING_OIDC_CLIENT_ID: confidential.clientId,
  MOORING_OIDC_CLIENT_SECRET: confidential.clientSecret,
  MOORING_OIDC_NAME: 'Harbour ID',
  ...more,
})

beforeAll(async () => {
  sandbox = await startSandbox({ port: 0, autoConsent: true })
  server = await startServer({ environment: environment() })
})
afterAll(async () => {
  await server.stop()
  await sandbox.close()
})

/** Goes to the provider as this demo person and comes back; what the callback answered. */
async function signIn(at: TestServer, person: string, returnTo = '/services?x=1', browser = createBrowser()) {
  const base = at.mooring.publicUrl
  const start = await browser.visit(`${base}/oidc/start?returnTo=${encodeURIComponent(returnTo)}`)
  const url = new URL(start.headers.get('location') ?? 'none:')
  url.searchParams.set('login_hint', person)
  const callback = await browser.follow(url, `${base}/oidc/callback`)
  if (callback instanceof Response) throw new Error(await callback.text())
  return { start, url, callback, browser, answer: await browser.visit(callback) }
}

const whoami = async (at: TestServer, browser: ReturnType<typeof createBrowser>): Promise<unknown> =>
  (await browser.visit(`${at.mooring.publicUrl}/v1/whoami`)).json()

test('the sign-in page is told of the provider', async () => {
  expect((await server.call('GET', '/v1/sign-in')).body).toEqual({
    setupNeeded: true,
    provider: { name: 'Harbour ID', url: '/oidc/start' },
  })
})

test('nobody comes in before the owner has set up, or uninvited', async () => {
  const early = await signIn(server, 'first')
  expect([early.answer.status, await early.answer.text()]).toEqual([403, expect.stringContaining('not set this up')])
  owner = await setUpOwner(server)
  const uninvited = await signIn(server, 'first')
  expect([uninvited.answer.status, await uninvited.answer.text()]).toEqual([
    403,
    expect.stringContaining('Nobody has invited this address'),
  ])
})

test('asks with PKCE, state and nonce, each of its own', async () => {
  const [one, two] = [await signIn(server, 'first'), await signIn(server, 'first')]
  expect(Object.fromEntries(one.url.searchParams)).toMatchObject({
    response_type: 'code',
    scope: 'openid email profile',
    code_challenge_method: 'S256',
    redirect_uri: `${server.mooring.publicUrl}/oidc/callback`,
  })
  for (const name of ['state', 'nonce', 'code_challenge']) {
    expect(one.url.searchParams.get(name)).toMatch(/^[\w-]{43}$/)
    expect(one.url.searchParams.get(name)).not.toBe(two.url.searchParams.get(name))
  }
  expect(one.start.headers.getSetCookie()[0]).toMatch(/^mooring_oidc=.+; Path=\/; Expires=.+; HttpOnly; SameSite=Lax$/)
})

test('whoever is invited by their address joins with the role of the invitation, and is known from then on', async () => {
  const address = { email: 'FIRST@sandbox.example', role: 'developer' }
  expect((await owner.call('POST', '/v1/invitations', address)).status).toBe(201)
  const { answer, browser } = await signIn(server, 'first')
  expect([answer.status, answer.headers.get('location')]).toEqual([303, '/services?x=1'])
  expect(await whoami(server, browser)).toMatchObject({ kind: 'user', name: 'First demo person', role: 'developer' })
  expect((await owner.call('GET', '/v1/invitations')).body['items']).toEqual([])
  const users = (await owner.call('GET', '/v1/users')).body['items'] as { id: string; hasPassword: boolean }[]
  expect(users.find(({ id }) => id !== owner.id())?.hasPassword).toBe(false)
  const again = await signIn(server, 'first')
  expect(await whoami(server, again.browser)).toMatchObject({ name: 'First demo person' })
})

test('somebody deactivated stays out', async () => {
  const users = (await owner.call('GET', '/v1/users')).body['items'] as { id: string; email: string }[]
  const first = users.find(({ email }) => email === 'first@sandbox.example')
  await owner.call('PATCH', `/v1/users/${first?.id}`, { active: false })
  const { answer, browser } = await signIn(server, 'first')
  expect([answer.status, await answer.text()]).toEqual([403, expect.stringContaining('deactivated')])
  expect(await whoami(server, browser)).toMatchObject({ status: 401 })
  await owner.call('PATCH', `/v1/users/${first?.id}`, { active: true })
})

test('an address that the provider does not vouch for opens nothing', async () => {
  await owner.call('POST', '/v1/invitations', { email: 'second@sandbox.example', role: 'owner' })
  const { answer } = await signIn(server, 'second')
  expect([answer.status, await answer.text()]).toEqual([403, expect.stringContaining('does not vouch')])
})

test('S-8 a callback in another browser, a second time or with another state signs nobody in', async () => {
  const { callback, browser } = await signIn(server, 'first')
  const other = createBrowser()
  for (const by of [other, browser]) {
    const answer = await by.visit(callback)
    expect([answer.status, answer.headers.getSetCookie().join()]).toEqual([
      403,
      expect.not.stringContaining('mooring_session'),
    ])
  }
  expect(await whoami(server, other)).toMatchObject({ status: 401 })
})

test('S-14 goes back to a path of this server only', async () => {
  for (const elsewhere of [
    'https://evil.example.com/',
    '//evil.example.com',
    '/\\evil.example.com',
    'javascript:1',
    '',
  ]) {
    const { answer } = await signIn(server, 'first', elsewhere)
    expect([elsewhere, answer.status, answer.headers.get('location')]).toEqual([elsewhere, 303, '/'])
  }
})

test('where a role is set, whoever comes for the first time gets it; an account is found by its address', async () => {
  const open = await startServer({ environment: environment({ MOORING_OIDC_ROLE: 'viewer' }) })
  try {
    const own = await setUpOwner(open)
    const joined = await signIn(open, 'first')
    expect(await whoami(open, joined.browser)).toMatchObject({ name: 'First demo person', role: 'viewer' })
    await own.call('DELETE', `/v1/users/${String((await whoami(open, joined.browser)) && (await idOf(own)))}`)
    const ana = await invited(open, own, 'Ana', 'admin')
    await ana.call('PATCH', '/v1/session/user', { email: 'first@sandbox.example' })
    const linked = await signIn(open, 'first')
    expect(await whoami(open, linked.browser)).toMatchObject({ id: ana.id(), name: 'Ana', role: 'admin' })
  } finally {
    await open.stop()
  }
})

async function idOf(own: Person): Promise<string> {
  const users = (await own.call('GET', '/v1/users')).body['items'] as { id: string; email: string }[]
  return users.find(({ email }) => email === 'first@sandbox.example')?.id ?? ''
}

test('S-30 a provider outside the egress rules, or one that is no issuer, is told of on a page', async () => {
  const blocked = await startServer({ environment: environment({ MOORING_EGRESS_ALLOW: '' }) })
  const wrong = await startServer({ environment: environment({ MOORING_OIDC_ISSUER: `${sandbox.url}/other` }) })
  try {
    const answer = await fetch(`${blocked.url}/oidc/start`, { redirect: 'manual' })
    expect([answer.status, await answer.text()]).toEqual([403, expect.stringContaining('MOORING_EGRESS_ALLOW')])
    const other = await fetch(`${wrong.url}/oidc/start`, { redirect: 'manual' })
    expect([other.status, await other.text()]).toEqual([502, expect.stringContaining('MOORING_OIDC_ISSUER')])
  } finally {
    await blocked.stop()
    await wrong.stop()
  }
})

test('without settings there is none', async () => {
  const plain = await startServer()
  try {
    expect((await fetch(`${plain.url}/oidc/start`, { redirect: 'manual' })).status).toBe(404)
    expect((await fetch(`${plain.url}/oidc/callback?code=x`, { redirect: 'manual' })).status).toBe(404)
  } finally {
    await plain.stop()
  }
})
