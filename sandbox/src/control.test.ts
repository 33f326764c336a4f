import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { TokenFailure } from './control.ts'
import { demo, startSandbox } from './index.ts'
import type { Sandbox } from './index.ts'
import { followTo } from './testing.ts'

const REDIRECT_URI = 'http://localhost:9/cb'
const { clientId, clientSecret } = demo.oauth2.machine
const machine = { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret }
const person = {
  client_id: demo.oauth2.confidential.clientId,
  client_secret: demo.oauth2.confidential.clientSecret,
}

describe('the control of the sandbox', () => {
  let sandbox: Sandbox

  beforeAll(async () => {
    sandbox = await startSandbox({ control: true, autoConsent: true })
  })
  beforeEach(() => sandbox.control.reset())
  afterAll(() => sandbox.close())

  const token = (fields: Record<string, string> = machine, init: RequestInit = {}) =>
    fetch(`${sandbox.url}/oauth2/token`, {
      method: 'POST',
      body: new URLSearchParams(fields),
      redirect: 'manual',
      ...init,
    })
  const json = async (response: Response): Promise<Record<string, unknown>> => JSON.parse(await response.text())

  const authorize = async () => {
    const query = new URLSearchParams({
      client_id: person.client_id,
      redirect_uri: REDIRECT_URI,
      response_type: 'code',
      state: 's',
    })
    const url = `${sandbox.url}/oauth2/authorize?scope=read+write&${query.toString()}`
    const callback = await followTo(url, REDIRECT_URI)
    const code = callback.searchParams.get('code') ?? ''
    return json(await token({ ...person, grant_type: 'authorization_code', code, redirect_uri: REDIRECT_URI }))
  }
  const refreshFields = (refreshToken: unknown) => ({
    ...person,
    grant_type: 'refresh_token',
    refresh_token: String(refreshToken),
  })

  const answers: [TokenFailure, { status: number; contentType?: string; text?: RegExp; header?: [string, string] }][] =
    [
      [{ kind: 'http_500' }, { status: 500, text: /server_error/ }],
      [
        { kind: 'http_503', retryAfterSeconds: 7 },
        { status: 503, header: ['retry-after', '7'] },
      ],
      [
        { kind: 'http_429', retryAfterSeconds: 3 },
        { status: 429, header: ['retry-after', '3'] },
      ],
      [{ kind: 'html' }, { status: 502, contentType: 'text/html; charset=utf-8', text: /<h1>/ }],
      [{ kind: 'error_200' }, { status: 200, text: /bad_refresh_token/ }],
      [{ kind: 'invalid_grant' }, { status: 400, text: /invalid_grant/ }],
      [{ kind: 'invalid_client' }, { status: 401, text: /invalid_client/ }],
      [{ kind: 'redirect' }, { status: 307, text: /^$/ }],
      [{ kind: 'garbage' }, { status: 200, contentType: 'application/json' }],
      [
        { kind: 'empty', status: 204 },
        { status: 204, text: /^$/ },
      ],
    ]
  for (const [failure, expected] of answers) {
    test(`makes the token endpoint fail once with ${failure.kind}`, async () => {
      sandbox.control.failToken(failure)
      const response = await token()
      expect(response.status).toBe(expected.status)
      if (expected.contentType) expect(response.headers.get('content-type')).toBe(expected.contentType)
      if (expected.header) expect(response.headers.get(expected.header[0])).toBe(expected.header[1])
      expect(await response.text()).toMatch(expected.text ?? /./)
      expect((await token()).status).toBe(200)
    })
  }

  test('fails as many times as asked, one kind after the other', async () => {
    sandbox.control.failToken({ kind: 'http_500', times: 2 })
    sandbox.control.failToken({ kind: 'http_503' })
    const statuses = []
    for (let round = 0; round < 4; round += 1) statuses.push((await token()).status)
    expect(statuses).toEqual([500, 500, 503, 200])
  })

  test('hangs, answers late, and pours without end', async () => {
    sandbox.control.failToken({ kind: 'hang' })
    await expect(token(machine, { signal: AbortSignal.timeout(150) })).rejects.toThrow(/timeout/)

    sandbox.control.failToken({ kind: 'slow', milliseconds: 120 })
    const started = performance.now()
    expect((await token()).status).toBe(200)
    expect(performance.now() - started).toBeGreaterThan(100)

    sandbox.control.failToken({ kind: 'endless' })
    const endless = await token()
    let bytes = 0
    for await (const chunk of endless.body ?? []) {
      bytes += chunk.length
      if (bytes > 1_000_000) break
    }
    expect(bytes).toBeGreaterThan(1_000_000)
  })

  test('changes the success answer', async () => {
    sandbox.control.shapeToken({ omit: ['expires_in', 'token_type'], set: { scope: 'read', extra: { id: 1 } } })
    expect(await json(await token({ ...machine, scope: 'read write' }))).toEqual({
      access_token: expect.any(String),
      scope: 'read',
      extra: { id: 1 },
    })
    sandbox.control.shapeToken({ set: { expires_in: '60' } })
    expect(await json(await token())).toMatchObject({ expires_in: '60', token_type: 'Bearer' })
  })

  test('loses an answer after the refresh token was rotated', async () => {
    const granted = await authorize()
    sandbox.control.dropAfterProcessing()
    await expect(token(refreshFields(granted.refresh_token))).rejects.toThrow(/fetch failed/)
    const retried = await token(refreshFields(granted.refresh_token))
    expect(retried.status).toBe(400)
    expect(await json(retried)).toMatchObject({ error: 'invalid_grant' })
  })

  test('fails to revoke as often as asked, and tells pages who may hold on to their window', async () => {
    const granted = await authorize()
    const revoke = () =>
      fetch(`${sandbox.url}/oauth2/revoke`, {
        method: 'POST',
        body: new URLSearchParams({ ...person, token: String(granted.refresh_token) }),
      })
    sandbox.control.failRevocation()
    expect((await revoke()).status).toBe(503)
    expect((await revoke()).status).toBe(200)

    const opener = async () => (await fetch(sandbox.url)).headers.get('cross-origin-opener-policy')
    expect(await opener()).toBeNull()
    sandbox.control.openerPolicy('same-origin')
    expect(await opener()).toBe('same-origin')
    sandbox.control.reset()
    expect(await opener()).toBeNull()
  })

  test('revokes every grant', async () => {
    const granted = await authorize()
    expect(sandbox.control.revokeGrants()).toBeGreaterThan(0)
    expect(await json(await token(refreshFields(granted.refresh_token)))).toMatchObject({ error: 'invalid_grant' })
  })

  test('counts requests by endpoint and grant, failed ones included', async () => {
    const granted = await authorize()
    await token(refreshFields(granted.refresh_token))
    sandbox.control.failToken({ kind: 'http_500' })
    await token()
    await fetch(`${sandbox.url}/api/open/echo`)
    const body = new URLSearchParams({ ...person, token: String(granted.access_token) })
    await fetch(`${sandbox.url}/oauth2/revoke`, { method: 'POST', body })
    expect(sandbox.control.counts()).toMatchObject({
      authorize: 1,
      token: 3,
      tokenByGrant: { authorization_code: 1, refresh_token: 1, client_credentials: 1, other: 0 },
      revoke: 1,
      api: 1,
    })
  })

  test('logs what a client sent without its secrets', async () => {
    const granted = await authorize()
    const authorization = `Basic ${btoa(`${person.client_id}:${person.client_secret}`)}`
    const fields = { grant_type: 'refresh_token', refresh_token: String(granted.refresh_token), scope: 'read' }
    await token(fields, { headers: { authorization } })
    const [authorizeEntry, codeEntry, refreshEntry] = sandbox.control.log()
    expect(authorizeEntry).toMatchObject({ endpoint: 'authorize', scope: 'read+write', clientId: person.client_id })
    expect(codeEntry).toMatchObject({
      endpoint: 'token',
      status: 200,
      grantType: 'authorization_code',
      clientAuthentication: 'form',
      parameterNames: ['client_id', 'client_secret', 'code', 'grant_type', 'redirect_uri'],
    })
    expect(refreshEntry).toMatchObject({ clientAuthentication: 'header', clientId: person.client_id, scope: 'read' })
    const everything = JSON.stringify(sandbox.control.log())
    for (const secret of [person.client_secret, granted.refresh_token, granted.access_token, authorization]) {
      expect(everything).not.toContain(String(secret))
    }
  })

  test('is served over HTTP when asked for, and not otherwise', async () => {
    const command = (url: string, name: string, argument: unknown) =>
      fetch(`${url}/control/${name}`, { method: 'POST', body: JSON.stringify(argument) })
    expect((await command(sandbox.url, 'failToken', { kind: 'http_429', times: 1 })).status).toBe(200)
    expect((await token()).status).toBe(429)
    expect(await json(await command(sandbox.url, 'counts', {}))).toMatchObject({ result: { token: 1 } })
    expect((await command(sandbox.url, 'failToken', { kind: 'nonsense' })).status).toBe(400)
    expect((await command(sandbox.url, 'constructor', {})).status).toBe(404)

    const plain = await startSandbox()
    try {
      expect((await command(plain.url, 'counts', {})).status).toBe(404)
    } finally {
      await plain.close()
    }
  })
})
