import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Sandbox } from '@mooring/sandbox'
import { createBrowser } from '@mooring/sandbox/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Answer, startServer, type TestServer } from './harness.ts'
import { until } from './processes.ts'
import { type Browser, consent, sandboxFor } from './sandbox.ts'

const dir = mkdtempSync(join(tmpdir(), 'mooring-attempts-'))
const first = 'first@sandbox.example'
const second = 'second@sandbox.example'

let server: TestServer
let sandbox: Sandbox
/** How far the server's clock is ahead, in milliseconds. */
let ahead = 0
const start = (): Promise<TestServer> => startServer({ dir, now: () => Date.now() + ahead })

beforeAll(async () => {
  server = await start()
  sandbox = await sandboxFor(server)
})
afterAll(async () => {
  await server.stop()
  await sandbox.close()
  rmSync(dir, { recursive: true, force: true })
})

/** A connection of a service of its own, so that no other connection uses its accounts. */
async function own(name: string): Promise<void> {
  const service = { ...sandbox.services[0]?.service, linkName: name }
  expect((await server.call('POST', '/v1/services', service)).status).toBe(201)
  expect((await server.call('POST', '/v1/connections', { name, linkName: name, service: name })).status).toBe(201)
}

const begin = (name: string, body?: object): Promise<Answer> =>
  server.call('POST', `/v1/connections/${name}/authorize`, body)
const attemptPath = (name: string, begun: Answer): string =>
  `/v1/connections/${name}/attempts/${String(begun.body['attempt'])}`
const attemptOf = (name: string, begun: Answer): Promise<Answer> => server.call('GET', attemptPath(name, begun))
const connectionOf = (name: string): Promise<Answer> => server.call('GET', `/v1/connections/${name}`)
/** Under the address that the server listens on, whatever the port was before. */
const here = (url: string | URL): string => `${server.url}${new URL(url).pathname}${new URL(url).search}`

/** Signs in as this person; where the provider sends the browser back to. */
async function signIn(begun: Answer, person: string, browser: Browser): Promise<string> {
  const left = await browser.visit(here(`${String(begun.body['authorizationUrl'])}/start`), { method: 'POST' })
  expect(left.status).toBe(303)
  const url = new URL(left.headers.get('location') ?? '')
  url.searchParams.set('login_hint', person)
  const back = await browser.follow(url, `${server.mooring.publicUrl}/oauth/callback/`)
  if (!(back instanceof URL)) throw new Error(`the sign-in ended with ${back.status}: ${await back.text()}`)
  return back.href
}

async function connectAs(name: string, person: string, browser = createBrowser()): Promise<void> {
  const answer = await browser.visit(await signIn(await begin(name), person, browser))
  expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining('is connected')])
}

interface Asked {
  begun: Answer
  browser: Browser
  /** The address of the page that asks. */
  page: string
}

/** Connected as the first person and signed in again as the second: waiting for an answer. */
async function askedAt(name: string, body?: object): Promise<Asked> {
  await own(name)
  await connectAs(name, 'first')
  const browser = createBrowser()
  const begun = await begin(name, body)
  const back = await browser.visit(await signIn(begun, 'second', browser))
  expect(back.status).toBe(303)
  return { begun, browser, page: new URL(back.headers.get('location') ?? '', server.url).href }
}

function post(browser: Browser, url: string, replace: string, headers: Record<string, string> = {}): Promise<Response> {
  return browser.visit(here(url), {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: new URLSearchParams({ replace }).toString(),
  })
}

/** Who the API says the connection's token is of. */
const callsAs = async (name: string): Promise<unknown> => (await server.call('GET', `/v1/proxy/${name}/me`)).body['who']

