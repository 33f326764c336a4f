import type { Sandbox } from '@mooring/sandbox'
import { createBrowser, followTo } from '@mooring/sandbox/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { tokenHash } from '../src/ids.ts'
import { type Answer, startServer, type TestServer } from './harness.ts'
import { type Browser, sandboxFor } from './sandbox.ts'

let server: TestServer
let sandbox: Sandbox
/** How far the server's clock is ahead, in milliseconds. */
let ahead = 0

const perUser = [
  ['mail', 'sandbox_oauth2'],
  ['keyed', 'sandbox_api_key'],
  ['named', 'sandbox_basic'],
  ['signed', 'sandbox_aws'],
  ['engine', 'sandbox_machine'],
] as const

beforeAll(async () => {
  server = await startServer({ now: () => Date.now() + ahead })
  sandbox = await sandboxFor(server)
  for (const [linkName, service] of perUser)
    await make({ name: `Their ${linkName}`, linkName, service, authorizationLevel: 'per_user', ...scopesOf(service) })
  await make({ name: 'Of all', linkName: 'of_all', service: 'sandbox_oauth1' })
})
afterAll(async () => {
  await server.stop()
  await sandbox.close()
})

const scopesOf = (service: string): object => (service === 'sandbox_oauth2' ? { scopes: ['read', 'profile'] } : {})

async function make(connection: object): Promise<void> {
  const made = await server.call('POST', '/v1/connections', connection)
  if (made.status !== 201) throw new Error(made.text)
}

const create = (body: object): Promise<Answer> => server.call('POST', '/v1/connect-sessions', body)

/** A link for this user, on the server's own address. */
async function linkFor(user: string, more: object = {}): Promise<string> {
  const { body, text, status } = await create({ user: { id: user }, ...more })
  if (status !== 201) throw new Error(text)
  return String(body['url'])
}

const text = async (answer: Response | Promise<Response>): Promise<string> => (await answer).text()

function send(browser: Browser, url: string, fields: Record<string, string> = {}, headers = {}): Promise<Response> {
  return browser.visit(url, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: new URLSearchParams(fields).toString(),
  })
}

/** Connects through the provider as this person; what the last page answered. */
async function throughProvider(browser: Browser, url: string, person = 'first'): Promise<Response> {
  const left = await send(browser, url)
  if (left.status !== 303) throw new Error(`${left.status}: ${await left.text()}`)
  const at = new URL(left.headers.get('location') ?? '')
  at.searchParams.set('login_hint', person)
  const end = await browser.follow(at, 'nowhere:')
  if (!(end instanceof Response)) throw new Error('left for nowhere')
  return end
}

async function authorizationOf(connection: string, user: string | null): Promise<unknown> {
  const { body } = await server.call('GET', `/v1/connections/${connection}/authorizations`)
  return (body['items'] as { user: string | null }[]).find((one) => one.user === user)
}

describe('making a connect session', () => {
  test('gives a link for thirty minutes, whose token is stored hashed', async () => {
    const before = Date.now()
    const { status, body } = await create({ user: { id: 'u-1', name: 'Ada', email: 'ada@example.com' } })
    expect(status).toBe(201)
    const token = String(body['token'])
    expect(token).toMatch(/^[\w-]{43}$/)
    expect(body['url']).toBe(`${server.mooring.publicUrl}/connect/s/${token}`)
    expect(Date.parse(String(body['expiresAt'])) - before).toBeGreaterThanOrEqual(30 * 60_000)
    expect(await server.installation.store.connectSessions.findByToken(tokenHash(token))).toMatchObject({
      user: 'u-1',
      userName: 'Ada',
      bindingHash: null,
      madeBy: 'api_key:bootstrap',
    })
    const entries = (await server.call('GET', '/v1/audit-log?action=connect_session.create&limit=1')).body
    expect(entries['items']).toMatchObject([{ object: 'u-1', outcome: 'done', actorName: 'bootstrap' }])
    expect(JSON.stringify(entries)).not.toContain(token)
  })

  test.each([
    ['a connection that is not there', { connections: ['mail', 'none'] }, 'connections.1'],
    ['a connection by its id', { connections: ['con_0'] }, 'connections.0'],
    ['no connection at all', { connections: [] }, 'connections'],
    ['a returnTo of another origin', { returnTo: 'https://evil.example/' }, 'returnTo'],
    ['a field that is unknown', { expiresIn: 5 }, 'expiresIn'],
  ])('refuses %s, by its name', async (_what, more, path) => {
    const { status, body } = await create({ user: { id: 'u-1' }, ...more })
    expect([status, body['code']]).toEqual([422, 'validation_failed'])
    expect(body['errors']).toMatchObject([{ path }])
  })

  test('refuses to offer nothing', async () => {
    const other = await startServer()
    try {
      const { status, body } = await other.call('POST', '/v1/connect-sessions', { user: { id: 'u-1' } })
      expect([status, body['errors']]).toMatchObject([422, [{ path: 'connections', code: 'required' }]])
    } finally {
      await other.stop()
    }
  })

  test('takes the right to manage', async () => {
    for (const [role, status] of [
      ['viewer', 403],
      ['developer', 201],
    ] as const) {
      const key = await server.call('POST', '/v1/api-keys', { name: role, role })
      const authorization = `Bearer ${String(key.body['key'])}`
      const made = await server.call('POST', '/v1/connect-sessions', { user: { id: 'u' } }, { authorization })
      expect([role, made.status]).toEqual([role, status])
    }
  })
})

