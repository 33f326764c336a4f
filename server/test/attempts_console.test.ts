import type { Sandbox } from '@mooring/sandbox'
import { createBrowser } from '@mooring/sandbox/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Answer, startServer, type TestServer } from './harness.ts'
import { browserAt, invited, type Person, setUpOwner } from './people.ts'
import { type Browser, sandboxFor } from './sandbox.ts'

let server: TestServer
let sandbox: Sandbox
let owner: Person
let other: Person
let connections = 0

beforeAll(async () => {
  server = await startServer()
  sandbox = await sandboxFor(server)
  owner = await setUpOwner(server)
  other = await invited(server, owner, 'Dan', 'developer')
})
afterAll(async () => {
  await server.stop()
  await sandbox.close()
})

/** A sign-in that this person begins in the console. */
async function begunBy(person: Person): Promise<{ name: string; url: string; attempt: () => Promise<Answer> }> {
  const name = `console_${++connections}`
  await person.call('POST', '/v1/connections', { name, linkName: name, service: 'sandbox_oauth2' })
  const { body } = await person.call('POST', `/v1/connections/${name}/authorize`)
  return {
    name,
    url: String(body['authorizationUrl']),
    attempt: () => person.call('GET', `/v1/connections/${name}/attempts/${String(body['attempt'])}`),
  }
}

/** A window of the browser in which this person is signed in. */
const windowOf = (person: Person): Browser => createBrowser(person.cookies)

async function hasLeft(attempt: () => Promise<Answer>): Promise<boolean> {
  const { steps } = (await attempt()).body as { steps: { step: string }[] }
  return steps.some(({ step }) => step === 'sent to the provider')
}

/** Goes on from here until the provider sends the browser back. */
async function backFrom(browser: Browser, url: string): Promise<string> {
  const back = await browser.follow(url, `${server.mooring.publicUrl}/oauth/callback/`)
  if (!(back instanceof URL)) throw new Error(`the flow ended with ${back.status}`)
  return back.href
}

describe('S-8 a sign-in that is begun in the console', () => {
  test('goes straight on to the provider in the browser that began it, and ends there', async () => {
    const { name, url, attempt } = await begunBy(owner)
    const browser = windowOf(owner)
    const opened = await browser.visit(url)
    expect(opened.status).toBe(303)
    expect(new URL(opened.headers.get('location') ?? '').origin).toBe(new URL(sandbox.url).origin)
    expect(opened.headers.getSetCookie()[0]).toMatch(/^mooring_att_\w+=[\w-]{43};.*HttpOnly; SameSite=Lax$/)
    expect([opened.headers.get('cache-control'), opened.headers.get('referrer-policy')]).toEqual([
      'no-store',
      'no-referrer',
    ])
    const ended = await browser.visit(await backFrom(browser, String(opened.headers.get('location'))))
    expect([ended.status, await ended.text()]).toEqual([200, expect.stringContaining(`${name} is connected`)])
    expect((await attempt()).body).toMatchObject({ state: 'succeeded' })
  })

  test('does not end without the session, though the browser holds all else', async () => {
    const { url, attempt, name } = await begunBy(owner)
    const browser = windowOf(owner)
    const back = await backFrom(browser, url)
    const tokens = sandbox.control.counts().token
    const rest = new Map([...owner.cookies].filter(([cookie]) => !cookie.includes('session')))
    const ended = await createBrowser(rest).visit(back)
    expect([ended.status, await ended.text()]).toEqual([400, expect.stringContaining('Sign in to the console')])
    expect((await attempt()).body).toMatchObject({ state: 'failed', diagnosis: { code: 'forbidden' } })
    expect(sandbox.control.counts().token).toBe(tokens)
    expect((await owner.call('GET', `/v1/connections/${name}`)).body).toMatchObject({ status: 'created' })
  })

  test('ends with the session of whoever began it, not with another', async () => {
    const { url, attempt } = await begunBy(owner)
    const back = await backFrom(windowOf(owner), url)
    const session = other.cookies.get('mooring_session') ?? ''
    const mixed = new Map([...owner.cookies, ['mooring_session', session]])
    expect((await createBrowser(mixed).visit(back)).status).toBe(400)
    expect((await attempt()).body).toMatchObject({ state: 'failed' })
  })

  test('ends with a later session of the same person in the same browser', async () => {
    const { url, attempt } = await begunBy(other)
    const back = await backFrom(windowOf(other), url)
    const credentials = { email: 'dan@example.com', password: 'a quiet harbour 7' }
    expect((await other.call('POST', '/v1/session', credentials)).status).toBe(201)
    expect((await windowOf(other).visit(back)).status).toBe(200)
    expect((await attempt()).body).toMatchObject({ state: 'succeeded' })
  })

  test.each([
    ['HEAD', { method: 'HEAD' }],
    ['a prefetch', { headers: { 'sec-purpose': 'prefetch' } }],
    ['a prerender', { headers: { 'sec-purpose': 'prefetch;prerender' } }],
    ['an older prefetch', { headers: { purpose: 'prefetch' } }],
    ['a frame', { headers: { 'sec-fetch-dest': 'iframe' } }],
    ['a picture', { headers: { 'sec-fetch-dest': 'image' } }],
  ])('is not begun by %s', async (_what, init) => {
    const { url, attempt } = await begunBy(owner)
    const seen = await windowOf(owner).visit(url, init)
    expect([seen.status, seen.headers.getSetCookie()]).toEqual([200, []])
    expect(await hasLeft(attempt)).toBe(false)
  })

  test('shows elsewhere what it is about, and that it cannot go on there', async () => {
    const { url, attempt } = await begunBy(owner)
    for (const browser of [createBrowser(), windowOf(other)]) {
      const seen = await browser.visit(url)
      const text = await seen.text()
      expect([seen.status, seen.headers.getSetCookie()]).toEqual([200, []])
      expect(text).toContain('Sandbox OAuth 2')
      expect(text).toContain('Sign in to the console')
      expect(text).not.toContain('<form')
      expect((await browser.visit(`${url}/start`, { method: 'POST' })).status).toBe(403)
    }
    expect(await hasLeft(attempt)).toBe(false)
    // Whoever looked at it elsewhere has taken nothing from the one who began it.
    expect((await windowOf(owner).visit(url)).status).toBe(303)
  })

  test('goes on by the button as well, and again where the person comes back to it', async () => {
    const { url, attempt } = await begunBy(owner)
    const browser = windowOf(owner)
    expect((await browser.visit(`${url}/start`, { method: 'POST' })).status).toBe(303)
    const again = await browser.visit(url)
    expect(again.status).toBe(303)
    await browser.visit(await backFrom(browser, String(again.headers.get('location'))))
    expect((await attempt()).body).toMatchObject({ state: 'succeeded' })
  })
})