describe('cancelling', () => {
  test('ends a waiting attempt, twice as well as once; what the provider sends back is refused', async () => {
    await own('cancels')
    const begun = await begin('cancels')
    const browser = createBrowser()
    const back = await signIn(begun, 'first', browser)
    const tokens = sandbox.control.counts().token
    for (let turn = 0; turn < 2; turn++)
      expect((await server.call('DELETE', attemptPath('cancels', begun))).status).toBe(204)
    expect((await attemptOf('cancels', begun)).body).toMatchObject({
      state: 'failed',
      diagnosis: { code: 'cancelled', title: 'You cancelled the sign-in', detail: 'Nothing was saved.' },
      question: null,
    })
    const late = await browser.visit(back)
    expect([late.status, await late.text()]).toEqual([200, expect.stringContaining('You cancelled the sign-in')])
    // In a browser that did not start, nothing is told of the attempt.
    expect(await (await fetch(back)).text()).not.toContain('cancelled')
    expect(sandbox.control.counts().token).toBe(tokens)
    expect((await connectionOf('cancels')).body).toMatchObject({ status: 'created' })
    const events = (await server.call('GET', '/v1/connections/cancels/activity')).body['items']
    expect(events).toMatchObject([
      { type: 'connection.authorization_failed', cause: 'cancelled', actor: 'api_key:bootstrap' },
      { type: 'connection.created' },
    ])
  })

  test('while the provider is asked for the token, keeps and leaves nothing', async () => {
    await own('cut_short')
    const begun = await begin('cut_short')
    const browser = createBrowser()
    const back = await signIn(begun, 'first', browser)
    const revokes = sandbox.control.counts().revoke
    sandbox.control.failToken({ kind: 'slow', milliseconds: 1500 })
    const page = browser.visit(back)
    await until(async () => {
      const { steps } = (await attemptOf('cut_short', begun)).body as { steps: { step: string }[] }
      return steps.some(({ step }) => step === 'came back') || undefined
    }, 'coming back')
    expect((await server.call('DELETE', attemptPath('cut_short', begun))).status).toBe(204)
    expect(await (await page).text()).toContain('You cancelled the sign-in')
    expect((await attemptOf('cut_short', begun)).body).toMatchObject({ state: 'failed' })
    expect((await connectionOf('cut_short')).body).toMatchObject({ status: 'created', account: null })
    expect(sandbox.control.counts().revoke).toBe(revokes + 1)
  })

  test('is refused for what is over, and unknown attempts are not found', async () => {
    await own('over')
    const begun = await begin('over')
    await consent(begun)
    const path = attemptPath('over', begun)
    expect((await server.call('DELETE', path)).body).toMatchObject({ status: 422, code: 'validation_failed' })
    expect((await server.call('POST', `${path}/answer`, { replace: true })).status).toBe(200)
    expect((await server.call('POST', `${path}/answer`, { replace: false })).status).toBe(422)
    expect((await connectionOf('over')).body).toMatchObject({ status: 'active' })
    for (const [method, rest, body] of [
      ['DELETE', '', undefined],
      ['POST', '/answer', { replace: true }],
    ] as const) {
      expect((await server.call(method, `/v1/connections/over/attempts/att_none${rest}`, body)).status).toBe(404)
      // One of another connection.
      expect((await server.call(method, `${path.replace('over', 'cancels')}${rest}`, body)).status).toBe(404)
    }
  })

  test('where something is asked, drops the new grant', async () => {
    const { begun, browser, page } = await askedAt('drops')
    const revokes = sandbox.control.counts().revoke
    expect((await server.call('DELETE', attemptPath('drops', begun))).status).toBe(204)
    expect(sandbox.control.counts().revoke).toBe(revokes + 1)
    const late = await post(browser, `${page}/answer`, 'true')
    expect(late.status).toBe(303)
    expect(await (await browser.visit(page)).text()).toContain('You cancelled the sign-in')
    expect((await connectionOf('drops')).body).toMatchObject({ status: 'active', account: first })
  })
})