describe('S-8 S-9 the page', () => {
  test('offers what each user authorizes for themself, with host, scopes and state', async () => {
    const { body } = await create({ user: { id: 'u-2', name: 'Bo <b>', email: 'bo@example.com' } })
    const shown = await fetch(String(body['url']))
    const page = await shown.text()
    expect([shown.status, shown.headers.get('cache-control'), shown.headers.getSetCookie()]).toEqual([
      200,
      'no-store',
      [],
    ])
    expect(shown.headers.get('content-security-policy')).not.toContain('script-src')
    expect(page).not.toContain('<script')
    expect(page).toContain('<strong>Main</strong>')
    expect(page).toContain('Bo &#60;b&#62;')
    expect(page).toContain(`You sign in at <code>${new URL(sandbox.url).host}</code>`)
    for (const part of ['Read', 'Profile', 'Not connected', 'Their mail', 'Sandbox API key', 'API key'])
      expect(page).toContain(part)
    // Only what the connection asks for.
    expect(page.match(/<li>Write/g)).toHaveLength(1)
    // A shared connection is offered only by name.
    expect(page).not.toContain('Of all')
    const named = await text(fetch(await linkFor('u-2', { connections: ['of_all'] })))
    expect(named).toContain('For everybody in Main')
    expect(named).not.toContain('Their mail')
  })

  test('connects through the provider and comes back with how it went', async () => {
    const url = await linkFor('u-3')
    const browser = createBrowser()
    const end = await throughProvider(browser, `${url}/mail`)
    const page = await end.text()
    expect([end.status, end.url.startsWith(`${url}?attempt=att_`)]).toEqual([200, true])
    expect(page).toContain('<p class="title">Sandbox OAuth 2 is connected</p>')
    expect(page).toContain('Connected as first@sandbox.example')
    expect(await authorizationOf('mail', 'u-3')).toMatchObject({ status: 'active', account: 'first@sandbox.example' })
    const call = await server.call('GET', '/v1/proxy/mail/me', undefined, { 'mooring-user': 'u-3' })
    expect(call.body).toMatchObject({ ok: true, who: 'first' })
    const activity = (await server.call('GET', '/v1/connections/mail/activity?limit=2')).body['items']
    expect(activity).toContainEqual(
      expect.objectContaining({ type: 'connection.authorized', actor: 'connect_session:u-3', user: 'u-3' }),
    )
    const audit = (await server.call('GET', '/v1/audit-log?action=connection.authorize&limit=1')).body['items']
    expect(audit).toMatchObject([
      {
        actor: expect.stringMatching(/^connect_session:cns_/),
        actorName: 'u-3',
        object: 'mail',
        outcome: 'done',
        detail: 'A sign-in at the provider was begun. For the user u-3.',
      },
    ])
  })

  test('tells of a person who said no, and goes on', async () => {
    const url = await linkFor('u-4')
    const browser = createBrowser()
    const left = await send(browser, `${url}/mail`)
    const end = await browser.follow(`${String(left.headers.get('location'))}&sandbox_auto=cancel`, 'nowhere:')
    const page = await text(end as Response)
    expect(page).toContain('You pressed Cancel at Sandbox OAuth 2')
    expect(page).toContain('Technical details')
    expect(page).toContain('Not connected')
    expect(await authorizationOf('mail', 'u-4')).toBeUndefined()
    expect(await text(throughProvider(browser, `${url}/mail`))).toContain('is connected')
  })

  test('tells what the provider would not do before anybody has left', async () => {
    const service = { ...sandbox.services.find((one) => one.linkName === 'sandbox_oauth1')?.service }
    const auth = { ...service.auth, requestTokenUrl: `${sandbox.url}/nowhere` }
    await server.call('POST', '/v1/services', { ...service, auth, linkName: 'broken' })
    await make({ name: 'Broken', linkName: 'broken', service: 'broken', authorizationLevel: 'per_user' })
    const url = await linkFor('u-4', { connections: ['broken'] })
    const end = await send(createBrowser(), `${url}/broken`)
    expect([end.status, await end.text()]).toEqual([422, expect.stringContaining('class="notice failed"')])
    await server.call('DELETE', '/v1/connections/broken')
  })

  test('S-16 asks before another account replaces the one before, and comes back', async () => {
    const url = await linkFor('u-5', { connections: ['mail'] })
    const browser = createBrowser()
    await throughProvider(browser, `${url}/mail`)
    const other = createBrowser()
    const again = await linkFor('u-5', { connections: ['mail'] })
    const asked = await throughProvider(other, `${again}/mail`, 'second')
    const question = await asked.text()
    expect(question).toContain('You signed in as second@sandbox.example, before it was first@sandbox.example')
    const action = /action="([^"]+\/answer)"/.exec(question)?.[1] ?? ''
    const answered = await send(other, new URL(action, server.mooring.publicUrl).href, { replace: 'true' })
    expect(answered.headers.get('location')).toMatch(/^\/connect\/s\/[\w-]{43}\?attempt=att_/)
    expect(await authorizationOf('mail', 'u-5')).toMatchObject({ account: 'second@sandbox.example' })
    const audit = (await server.call('GET', '/v1/audit-log?action=attempt.answer&limit=1')).body['items']
    expect(audit).toMatchObject([{ object: 'mail', actorName: 'u-5', outcome: 'done' }])
  })

  test('needs nobody where the service asks nobody', async () => {
    const url = await linkFor('u-6', { connections: ['engine'] })
    const browser = createBrowser()
    const done = await send(browser, `${url}/engine`)
    expect(done.headers.get('location')).toMatch(/\?connected=engine$/)
    expect(await text(browser.visit(`${url}?connected=engine`))).toContain('Sandbox OAuth 2 for machines is connected')
    expect(await authorizationOf('engine', 'u-6')).toMatchObject({ status: 'active' })
  })

  test('says of a connection only what is so, whatever the address says', async () => {
    const url = await linkFor('u-7')
    for (const query of ['connected=mail', 'connected=none', 'attempt=att_0', 'attempt=a&attempt=b'])
      expect(await text(fetch(`${url}?${query}`))).not.toContain('is connected')
  })

  test('a shared connection is authorized for everybody by whoever has the link', async () => {
    const url = await linkFor('u-8', { connections: ['of_all'] })
    const page = await text(throughProvider(createBrowser(), `${url}/of_all`))
    expect(page).toContain('Sandbox OAuth 1 is connected')
    // Who that is, is not shown: others may have the link as well.
    expect(page).not.toContain('Connected as')
    expect((await server.call('GET', '/v1/connections/of_all')).body).toMatchObject({ status: 'active' })
    const activity = (await server.call('GET', '/v1/connections/of_all/activity?limit=1')).body['items']
    expect(activity).toMatchObject([{ actor: 'connect_session:u-8', user: null }])
  })
})