describe('a sign-in that is begun with an API key', () => {
  test('asks whoever opens it, also where somebody is signed in to the console', async () => {
    await server.call('POST', '/v1/connections', { name: 'Keyed', linkName: 'keyed', service: 'sandbox_oauth2' })
    const begun = await server.call('POST', '/v1/connections/keyed/authorize')
    const url = String(begun.body['authorizationUrl'])
    const seen = await windowOf(owner).visit(url)
    expect([seen.status, await seen.text()]).toEqual([200, expect.stringContaining('Continue to')])
    const browser = browserAt(server.url)
    expect(
      (await createBrowser(browser.cookies).follow(`${url}/start`, 'nowhere:', { method: 'POST' })) as Response,
    ).toHaveProperty('status', 200)
  })
})

describe('the page at the end', () => {
  test('tells the console by one script of its own, under a strict policy', async () => {
    const { url, name, attempt } = await begunBy(owner)
    const browser = windowOf(owner)
    const ended = await browser.visit(await backFrom(browser, url))
    const text = await ended.text()
    const { id } = (await attempt()).body
    expect(text).toContain(`<main data-attempt="${String(id)}" data-connection="${name}" data-state="succeeded">`)
    expect(text.match(/<script[^>]*>/g)).toEqual(['<script src="/assets/connect.js" defer>'])
    const policy = ended.headers.get('content-security-policy') ?? ''
    expect(policy).toContain("script-src 'self'")
    expect(policy).toContain("require-trusted-types-for 'script'")
    expect(policy).not.toContain('unsafe')
    const script = await fetch(`${server.url}/assets/connect.js`)
    expect([script.status, script.headers.get('content-type'), script.headers.get('x-content-type-options')]).toEqual([
      200,
      'text/javascript; charset=utf-8',
      'nosniff',
    ])
    expect(await script.text()).toContain("type: 'mooring:attempt'")
  })

  test('says what failed, why, and how to mend it; the details are closed and hold no secret', async () => {
    const { url, attempt } = await begunBy(owner)
    const browser = windowOf(owner)
    const back = await backFrom(browser, url)
    sandbox.control.failToken({ kind: 'invalid_client' })
    const ended = await browser.visit(back)
    const text = await ended.text()
    const { id, steps } = (await attempt()).body
    expect(ended.status).toBe(400)
    expect(text).toContain('data-state="failed"')
    expect(text).toContain('Sandbox OAuth 2 did not accept the Client ID or Client Secret')
    expect(text).toContain('Paste both again.')
    const details = text.slice(text.indexOf('<details>'))
    expect(details).toContain('<summary>Technical details</summary>')
    const { callbackUrl } = (await owner.call('GET', '/v1/services/sandbox_oauth2')).body
    for (const part of ['invalid_client', 'HTTP status 401', String(callbackUrl), String(id), '<time datetime='])
      expect(details).toContain(part)
    expect(steps).toContainEqual(
      expect.objectContaining({ step: 'provider said', ok: false, detail: expect.stringContaining('invalid_client') }),
    )
    for (const secret of ['sandbox-client-secret', new URL(back).searchParams.get('code') ?? '', url])
      expect(text).not.toContain(secret)
  })

  test('needs no script where the browser goes on to another page', async () => {
    const seen = await fetch(`${server.url}/connect/unknown`)
    expect([seen.status, await seen.text()]).toEqual([404, expect.not.stringContaining('<script')])
  })
})