describe('S-16 signing in with another account', () => {
  test('asks, and changes nothing until somebody answers', async () => {
    const { begun, browser, page } = await askedAt('asks')
    const waiting = (await attemptOf('asks', begun)).body
    expect(waiting).toMatchObject({
      state: 'waiting',
      question: { code: 'different_account', before: first, now: second },
      diagnosis: null,
    })
    expect((await connectionOf('asks')).body).toMatchObject({ status: 'active', account: first })
    expect(await callsAs('asks')).toBe('first')
    const shown = await browser.visit(page)
    const text = await shown.text()
    expect(shown.status).toBe(200)
    expect(text).toContain(`You signed in as ${second}, before it was ${first}`)
    expect(text).toContain(`Replace with ${second}`)
    expect(text).toContain(`Keep ${first}`)
    const replaced = await post(browser, `${page}/answer`, 'true')
    expect(replaced.status).toBe(303)
    expect(await (await browser.visit(page)).text()).toContain('asks is connected')
    expect((await attemptOf('asks', begun)).body).toMatchObject({ state: 'succeeded', question: null })
    expect((await connectionOf('asks')).body).toMatchObject({ status: 'active', account: second })
    expect(await callsAs('asks')).toBe('second')
  })

  test('the same account, and one that the provider does not tell, are taken without asking', async () => {
    await own('same')
    await connectAs('same', 'first')
    await connectAs('same', 'first')
    sandbox.control.shapeToken({ omit: ['account'] })
    await connectAs('same', 'second')
    sandbox.control.shapeToken({})
    expect((await connectionOf('same')).body).toMatchObject({ account: null })
  })

  test('OAuth 1 tells the account as well', async () => {
    const service = sandbox.services.find((one) => one.linkName === 'sandbox_oauth1')?.service
    await server.call('POST', '/v1/services', { ...service, linkName: 'one' })
    await server.call('POST', '/v1/connections', { name: 'one', linkName: 'one', service: 'one' })
    await connectAs('one', 'first')
    const { account } = (await connectionOf('one')).body
    const browser = createBrowser()
    const begun = await begin('one')
    await browser.visit(await signIn(begun, 'second', browser))
    expect((await attemptOf('one', begun)).body).toMatchObject({ state: 'waiting', question: { before: account } })
    await server.call('POST', `${attemptPath('one', begun)}/answer`, { replace: false })
    expect((await server.call('GET', '/v1/proxy/one/me')).status).toBe(200)
  })

  test('keeping the account before drops the new grant and revokes it at the provider', async () => {
    const { begun, page, browser } = await askedAt('keeps')
    const revokes = sandbox.control.counts().revoke
    const path = `${attemptPath('keeps', begun)}/answer`
    for (let turn = 0; turn < 2; turn++) {
      expect((await server.call('POST', path, { replace: false })).body).toMatchObject({
        state: 'failed',
        question: null,
        diagnosis: { code: 'account_kept', title: `You kept ${first}`, detail: expect.stringContaining(second) },
      })
    }
    expect((await attemptOf('keeps', begun)).body['steps']).toContainEqual(
      expect.objectContaining({ step: 'given back', ok: true }),
    )
    expect(sandbox.control.counts().revoke).toBe(revokes + 1)
    expect((await server.call('POST', path, { replace: true })).body).toMatchObject({ code: 'validation_failed' })
    // The page that still asks hears how it was answered.
    expect((await post(browser, `${page}/answer`, 'true')).status).toBe(303)
    expect(await (await browser.visit(page)).text()).toContain(`You kept ${first}`)
    expect((await connectionOf('keeps')).body).toMatchObject({ status: 'active', account: first })
    expect(await callsAs('keeps')).toBe('first')
  })

  test('a dropped grant is not revoked where another connection may hang on its account', async () => {
    const { begun } = await askedAt('beside')
    await server.call('POST', '/v1/connections', { name: 'Neighbour', linkName: 'neighbour', service: 'beside' })
    await connectAs('neighbour', 'second')
    const revokes = sandbox.control.counts().revoke
    await server.call('POST', `${attemptPath('beside', begun)}/answer`, { replace: false })
    expect(sandbox.control.counts().revoke).toBe(revokes)
    expect(await callsAs('neighbour')).toBe('second')
  })

  test('a provider that does not confirm takes nothing back: what was chosen stands', async () => {
    const { begun } = await askedAt('deaf')
    sandbox.control.failRevocation()
    const answer = await server.call('POST', `${attemptPath('deaf', begun)}/answer`, { replace: false })
    expect(answer.body).toMatchObject({ state: 'failed', diagnosis: { code: 'account_kept' } })
    expect(answer.body['steps']).toContainEqual(expect.objectContaining({ step: 'given back', ok: false }))
  })

  test('of two answers at once one counts, whichever way they came', async () => {
    for (const [index, name] of ['race_a', 'race_b', 'race_c'].entries()) {
      const { begun, browser, page } = await askedAt(name)
      const path = `${attemptPath(name, begun)}/answer`
      const [yes, no] = await Promise.all([
        server.call('POST', path, { replace: true }),
        index === 0 ? server.call('POST', path, { replace: false }) : post(browser, `${page}/answer`, 'false'),
      ])
      const { state } = (await attemptOf(name, begun)).body
      expect(['succeeded', 'failed']).toContain(state)
      expect(yes.status).toBe(state === 'succeeded' ? 200 : 422)
      if (index === 0) expect(no.status).toBe(state === 'failed' ? 200 : 422)
      expect((await connectionOf(name)).body).toMatchObject({ account: state === 'succeeded' ? second : first })
    }
  })

  test('another account that came in between is asked about anew', async () => {
    const { begun } = await askedAt('between')
    const third = 'third@sandbox.example'
    sandbox.control.shapeToken({ set: { account: { email: third } } })
    const other = createBrowser()
    const begunAgain = await begin('between')
    await other.visit(await signIn(begunAgain, 'first', other))
    sandbox.control.shapeToken({})
    await server.call('POST', `${attemptPath('between', begunAgain)}/answer`, { replace: true })
    const path = `${attemptPath('between', begun)}/answer`
    expect((await server.call('POST', path, { replace: true })).body).toMatchObject({
      state: 'waiting',
      question: { before: third, now: second },
    })
    expect((await connectionOf('between')).body).toMatchObject({ account: third })
    expect((await server.call('POST', path, { replace: true })).body).toMatchObject({ state: 'succeeded' })
    expect((await connectionOf('between')).body).toMatchObject({ account: second })
  })

  test('the question outlives a crash of the server, and the answer is stored sealed', async () => {
    const { begun, browser, page } = await askedAt('outlives')
    const connection = await server.installation.store.connections.find('wsp_main', 'outlives')
    const kept = await server.installation.store.attempts.find(connection?.id ?? '', String(begun.body['attempt']))
    expect(kept?.heldGrant?.byteLength).toBeGreaterThan(0)
    expect(Buffer.from(kept?.heldGrant ?? []).toString('latin1')).not.toContain('credential')
    // Nothing is handed over: the new process finds what the store has.
    const crashed = server
    server = await start()
    await crashed.stop()
    expect((await attemptOf('outlives', begun)).body).toMatchObject({ state: 'waiting', question: { now: second } })
    expect((await post(browser, `${page}/answer`, 'true')).status).toBe(303)
    expect((await connectionOf('outlives')).body).toMatchObject({ account: second })
  })

  test('nobody answers in ten minutes: the grant is dropped', async () => {
    const { begun, browser, page } = await askedAt('slow')
    ahead += 601_000
    expect((await server.call('POST', `${attemptPath('slow', begun)}/answer`, { replace: true })).status).toBe(422)
    expect((await attemptOf('slow', begun)).body).toMatchObject({ state: 'expired', question: null })
    const connection = await server.installation.store.connections.find('wsp_main', 'slow')
    expect(
      await server.installation.store.attempts.find(connection?.id ?? '', String(begun.body['attempt'])),
    ).toMatchObject({ heldGrant: null, question: null })
    expect((await post(browser, `${page}/answer`, 'true')).status).toBe(303)
    expect((await browser.visit(page)).status).toBe(400)
    expect((await connectionOf('slow')).body).toMatchObject({ status: 'active', account: first })
  })

  test('S-8 another browser sees no account and answers nothing, nor does a form of another site', async () => {
    const { begun, browser, page } = await askedAt('bound')
    const other = createBrowser()
    const seen = await other.visit(page)
    expect([seen.status, await seen.text()]).toEqual([403, expect.not.stringContaining(second)])
    expect((await post(other, `${page}/answer`, 'true')).status).toBe(403)
    for (const [name, value] of [
      ['origin', 'https://evil.example'],
      ['sec-fetch-site', 'cross-site'],
    ] as const)
      expect((await post(browser, `${page}/answer`, 'true', { [name]: value })).status).toBe(403)
    expect((await post(browser, `${page}/answer`, 'perhaps')).status).toBe(400)
    expect((await post(browser, `${server.url}/connect/forged/answer`, 'true')).status).toBe(404)
    // The page that it began on is over, and leads nowhere.
    const begunAt = String(begun.body['authorizationUrl'])
    expect((await browser.visit(begunAt)).status).toBe(404)
    expect((await browser.visit(`${page}/start`, { method: 'POST' })).status).toBe(404)
    expect((await attemptOf('bound', begun)).body).toMatchObject({ state: 'waiting' })
  })

  test('S-14 the answer leads on to returnTo', async () => {
    const { browser, page } = await askedAt('leads_on', { returnTo: '/done' })
    const answered = await post(browser, `${page}/answer`, 'false')
    expect(answered.headers.get('location')).toBe(`${server.mooring.publicUrl}/done?connection=leads_on&status=failed`)
  })
})