describe('values that are entered', () => {
  test('are asked for by the labels of the service, hidden where they are secrets', async () => {
    const page = await text(fetch(`${await linkFor('u-9')}/named`))
    expect(page).toMatch(/<label for="field-0">Username<\/label><input id="field-0" name="username" type="text"/)
    expect(page).toMatch(
      /<label for="field-1">Password <span class="soft">\(optional\)<\/span><\/label><input id="field-1" name="password" type="password"/,
    )
    expect(page.match(/autocomplete="off"/g)).toHaveLength(2)
    expect(page).not.toContain('<script')
  })

  test('connect, with the white space of pasting taken away', async () => {
    const url = await linkFor('u-9')
    const browser = createBrowser()
    const done = await send(browser, `${url}/keyed`, { 'X-Api-Key': ' sandbox-api-key\n' })
    expect([done.status, done.headers.get('location')]).toEqual([303, expect.stringContaining('?connected=keyed')])
    expect(await authorizationOf('keyed', 'u-9')).toMatchObject({ status: 'active' })
    const call = await server.call('GET', '/v1/proxy/keyed/me', undefined, { 'mooring-user': 'u-9' })
    expect(call.body).toMatchObject({ ok: true })
    const audit = (await server.call('GET', '/v1/audit-log?action=connection.authorize&limit=1')).body['items']
    expect(audit).toMatchObject([{ object: 'keyed', outcome: 'done', detail: 'Authorized. For the user u-9.' }])
  })

  test('that are missing are told at their field; what was typed is there, secrets are not', async () => {
    const url = await linkFor('u-10')
    const browser = createBrowser()
    const without = await send(browser, `${url}/signed`, { accessKeyId: 'AKIA"<x>', sessionToken: 'planted-5512' })
    const page = await without.text()
    expect(without.status).toBe(422)
    const missing = 'Fill in Secret Access Key.'
    expect(page).toContain(`<p class="title">There is a problem</p><ul><li><a href="#field-1">${missing}</a></li></ul>`)
    expect(page).toContain(`<p class="error" id="field-1-error">${missing}</p>`)
    expect(page).toContain('aria-invalid="true" aria-describedby="field-1-error"')
    expect(page).toContain('aria-describedby="field-2-help"')
    expect(page).toContain('value="AKIA&#34;&#60;x&#62;"')
    expect(page).not.toContain('planted')
  })

  test('that the API refuses are told as that, and recorded; nothing is stored', async () => {
    const url = await linkFor('u-11')
    const wrong = await send(createBrowser(), `${url}/keyed`, { 'X-Api-Key': 'a-wrong-key-7741' })
    const page = await wrong.text()
    expect(wrong.status).toBe(422)
    expect(page).toContain('Sandbox API key said no to this API key')
    expect(page).toContain('The credentials are wrong or have expired.')
    expect(page).not.toContain('7741')
    expect(await authorizationOf('keyed', 'u-11')).toBeUndefined()
    const audit = (await server.call('GET', '/v1/audit-log?action=connection.authorize&limit=1')).body
    expect(audit['items']).toMatchObject([{ object: 'keyed', actorName: 'u-11', outcome: 'refused' }])
    expect(JSON.stringify(audit) + server.logged()).not.toContain('7741')
  })

  test('that sign wrongly are told as that', async () => {
    const url = await linkFor('u-11')
    const keys = { accessKeyId: 'AKIASANDBOXEXAMPLE01', secretAccessKey: 'not/the/secret' }
    const wrong = await send(createBrowser(), `${url}/signed`, keys)
    expect([wrong.status, await wrong.text()]).toEqual([
      422,
      expect.stringContaining('AWS did not accept the signature'),
    ])
  })

  test('cannot be guessed without end', async () => {
    const url = await linkFor('u-12')
    const browser = createBrowser()
    const guess = async (turn: number): Promise<number> =>
      (await send(browser, `${url}/keyed`, { 'X-Api-Key': `guess-${turn}` })).status
    let turn = 0
    while ((await guess(turn)) !== 429) expect(++turn).toBeLessThan(20)
    expect(turn).toBeGreaterThanOrEqual(5)
    const slowed = await send(browser, `${url}/keyed`, { 'X-Api-Key': 'sandbox-api-key' })
    expect([slowed.status, await slowed.text()]).toEqual([429, expect.stringContaining('Try again in')])
    ahead += 400_000
    expect((await send(browser, `${url}/keyed`, { 'X-Api-Key': 'sandbox-api-key' })).status).toBe(303)
  })

  test('that are too long are refused', async () => {
    const huge = await send(createBrowser(), `${await linkFor('u-12')}/keyed`, { 'X-Api-Key': 'x'.repeat(70_000) })
    expect(huge.status).toBe(413)
  })
})

