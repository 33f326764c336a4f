import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { setupLink } from '../src/access/one_time.ts'
import { startServer, type TestServer } from './harness.ts'
import { browserAt, emailOf, goodPassword, invited, type Person, setUpOwner, tokenOf } from './people.ts'
import { withinASecond } from './within_a_second.ts'

let server: TestServer
let owner: Person

beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.stop())

const credentials = (name: string, password = goodPassword): object => ({ email: emailOf(name), password })
const signInAs = async (name: string, browser = browserAt(server.url)): Promise<Person> => {
  const answer = await browser.bare('POST', '/v1/session', credentials(name))
  if (answer.status !== 201) throw new Error(answer.text)
  return browser
}

describe('the first owner', () => {
  const input = { name: 'Olga', email: 'Olga@Example.com', password: goodPassword }
  const link = (): Promise<string | null> =>
    setupLink(server.installation.store, server.installation.workspaceId, Date.now(), server.url)

  test('is made with the link of the newest start, once, and is signed in', async () => {
    const nobody = browserAt(server.url)
    expect((await nobody.bare('GET', '/v1/sign-in')).body).toEqual({ setupNeeded: true, provider: null })
    const [first, second] = [await link(), await link()]
    expect(second).toMatch(/\/setup#token=[\w-]{43}$/)
    const old = await nobody.bare('POST', '/v1/setup', { ...input, token: tokenOf(first) })
    expect(old.body).toMatchObject({ status: 404, code: 'not_found', detail: expect.stringContaining('used already') })

    owner = browserAt(server.url)
    const weak = await owner.bare('POST', '/v1/setup', { ...input, password: 'short', token: tokenOf(second) })
    expect(weak.body).toMatchObject({ code: 'validation_failed', errors: [{ path: 'password', code: 'too_short' }] })
    const done = await owner.bare('POST', '/v1/setup', { ...input, token: tokenOf(second) })
    expect(done.status, done.text).toBe(201)
    expect(done.body).toMatchObject({
      user: { name: 'Olga', email: 'Olga@Example.com', role: 'owner', active: true, hasPassword: true },
      workspace: 'Main',
      csrfToken: expect.stringMatching(/^[\w-]{43}$/),
    })
    expect(done.headers.get('cache-control')).toBe('no-store')
    expect((await owner.call('GET', '/v1/whoami')).body).toMatchObject({ kind: 'user', name: 'Olga', role: 'owner' })

    expect((await nobody.bare('POST', '/v1/setup', { ...input, token: tokenOf(second) })).status).toBe(404)
    expect(await link()).toBeNull()
    expect((await nobody.bare('GET', '/v1/sign-in')).body).toMatchObject({ setupNeeded: false })
  })
})

describe('S-46 signing in', () => {
  test('works with the address in any case, and gives a cookie that scripts and other sites cannot use', async () => {
    const browser = browserAt(server.url)
    const answer = await browser.bare('POST', '/v1/session', { email: 'OLGA@example.com', password: goodPassword })
    expect(answer.status).toBe(201)
    const [cookie = ''] = answer.headers.getSetCookie()
    expect(cookie).toMatch(/^mooring_session=[\w-]{43}; Path=\/; Expires=[^;]+ GMT; HttpOnly; SameSite=Lax$/)
    expect((await browser.call('GET', '/v1/session')).body).toMatchObject({ user: { name: 'Olga' } })
  })

  test('says the same of an unknown address, a wrong password and somebody deactivated', async () => {
    const eve = await invited(server, owner, 'Eve', 'viewer')
    await owner.call('PATCH', `/v1/users/${eve.id()}`, { active: false })
    const answers = [credentials('Nobody'), credentials('Olga', 'not her password'), credentials('Eve')].map((body) =>
      browserAt(server.url).bare('POST', '/v1/session', body),
    )
    for (const answer of await Promise.all(answers)) {
      const { requestId: _, ...said } = answer.body
      expect(said).toEqual({
        type: '/docs/errors#unauthenticated',
        title: expect.any(String),
        status: 401,
        code: 'unauthenticated',
        detail: 'The address or the password is wrong.',
        hint: expect.any(String),
      })
      expect(answer.headers.getSetCookie()).toEqual([])
    }
  })

  test('ends the session that the browser held before', async () => {
    const browser = await signInAs('Olga')
    const before = browserAt(server.url, new Map(browser.cookies))
    expect((await before.call('GET', '/v1/session')).status).toBe(200)
    await signInAs('Olga', browser)
    expect(browser.cookies.get('mooring_session')).not.toBe(before.cookies.get('mooring_session'))
    expect((await before.call('GET', '/v1/session')).body).toMatchObject({ status: 401, code: 'unauthenticated' })
    expect((await browser.call('GET', '/v1/session')).status).toBe(200)
  })

  test('leaves the session behind on signing out', async () => {
    const browser = await signInAs('Olga')
    const copy = browserAt(server.url, new Map(browser.cookies))
    expect((await browser.call('DELETE', '/v1/session')).status).toBe(204)
    expect(browser.cookies.size).toBe(0)
    expect((await copy.call('GET', '/v1/session')).status).toBe(401)
  })

  test('is not repeated by an Idempotency-Key', async () => {
    const key = { 'idempotency-key': 'sign-in' }
    const [one, two] = [browserAt(server.url), browserAt(server.url)]
    expect((await one.bare('POST', '/v1/session', credentials('Olga'), key)).status).toBe(201)
    const again = await two.bare('POST', '/v1/session', credentials('Olga', 'not her password'), key)
    expect(again.status).toBe(401)
  })

  test('refuses passwords that are guessed first', async () => {
    const made = await owner.call('POST', '/v1/invitations', { role: 'viewer' })
    const token = tokenOf(made.body['url'])
    for (const password of ['weak@example.com', 'Password1234', 'aaaaaaaaaaaaaa', 'Wendy Weakwords']) {
      const input = { token, name: 'Wendy Weakwords', email: 'weak@example.com', password }
      const answer = await browserAt(server.url).bare('POST', '/v1/invitations/accept', input)
      expect(answer.body).toMatchObject({ code: 'validation_failed', errors: [{ path: 'password', code: 'too_weak' }] })
    }
  })
})

describe('S-54 a write with a session', () => {
  const write = (person: Person, headers: Record<string, string>) =>
    person.bare('POST', '/v1/services', { name: 'Books' }, headers)

  test('needs its CSRF token', async () => {
    const other = await signInAs('Olga')
    const without: Record<string, string>[] = [
      {},
      { 'x-csrf-token': '' },
      { 'x-csrf-token': other.csrfToken() },
      { 'x-csrf-token': `${owner.csrfToken()}x` },
    ]
    for (const headers of without) {
      const answer = await write(owner, headers)
      expect(answer.body).toMatchObject({ status: 403, code: 'forbidden', hint: expect.stringContaining('csrfToken') })
    }
    expect((await write(owner, { 'x-csrf-token': owner.csrfToken() })).status).toBe(201)
  })

  test('is refused from another site, with or without the token', async () => {
    const elsewhere: Record<string, string>[] = [
      { origin: 'https://evil.example.com' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
    ]
    for (const from of elsewhere) {
      const answer = await write(owner, { 'x-csrf-token': owner.csrfToken(), ...from })
      expect(answer.body).toMatchObject({ status: 403, code: 'forbidden' })
    }
    const { origin } = new URL(server.mooring.publicUrl)
    const home = { 'x-csrf-token': owner.csrfToken(), origin, 'sec-fetch-site': 'same-origin' }
    expect((await write(owner, home)).status).toBe(201)
  })

  test('is refused from another site for signing in, too', async () => {
    const elsewhere: Record<string, string>[] = [
      { origin: 'https://evil.example.com' },
      { 'sec-fetch-site': 'cross-site' },
    ]
    for (const from of elsewhere) {
      const answer = await browserAt(server.url).bare('POST', '/v1/session', credentials('Olga'), from)
      expect(answer.body).toMatchObject({ status: 403, code: 'forbidden' })
    }
  })

  test('needs neither with an API key', async () => {
    const answer = await server.call('POST', '/v1/services', { name: 'By key' }, { cookie: 'mooring_session=x' })
    expect(answer.status).toBe(201)
  })

  test('is never one through the proxy, which takes API keys alone', async () => {
    const answer = await owner.call('GET', '/v1/proxy/anything/x')
    expect(answer.body).toMatchObject({ status: 401, code: 'unauthenticated' })
  })
})

describe('sessions', () => {
  test('are listed for oneself only, and ended one by one', async () => {
    const ina = await invited(server, owner, 'Ina', 'developer')
    const phone = await signInAs('Ina')
    const { body } = await ina.call('GET', '/v1/sessions')
    const items = body['items'] as { id: string; current: boolean; address: string }[]
    expect(items.map(({ current, address }) => [current, address])).toEqual([
      [false, '127.0.0.1'],
      [true, '127.0.0.1'],
    ])
    const [newest] = items
    expect((await owner.call('DELETE', `/v1/sessions/${newest?.id}`)).status).toBe(404)
    expect((await ina.call('DELETE', `/v1/sessions/${newest?.id}`)).status).toBe(204)
    expect((await phone.call('GET', '/v1/session')).status).toBe(401)
    expect((await ina.call('GET', '/v1/session')).status).toBe(200)
  })

  test('but this one end with a new password, which asks for the old', async () => {
    const pia = await invited(server, owner, 'Pia', 'developer')
    const phone = await signInAs('Pia')
    const change = (body: object) => pia.call('PATCH', '/v1/session/user', body)
    const password = 'another quiet harbour'
    for (const wrong of [{ password }, { password, currentPassword: 'not this one at all' }]) {
      expect((await change(wrong)).body).toMatchObject({ errors: [{ path: 'currentPassword', code: 'wrong' }] })
    }
    expect((await change({ password, currentPassword: goodPassword, name: 'Pia P.' })).body).toMatchObject({
      name: 'Pia P.',
    })
    expect((await phone.call('GET', '/v1/session')).status).toBe(401)
    expect((await pia.call('GET', '/v1/session')).body).toMatchObject({ user: { name: 'Pia P.' } })
    expect((await browserAt(server.url).bare('POST', '/v1/session', credentials('Pia'))).status).toBe(401)
    expect((await change({ email: emailOf('Olga') })).body).toMatchObject({
      errors: [{ path: 'email', code: 'taken' }],
    })
  })

  test('are for people: an API key has none', async () => {
    for (const [method, path] of [
      ['GET', '/v1/session'],
      ['DELETE', '/v1/session'],
      ['GET', '/v1/sessions'],
    ] as const)
      expect((await server.call(method, path)).body).toMatchObject({ status: 403, code: 'forbidden' })
  })

  test('work in every process, and end in every process', async () => {
    const other = await startServer({ dir: server.dir, environment: { MOORING_PUBLIC_URL: server.mooring.publicUrl } })
    try {
      const tom = await invited(server, owner, 'Tom', 'viewer')
      const there = browserAt(other.url, tom.cookies)
      expect((await there.call('GET', '/v1/session')).body).toMatchObject({ user: { name: 'Tom', role: 'viewer' } })
      await owner.call('PATCH', `/v1/users/${tom.id()}`, { role: 'admin' })
      expect((await tom.call('GET', '/v1/whoami')).body).toMatchObject({ role: 'admin' })
      await withinASecond(async () => (await there.call('GET', '/v1/whoami')).body['role'], 'admin')
      await owner.call('PATCH', `/v1/users/${tom.id()}`, { active: false })
      expect((await tom.call('GET', '/v1/whoami')).status).toBe(401)
      await withinASecond(async () => (await there.call('GET', '/v1/whoami')).status, 401)
      await owner.call('PATCH', `/v1/users/${tom.id()}`, { active: true })
      // Reactivating does not bring sessions back.
      expect((await tom.call('GET', '/v1/whoami')).status).toBe(401)
      const again = await signInAs('Tom')
      expect((await owner.call('DELETE', `/v1/users/${tom.id()}`)).status).toBe(204)
      expect((await again.call('GET', '/v1/whoami')).status).toBe(401)
    } finally {
      await other.stop()
    }
  })

  test('outlive a restart', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'mooring-test-'))
    const first = await startServer({ dir })
    const ana = await setUpOwner(first, 'Ana')
    await first.stop()
    const second = await startServer({ dir })
    try {
      const there = browserAt(second.url, ana.cookies)
      expect((await there.call('GET', '/v1/session')).body).toMatchObject({ user: { name: 'Ana' } })
    } finally {
      await second.stop()
      rmSync(dir, { recursive: true })
    }
  })
})
