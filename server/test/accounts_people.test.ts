import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startServer, type TestServer } from './harness.ts'
import { browserAt, goodPassword, invited, type Person, setUpOwner, tokenOf } from './people.ts'

let server: TestServer
let owner: Person
let admin: Person
let developer: Person

beforeAll(async () => {
  server = await startServer()
  owner = await setUpOwner(server)
  admin = await invited(server, owner, 'Ada', 'admin')
  developer = await invited(server, owner, 'Dev', 'developer')
})
afterAll(() => server.stop())

const refused = { status: 403, code: 'forbidden' }

describe('an invitation', () => {
  test('is seen and accepted by whoever holds its link, once', async () => {
    const input = { email: 'Bo@example.com', name: "Bo O'Neill Jr.", role: 'developer' }
    const made = await admin.call('POST', '/v1/invitations', input)
    expect(made.body).toMatchObject({
      ...input,
      invitedBy: 'Ada',
      url: expect.stringMatching(/\/invite#token=[\w-]{43}$/),
    })
    expect(made.headers.get('cache-control')).toBe('no-store')
    const days = (Date.parse(String(made.body['expiresAt'])) - Date.now()) / 86_400_000
    expect(days).toBeGreaterThan(6.99)
    expect(days).toBeLessThanOrEqual(7)
    const listed = await admin.call('GET', '/v1/invitations')
    expect(listed.body['items']).toEqual([expect.objectContaining({ id: made.body['id'], email: 'Bo@example.com' })])
    expect(listed.text).not.toContain('token=')

    const bo = browserAt(server.url)
    const token = tokenOf(made.body['url'])
    expect((await bo.bare('POST', '/v1/invitations/view', { token })).body).toEqual({
      workspace: 'Main',
      invitedBy: 'Ada',
      role: 'developer',
      email: 'Bo@example.com',
      name: "Bo O'Neill Jr.",
      expiresAt: made.body['expiresAt'],
    })
    const accept = { token, name: 'Bo', email: 'other@example.com', password: goodPassword }
    expect((await bo.bare('POST', '/v1/invitations/accept', accept)).body).toMatchObject({
      errors: [{ path: 'email', message: 'The invitation is for Bo@example.com.' }],
    })
    const done = await bo.bare('POST', '/v1/invitations/accept', { ...accept, email: 'bo@EXAMPLE.com' })
    expect(done.body).toMatchObject({ user: { name: 'Bo', role: 'developer' } })
    expect((await bo.call('POST', '/v1/services', { name: 'Books' })).status).toBe(201)
    expect((await bo.bare('POST', '/v1/invitations/accept', accept)).body).toMatchObject({
      code: 'not_found',
      detail: expect.stringContaining('used already'),
    })
    expect((await admin.call('GET', '/v1/invitations')).body['items']).toEqual([])
    const again = await admin.call('POST', '/v1/invitations', { email: 'BO@example.com', role: 'viewer' })
    expect(again.body).toMatchObject({ errors: [{ path: 'email', code: 'taken' }] })
  })

  test('that was withdrawn works no more', async () => {
    const made = await owner.call('POST', '/v1/invitations', { role: 'owner' })
    const token = tokenOf(made.body['url'])
    const id = String(made.body['id'])
    expect((await admin.call('DELETE', `/v1/invitations/${id}`)).body).toMatchObject(refused)
    expect((await owner.call('DELETE', `/v1/invitations/${id}`)).status).toBe(204)
    expect((await owner.call('DELETE', `/v1/invitations/${id}`)).status).toBe(404)
    expect((await browserAt(server.url).bare('POST', '/v1/invitations/view', { token })).status).toBe(404)
  })

  test('is no link of another kind', async () => {
    const made = await owner.call('POST', '/v1/invitations', { role: 'viewer' })
    const token = tokenOf(made.body['url'])
    const input = { token, name: 'Eve', email: 'eve@example.com', password: goodPassword }
    for (const [path, body] of [
      ['/v1/setup', input],
      ['/v1/password-reset', { token, password: goodPassword }],
    ] as const)
      expect((await browserAt(server.url).bare('POST', path, body)).status).toBe(404)
  })
})

describe('S-50 owners', () => {
  test('are made, changed, removed and let back in by owners alone', async () => {
    const second = await invited(server, owner, 'Ole', 'owner')
    const asAdmin = [
      admin.call('POST', '/v1/invitations', { role: 'owner' }),
      admin.call('PATCH', `/v1/users/${second.id()}`, { active: false }),
      admin.call('PATCH', `/v1/users/${second.id()}`, { role: 'viewer' }),
      admin.call('PATCH', `/v1/users/${admin.id()}`, { role: 'owner' }),
      admin.call('DELETE', `/v1/users/${second.id()}`),
      admin.call('POST', `/v1/users/${second.id()}/password-link`),
      admin.call('POST', '/v1/api-keys', { name: 'Up', role: 'owner' }),
    ]
    for (const answer of await Promise.all(asAdmin)) expect(answer.body).toMatchObject(refused)
    expect((await owner.call('PATCH', `/v1/users/${second.id()}`, { role: 'admin' })).body).toMatchObject({
      role: 'admin',
    })
    expect((await second.call('GET', '/v1/whoami')).body).toMatchObject({ role: 'admin' })
    expect((await owner.call('DELETE', `/v1/users/${second.id()}`)).status).toBe(204)
    expect((await owner.call('DELETE', `/v1/users/${second.id()}`)).status).toBe(404)
  })

  test('never end: the last active one stays, whoever asks', async () => {
    const asked = [
      owner.call('PATCH', `/v1/users/${owner.id()}`, { role: 'admin' }),
      owner.call('PATCH', `/v1/users/${owner.id()}`, { active: false }),
      owner.call('DELETE', `/v1/users/${owner.id()}`),
      server.call('DELETE', `/v1/users/${owner.id()}`),
    ]
    for (const answer of await Promise.all(asked))
      expect(answer.body).toMatchObject({ ...refused, detail: expect.stringContaining('the last active owner') })
    expect((await owner.call('GET', '/v1/whoami')).body).toMatchObject({ role: 'owner' })
  })
})

describe('people', () => {
  test('see each other, but only an owner or an admin changes them', async () => {
    const { body } = await developer.call('GET', '/v1/users')
    expect((body['items'] as { name: string }[]).map(({ name }) => name)).toEqual(
      expect.arrayContaining(['Olga', 'Ada', 'Dev']),
    )
    for (const answer of await Promise.all([
      developer.call('PATCH', `/v1/users/${developer.id()}`, { role: 'admin' }),
      developer.call('POST', '/v1/invitations', { role: 'viewer' }),
      developer.call('GET', '/v1/invitations'),
      developer.call('POST', `/v1/users/${developer.id()}/password-link`),
    ]))
      expect(answer.body).toMatchObject({ ...refused, hint: 'Ask an owner or an admin for another role.' })
  })

  test('leave events that name who did what, and no secret', async () => {
    const { body, text } = await server.call('GET', '/v1/events?limit=100')
    const types = (body['items'] as { type: string; actor: string }[]).map(({ type, actor }) => `${type} ${actor}`)
    expect(types).toEqual(
      expect.arrayContaining(['user.created user:Olga', 'invitation.created user:Ada', 'user.updated user:Olga']),
    )
    expect(text).not.toMatch(/token=|argon2|quiet harbour/)
  })
})

describe('a link for a new password', () => {
  test('works once, ends every session and an earlier link, and signs in', async () => {
    const first = await admin.call('POST', `/v1/users/${developer.id()}/password-link`)
    const second = await admin.call('POST', `/v1/users/${developer.id()}/password-link`)
    expect(second.body['url']).toMatch(/\/reset#token=[\w-]{43}$/)
    const back = browserAt(server.url)
    const choose = (answer: { body: Record<string, unknown> }, password: string) =>
      back.bare('POST', '/v1/password-reset', { token: tokenOf(answer.body['url']), password })
    expect((await choose(first, 'a brand new one 1')).status).toBe(404)
    expect((await choose(second, 'Dev@Example.com')).body).toMatchObject({ errors: [{ code: 'too_weak' }] })
    expect((await choose(second, 'a brand new one 1')).body).toMatchObject({ user: { name: 'Dev' } })
    expect((await choose(second, 'a brand new one 2')).status).toBe(404)
    expect((await developer.call('GET', '/v1/session')).status).toBe(401)
    expect((await back.call('GET', '/v1/session')).status).toBe(200)
    developer = back
  })

  test('lets a sole owner back in with the owner’s API key, and nobody deactivated', async () => {
    const link = await server.call('POST', `/v1/users/${owner.id()}/password-link`)
    const body = { token: tokenOf(link.body['url']), password: 'an owner who forgot' }
    const back = browserAt(server.url)
    expect((await back.bare('POST', '/v1/password-reset', body)).body).toMatchObject({ user: { role: 'owner' } })
    owner = back

    const gone = await invited(server, owner, 'Gone', 'viewer')
    const before = await owner.call('POST', `/v1/users/${gone.id()}/password-link`)
    await owner.call('PATCH', `/v1/users/${gone.id()}`, { active: false })
    expect((await owner.call('POST', `/v1/users/${gone.id()}/password-link`)).body).toMatchObject(refused)
    const token = tokenOf(before.body['url'])
    const late = await browserAt(server.url).bare('POST', '/v1/password-reset', { token, password: goodPassword })
    expect(late.status).toBe(404)
  })
})

describe('S-45 rolling an API key', () => {
  const use = (key: unknown) => server.call('GET', '/v1/whoami', undefined, { authorization: `Bearer ${String(key)}` })

  test('makes one with the same rights, and leaves the old one its grace', async () => {
    const expiresAt = new Date(Date.now() + 86_400_000).toISOString()
    const old = await owner.call('POST', '/v1/api-keys', { name: 'CI', role: 'invoke', connections: ['x'], expiresAt })
    expect(old.body).toMatchObject({ createdBy: 'user:Olga', replacedBy: null })
    const rolled = await admin.call('POST', `/v1/api-keys/${String(old.body['id'])}/roll`, { graceSeconds: 3600 })
    expect(rolled.body).toMatchObject({ name: 'CI', role: 'invoke', connections: ['x'], createdBy: 'user:Ada' })
    expect(rolled.headers.get('cache-control')).toBe('no-store')
    expect(rolled.body['key']).not.toBe(old.body['key'])
    expect([(await use(old.body['key'])).status, (await use(rolled.body['key'])).status]).toEqual([200, 200])
    const listed = (await admin.call('GET', '/v1/api-keys')).body['items'] as { id: string; expiresAt: string }[]
    const before = listed.find(({ id }) => id === old.body['id'])
    expect(before).toMatchObject({ replacedBy: rolled.body['id'] })
    expect(Date.parse(String(before?.expiresAt)) - Date.now()).toBeLessThanOrEqual(3_600_000)
    expect((await admin.call('POST', `/v1/api-keys/${String(old.body['id'])}/roll`)).body).toMatchObject(refused)
    const events = (await server.call('GET', '/v1/events?limit=100')).body['items']
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'api_key.created', cause: 'rolled', actor: 'user:Ada' }),
    )
  })

  test('gives the old one a day where nothing is said of it', async () => {
    const old = await owner.call('POST', '/v1/api-keys', { name: 'Nightly', role: 'viewer' })
    expect((await owner.call('POST', `/v1/api-keys/${String(old.body['id'])}/roll`)).status).toBe(201)
    const listed = (await owner.call('GET', '/v1/api-keys')).body['items'] as { id: string; expiresAt: string }[]
    const left = Date.parse(String(listed.find(({ id }) => id === old.body['id'])?.expiresAt)) - Date.now()
    expect(left).toBeGreaterThan(86_400_000 - 600_000)
    expect(left).toBeLessThanOrEqual(86_400_000)
  })

  test('ends it at once without grace, and is an owner’s to do for an owner’s key', async () => {
    const old = await owner.call('POST', '/v1/api-keys', { name: 'Top', role: 'owner' })
    const path = `/v1/api-keys/${String(old.body['id'])}/roll`
    expect((await admin.call('POST', path, { graceSeconds: 0 })).body).toMatchObject(refused)
    const rolled = await owner.call('POST', path, { graceSeconds: 0 })
    expect([(await use(old.body['key'])).status, (await use(rolled.body['key'])).status]).toEqual([401, 200])
    expect((await owner.call('POST', '/v1/api-keys/key_none/roll')).status).toBe(404)
  })
})