describe('S-14 when all is done', () => {
  test('the browser goes on to returnTo; before that a link leads there', async () => {
    const url = await linkFor('u-13', { connections: ['mail', 'keyed'], returnTo: '/welcome?x=1' })
    const browser = createBrowser()
    const there = `${server.mooring.publicUrl}/welcome?x=1`
    expect(await text(browser.visit(url))).toContain(`href="${there}">Done</a>`)
    const first = await send(browser, `${url}/keyed`, { 'X-Api-Key': 'sandbox-api-key' })
    expect(first.headers.get('location')).toContain('?connected=keyed')
    const left = await send(browser, `${url}/mail`)
    const welcome = `${server.mooring.publicUrl}/welcome`
    const end = await followTo(String(left.headers.get('location')), welcome, browser)
    expect(end.href).toBe(`${there}&connection=mail&status=succeeded`)
  })
})

describe('S-8 a link', () => {
  test('belongs to the browser that uses it first, not to the one that looks at it first', async () => {
    const url = await linkFor('u-14')
    // Such as the preview of a messenger.
    await createBrowser().visit(url)
    const browser = createBrowser()
    await send(browser, `${url}/mail`)
    const other = createBrowser()
    for (const answer of [
      await other.visit(url),
      await other.visit(`${url}/keyed`),
      await send(other, `${url}/keyed`, { 'X-Api-Key': 'sandbox-api-key' }),
      await send(other, `${url}/mail`),
    ])
      expect([answer.status, await answer.text()]).toEqual([403, expect.stringContaining('in use in another browser')])
    expect(await authorizationOf('keyed', 'u-14')).toBeUndefined()
    expect((await browser.visit(url)).status).toBe(200)
  })

  test('of two browsers at once one gets it', async () => {
    const url = await linkFor('u-15')
    const answers = await Promise.all([1, 2].map(() => send(createBrowser(), `${url}/mail`)))
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([303, 403])
  })

  test('brings nothing into another browser by its callback', async () => {
    const url = await linkFor('u-16')
    const browser = createBrowser()
    const left = await send(browser, `${url}/mail`)
    const callback = `${server.mooring.publicUrl}/oauth/callback/`
    const back = await followTo(String(left.headers.get('location')), callback, browser)
    const end = await createBrowser().visit(back)
    expect([end.status, await end.text()]).toEqual([400, expect.not.stringContaining('/connect/s/')])
    expect(await authorizationOf('mail', 'u-16')).toBeUndefined()
  })

  test('takes no form of another site', async () => {
    const url = await linkFor('u-17')
    for (const headers of [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }])
      expect((await send(createBrowser(), `${url}/keyed`, { 'X-Api-Key': 'sandbox-api-key' }, headers)).status).toBe(
        403,
      )
    expect(await authorizationOf('keyed', 'u-17')).toBeUndefined()
  })

  test('leads to no connection that it does not name', async () => {
    const url = await linkFor('u-18', { connections: ['mail'] })
    for (const linkName of ['keyed', 'of_all', 'none']) {
      expect((await send(createBrowser(), `${url}/${linkName}`, { 'X-Api-Key': 'sandbox-api-key' })).status).toBe(404)
      expect((await fetch(`${url}/${linkName}`)).status).toBe(404)
    }
    expect(await authorizationOf('keyed', 'u-18')).toBeUndefined()
  })

  test('that is forged, or a token of another kind, is unknown', async () => {
    const begun = await server.call('POST', '/v1/connections/of_all/authorize')
    const attemptToken = String(begun.body['authorizationUrl']).split('/').at(-1)
    const session = (await linkFor('u-19')).split('/').at(-1)
    for (const path of [`/connect/s/${'x'.repeat(43)}`, `/connect/s/${attemptToken}`, `/connect/${session}`])
      expect((await fetch(server.url + path)).status).toBe(404)
  })

  test('no longer offers a connection that was switched off or is gone', async () => {
    await make({ name: 'Gone', linkName: 'gone', service: 'sandbox_api_key', authorizationLevel: 'per_user' })
    const url = await linkFor('u-20', { connections: ['gone'] })
    await server.call('PATCH', '/v1/connections/gone', { enabled: false })
    expect(await text(fetch(url))).toContain('Nothing is offered here any more')
    expect((await send(createBrowser(), `${url}/gone`, { 'X-Api-Key': 'sandbox-api-key' })).status).toBe(404)
    await server.call('DELETE', '/v1/connections/gone')
    expect((await fetch(url)).status).toBe(200)
  })

  test('ends after thirty minutes; a sign-in under way still ends well', async () => {
    const url = await linkFor('u-21')
    const browser = createBrowser()
    ahead += 25 * 60_000
    const left = await send(browser, `${url}/mail`)
    ahead += 6 * 60_000
    const over = await browser.visit(url)
    expect([over.status, await over.text()]).toEqual([410, expect.stringContaining('This link has expired')])
    expect((await send(browser, `${url}/keyed`, { 'X-Api-Key': 'sandbox-api-key' })).status).toBe(410)
    const end = await browser.follow(String(left.headers.get('location')), 'nowhere:')
    expect(await text(end as Response)).toContain('Their mail is connected')
    expect(await authorizationOf('mail', 'u-21')).toMatchObject({ status: 'active' })
  })
})
