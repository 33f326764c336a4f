import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { demo, startSandbox } from './index.ts'
import type { Sandbox } from './index.ts'
import { createBrowser, followTo } from './testing.ts'

const REDIRECT_URI = 'http://127.0.0.1:9/oauth/callback/abc'

interface TokenAnswer {
  status: number
  body: Record<string, unknown>
}

const authorizationUrl = (url: string, parameters: Record<string, string> = {}): string => {
  const query = new URLSearchParams({
    client_id: demo.oauth2.confidential.clientId,
    redirect_uri: REDIRECT_URI,
    response_type: 'code',
    scope: 'read write',
    state: 'st',
    ...parameters,
  })
  return `${url}/oauth2/authorize?${query.toString()}`
}

const tokenRequest = async (
  url: string,
  fields: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<TokenAnswer> => {
  const response = await fetch(`${url}/oauth2/token`, { method: 'POST', body: new URLSearchParams(fields), headers })
  return { status: response.status, body: JSON.parse(await response.text()) }
}

const confidential = {
  client_id: demo.oauth2.confidential.clientId,
  client_secret: demo.oauth2.confidential.clientSecret,
}

const codeFields = (callback: URL) => ({
  grant_type: 'authorization_code',
  code: callback.searchParams.get('code') ?? '',
  redirect_uri: REDIRECT_URI,
})

const refresh = (url: string, refreshToken: unknown) =>
  tokenRequest(url, { ...confidential, grant_type: 'refresh_token', refresh_token: String(refreshToken) })

const callApi = async (url: string, accessToken: unknown, path = '/api/oauth2/me') => {
  const response = await fetch(url + path, { headers: { authorization: `Bearer ${String(accessToken)}` } })
  const body: Record<string, unknown> = JSON.parse(await response.text())
  return { status: response.status, challenge: response.headers.get('www-authenticate'), body }
}

const authorizeFresh = async (url: string): Promise<TokenAnswer> => {
  const callback = await followTo(authorizationUrl(url, { sandbox_auto: 'accept' }), REDIRECT_URI)
  return tokenRequest(url, { ...confidential, ...codeFields(callback) })
}

describe('the OAuth 2 server', () => {
  let sandbox: Sandbox

  beforeAll(async () => {
    sandbox = await startSandbox({ control: true })
  })
  beforeEach(() => sandbox.control.reset())
  afterAll(() => sandbox.close())

  test('carries a person through sign-in and consent pages to a token that works', async () => {
    const browser = createBrowser()
    const signIn = await browser.follow(authorizationUrl(sandbox.url), REDIRECT_URI)
    if (signIn instanceof URL) throw new Error('nobody was asked to sign in')
    expect(await signIn.text()).toContain('Second demo person')
    expect(signIn.headers.get('content-security-policy')).toContain("default-src 'none'")

    const post = (fields: Record<string, string>) => ({ method: 'POST', body: new URLSearchParams(fields) })
    const consent = await browser.follow(signIn.url, REDIRECT_URI, post({ account: 'second' }))
    if (consent instanceof URL) throw new Error('nobody was asked to consent')
    const page = await consent.text()
    expect(page).toContain('Signed in as Second demo person')
    expect(page).not.toContain('<script')

    const switched = await browser.follow(consent.url, REDIRECT_URI, post({ decision: 'switch' }))
    if (switched instanceof URL) throw new Error('switching accounts must ask again')
    const consentAgain = await browser.follow(switched.url, REDIRECT_URI, post({ account: 'first' }))
    if (consentAgain instanceof URL) throw new Error('nobody was asked to consent after switching')

    const callback = await followTo(
      consentAgain.url,
      REDIRECT_URI,
      browser,
      post({ decision: 'accept', scope: 'read' }),
    )
    expect(callback.searchParams.get('state')).toBe('st')
    const { body } = await tokenRequest(sandbox.url, { ...confidential, ...codeFields(callback) })
    expect(body).toMatchObject({ scope: 'read', token_type: 'Bearer', expires_in: 60 })
    expect(await callApi(sandbox.url, body.access_token)).toMatchObject({
      status: 200,
      body: { who: 'first', scopes: ['read'] },
    })
  })

  test('answers access_denied when the person cancels', async () => {
    const callback = await followTo(authorizationUrl(sandbox.url, { sandbox_auto: 'cancel' }), REDIRECT_URI)
    expect(callback.searchParams.get('error')).toBe('access_denied')
    expect(callback.searchParams.get('code')).toBeNull()
  })

  test('rotates refresh tokens, and reuse of an old one revokes the whole grant', async () => {
    const first = await authorizeFresh(sandbox.url)
    const second = await refresh(sandbox.url, first.body.refresh_token)
    expect(second.status).toBe(200)
    expect(second.body.refresh_token).not.toBe(first.body.refresh_token)

    expect(await refresh(sandbox.url, first.body.refresh_token)).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant' },
    })
    expect(await refresh(sandbox.url, second.body.refresh_token)).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant' },
    })
    expect((await callApi(sandbox.url, second.body.access_token)).status).toBe(401)
  })

  test('lets one of several simultaneous refreshes win, and takes the others for reuse', async () => {
    const { body } = await authorizeFresh(sandbox.url)
    const answers = await Promise.all([1, 2, 3, 4].map(() => refresh(sandbox.url, body.refresh_token)))
    const won = answers.filter(({ status }) => status === 200)
    expect(won).toHaveLength(1)
    const errors = answers.filter(({ status }) => status !== 200).map((answer) => answer.body.error)
    expect(errors).toEqual(['invalid_grant', 'invalid_grant', 'invalid_grant'])
    expect((await refresh(sandbox.url, won[0]?.body.refresh_token)).body.error).toBe('invalid_grant')
    expect((await callApi(sandbox.url, won[0]?.body.access_token)).status).toBe(401)
  })

  test('keeps the grants of one person apart', async () => {
    const browser = createBrowser()
    const authorize = async () => {
      const callback = await followTo(authorizationUrl(sandbox.url, { sandbox_auto: 'accept' }), REDIRECT_URI, browser)
      return tokenRequest(sandbox.url, { ...confidential, ...codeFields(callback) })
    }
    const one = await authorize()
    const other = await authorize()
    const revoked = await fetch(`${sandbox.url}/oauth2/revoke`, {
      method: 'POST',
      body: new URLSearchParams({ ...confidential, token: String(one.body.refresh_token) }),
    })
    expect(revoked.status).toBe(200)
    expect((await callApi(sandbox.url, one.body.access_token)).status).toBe(401)
    expect((await callApi(sandbox.url, other.body.access_token)).status).toBe(200)
    expect((await refresh(sandbox.url, other.body.refresh_token)).status).toBe(200)
  })

  test('takes client credentials in the form and in the header, encoded as RFC 6749 section 2.3.1 says', async () => {
    const ways = [demo.oauth2.confidential, demo.oauth2.basic, demo.oauth2.encoded].flatMap((client) => [
      { client, inHeader: true },
      { client, inHeader: false },
    ])
    for (const { client, inHeader } of ways) {
      const url = authorizationUrl(sandbox.url, { sandbox_auto: 'accept', client_id: client.clientId })
      const callback = await followTo(url, REDIRECT_URI)
      const encoded = [client.clientId, client.clientSecret].map(encodeURIComponent).join(':')
      const authorization = `Basic ${Buffer.from(encoded).toString('base64')}`
      const { status } = inHeader
        ? await tokenRequest(sandbox.url, codeFields(callback), { authorization })
        : await tokenRequest(sandbox.url, {
            ...codeFields(callback),
            client_id: client.clientId,
            client_secret: client.clientSecret,
          })
      expect({ client: client.clientId, inHeader, status }).toEqual({ client: client.clientId, inHeader, status: 200 })
    }
    const wrong = { ...confidential, client_secret: 'wrong', grant_type: 'client_credentials' }
    expect(await tokenRequest(sandbox.url, wrong)).toMatchObject({ status: 401, body: { error: 'invalid_client' } })
  })

  test('requires PKCE of the public client and checks it whoever sent it', async () => {
    const verifier = randomBytes(32).toString('base64url')
    const challenge = {
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
    }
    const publicClient = { client_id: demo.oauth2.public.clientId }
    const refused = await followTo(
      authorizationUrl(sandbox.url, { ...publicClient, sandbox_auto: 'accept' }),
      REDIRECT_URI,
    )
    expect(refused.searchParams.get('error')).toBe('invalid_request')

    for (const client of [publicClient, confidential]) {
      const url = authorizationUrl(sandbox.url, { client_id: client.client_id, ...challenge, sandbox_auto: 'accept' })
      const without = await tokenRequest(sandbox.url, { ...client, ...codeFields(await followTo(url, REDIRECT_URI)) })
      expect(without).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
      const fields = { ...client, ...codeFields(await followTo(url, REDIRECT_URI)), code_verifier: verifier }
      const { status, body } = await tokenRequest(sandbox.url, fields)
      expect(status).toBe(200)
      expect(body.refresh_token).toBeTypeOf('string')
    }
  })

  test('issues client credentials tokens without a refresh token', async () => {
    const { clientId, clientSecret } = demo.oauth2.machine
    const machine = { client_id: clientId, client_secret: clientSecret, grant_type: 'client_credentials' }
    const { body } = await tokenRequest(sandbox.url, { ...machine, scope: 'read write' })
    expect(body).toMatchObject({ scope: 'read write', expires_in: 60 })
    expect(body).not.toHaveProperty('refresh_token')
    expect(await callApi(sandbox.url, body.access_token)).toMatchObject({ status: 200, body: { who: clientId } })
    expect(await tokenRequest(sandbox.url, { ...machine, scope: 'read,write' })).toMatchObject({
      status: 400,
      body: { error: 'invalid_scope' },
    })
  })

  test('refuses unknown scopes, defaults to read, and grants offline_access when it is asked for', async () => {
    const withScope = (scope: string) =>
      followTo(authorizationUrl(sandbox.url, { scope, sandbox_auto: 'accept' }), REDIRECT_URI)
    expect((await withScope('read,write')).searchParams.get('error')).toBe('invalid_scope')
    const granted = async (scope: string) =>
      (await tokenRequest(sandbox.url, { ...confidential, ...codeFields(await withScope(scope)) })).body
    expect((await granted('')).scope).toBe('read')
    const openid = await granted('openid profile offline_access')
    expect(openid.scope).toBe('openid profile offline_access')
    expect(openid.id_token).toBeTypeOf('string')
  })

  test('accepts https and loopback redirect URIs only', async () => {
    for (const redirectUri of ['http://[::1]:4280/x', 'http://localhost/', 'https://mooring.example/cb']) {
      const url = authorizationUrl(sandbox.url, { redirect_uri: redirectUri, sandbox_auto: 'accept' })
      expect((await followTo(url, redirectUri)).searchParams.get('code')).toBeTypeOf('string')
    }
    for (const redirectUri of ['http://mooring.example/cb', 'javascript:alert(1)', 'http://localhost.example/']) {
      const response = await fetch(authorizationUrl(sandbox.url, { redirect_uri: redirectUri }), { redirect: 'manual' })
      expect({ redirectUri, status: response.status }).toEqual({ redirectUri, status: 400 })
    }
  })

  test('introspects the tokens of the client that asks, and no others', async () => {
    const { body } = await authorizeFresh(sandbox.url)
    const introspect = async (client: { clientId: string; clientSecret: string }) => {
      const fields = {
        client_id: client.clientId,
        client_secret: client.clientSecret,
        token: String(body.access_token),
      }
      const response = await fetch(`${sandbox.url}/oauth2/introspect`, {
        method: 'POST',
        body: new URLSearchParams(fields),
      })
      return response.json()
    }
    expect(await introspect(demo.oauth2.confidential)).toMatchObject({ active: true, scope: 'read write' })
    expect(await introspect(demo.oauth2.basic)).toEqual({ active: false })
  })

  test('says why an access token is refused', async () => {
    expect(await callApi(sandbox.url, 'nonsense')).toMatchObject({
      status: 401,
      body: { error: 'invalid_token', error_description: 'The access token is unknown or was revoked.' },
    })
    const { body } = await authorizeFresh(sandbox.url)
    expect((await callApi(sandbox.url, body.access_token, '/api/oauth2/require/profile')).status).toBe(403)
    expect((await callApi(sandbox.url, body.access_token, '/api/oauth2/require/write')).status).toBe(200)
    expect(sandbox.control.expireAccessTokens()).toBeGreaterThan(0)
    const expired = await callApi(sandbox.url, body.access_token)
    expect(expired.challenge).toContain('error="invalid_token"')
    expect((await refresh(sandbox.url, body.refresh_token)).status).toBe(200)
  })

  test('lets access tokens expire on time', async () => {
    const quick = await startSandbox({ accessTokenLifeSeconds: 1 })
    try {
      const { body } = await authorizeFresh(quick.url)
      expect(body.expires_in).toBe(1)
      await expect
        .poll(async () => (await callApi(quick.url, body.access_token)).body.error_description, { timeout: 4000 })
        .toBe('The access token expired.')
    } finally {
      await quick.close()
    }
  })

  test('remembers grants across a restart when there is a state file', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'sandbox-'))
    const stateFile = join(directory, 'state.sqlite')
    try {
      const before = await startSandbox({ stateFile })
      const { body } = await authorizeFresh(before.url)
      await before.close()
      const after = await startSandbox({ stateFile })
      try {
        expect((await callApi(after.url, body.access_token)).status).toBe(200)
        const refreshed = await refresh(after.url, body.refresh_token)
        expect(refreshed.status).toBe(200)
        expect(after.control.revokeGrants()).toBeGreaterThan(0)
        expect((await refresh(after.url, refreshed.body.refresh_token)).body.error).toBe('invalid_grant')
      } finally {
        await after.close()
      }
    } finally {
      rmSync(directory, { recursive: true })
    }
  })
})
