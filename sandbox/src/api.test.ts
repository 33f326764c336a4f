import { createHash, createHmac } from 'node:crypto'
import { request as httpRequest } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { demo, startSandbox } from './index.ts'
import type { Sandbox } from './index.ts'

describe('the API', () => {
  let sandbox: Sandbox

  beforeAll(async () => {
    sandbox = await startSandbox()
  })
  afterAll(() => sandbox.close())

  const call = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(sandbox.url + path, { redirect: 'manual', ...init })
    const text = await response.text()
    const body: Record<string, unknown> = text.startsWith('{') ? JSON.parse(text) : {}
    return { status: response.status, headers: response.headers, text, body }
  }
  const basicHeader = (username: string, password: string) => ({
    authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
  })

  const accepted: [name: string, path: string, init: RequestInit, location: string][] = [
    ['an API key in the header', '/api/api_key/me', { headers: { 'x-api-key': demo.apiKey } }, 'header'],
    ['an API key in the query', `/api/api_key/me?api_key=${demo.apiKey}&q=1`, {}, 'query'],
    [
      'an API key in a form',
      '/api/api_key/me',
      { method: 'POST', body: new URLSearchParams({ api_key: demo.apiKey, q: '1' }) },
      'form',
    ],
    ['an API key in a cookie', '/api/api_key/me', { headers: { cookie: `a=b; api_key=${demo.apiKey}` } }, 'cookie'],
    [
      'Basic in the header',
      '/api/basic/me',
      { headers: basicHeader(demo.basic.username, demo.basic.password) },
      'header',
    ],
    [
      'Basic in the query',
      `/api/basic/me?username=sandbox&password=${encodeURIComponent(demo.basic.password)}`,
      {},
      'query',
    ],
    ['a bearer token', '/api/bearer/me', { headers: { authorization: `Bearer ${demo.bearer}` } }, 'header'],
    [
      'a bearer token with another prefix',
      '/api/bearer/me',
      { headers: { authorization: `Token ${demo.bearer}` } },
      'header',
    ],
    ['a bearer token in the query', `/api/bearer/me?access_token=${demo.bearer}`, {}, 'query'],
  ]
  for (const [name, path, init, location] of accepted) {
    test(`accepts ${name} and does not repeat it`, async () => {
      const { status, body, text } = await call(path, init)
      expect(status).toBe(200)
      expect(body).toMatchObject({ ok: true, credential: { location } })
      expect(text).toContain(location === 'form' ? '%5Bchecked%5D' : '[checked]')
      for (const secret of [demo.apiKey, demo.basic.password, demo.bearer]) {
        expect(text).not.toContain(secret)
        expect(text).not.toContain(encodeURIComponent(secret))
      }
    })
  }

  const refused: [name: string, path: string, init: RequestInit, error: string, challenge: RegExp][] = [
    ['no API key', '/api/api_key/me', {}, 'missing_api_key', /^ApiKey/],
    ['a wrong API key', '/api/api_key/me', { headers: { 'x-api-key': 'guess-1' } }, 'invalid_api_key', /^ApiKey/],
    ['no Basic', '/api/basic/me', {}, 'missing_credentials', /^Basic realm="sandbox"/],
    [
      'a wrong password',
      '/api/basic/me',
      { headers: basicHeader('sandbox', 'guess-1') },
      'invalid_credentials',
      /^Basic/,
    ],
    ['broken Basic', '/api/basic/me', { headers: { authorization: 'Basic guess-1:x' } }, 'invalid_request', /^Basic/],
    ['no bearer token', '/api/bearer/me', {}, 'missing_token', /^Bearer realm="sandbox"$/],
    [
      'a wrong bearer token',
      '/api/bearer/me',
      { headers: { authorization: 'Bearer guess-1' } },
      'invalid_token',
      /invalid_token/,
    ],
    [
      'two blanks before the token',
      '/api/bearer/me',
      { headers: { authorization: `Bearer  ${demo.bearer}` } },
      'invalid_request',
      /invalid_request/,
    ],
    [
      'two tokens',
      '/api/bearer/me?access_token=a',
      { headers: { authorization: `Bearer ${demo.bearer}` } },
      'invalid_request',
      /invalid_request/,
    ],
    ['an unsigned OAuth 1 request', '/api/oauth1/me', {}, 'parameter_absent', /^OAuth/],
    ['an unsigned AWS request', '/api/aws/me', {}, 'MissingAuthenticationToken', /^AWS4-HMAC-SHA256/],
    ['no access token', '/api/oauth2/me', {}, 'missing_token', /^Bearer realm="sandbox"$/],
  ]
  for (const [name, path, init, error, challenge] of refused) {
    test(`refuses ${name} with 401 and says why`, async () => {
      const { status, headers, body, text } = await call(path, init)
      expect(status).toBe(401)
      expect(body).toMatchObject({ error, error_description: expect.stringMatching(/\w/) })
      expect(headers.get('www-authenticate')).toMatch(challenge)
      expect(text).not.toContain('guess-1')
    })
  }

  /** Signs as an independent client would; every header given is signed. */
  const awsFetch = (
    path: string,
    body: string,
    key: { accessKeyId: string; secretAccessKey: string; sessionToken?: string },
  ) => {
    const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
    const hmac = (secret: string | Buffer, text: string) => createHmac('sha256', secret).update(text).digest()
    const date = new Date().toISOString().replace(/[-:]|\.\d+/g, '')
    const headers: Record<string, string> = {
      host: new URL(sandbox.url).host,
      'x-amz-date': date,
      ...(key.sessionToken ? { 'x-amz-security-token': key.sessionToken } : {}),
    }
    const names = Object.keys(headers).sort()
    const canonical = [
      'POST',
      path,
      '',
      ...names.map((name) => `${name}:${headers[name]}`),
      '',
      names.join(';'),
      sha256(body),
    ]
    const scope = `${date.slice(0, 8)}/us-east-1/execute-api/aws4_request`
    const signingKey = scope.split('/').reduce<string | Buffer>(hmac, `AWS4${key.secretAccessKey}`)
    const text = ['AWS4-HMAC-SHA256', date, scope, sha256(canonical.join('\n'))].join('\n')
    const signature = hmac(signingKey, text).toString('hex')
    const { host: _sentAnyway, ...sent } = headers
    const authorization = `AWS4-HMAC-SHA256 Credential=${key.accessKeyId}/${scope}, SignedHeaders=${names.join(';')}, Signature=${signature}`
    return call(path, { method: 'POST', body, headers: { ...sent, authorization } })
  }

  test('accepts AWS signatures with long-lived and temporary keys, and no others', async () => {
    const { longLived, temporary } = demo.aws
    for (const key of [longLived, temporary]) {
      const { status, body, text } = await awsFetch('/api/aws/items', '{"a":1}', key)
      expect(status).toBe(200)
      expect(body).toMatchObject({ who: key.accessKeyId, credential: { region: 'us-east-1', service: 'execute-api' } })
      expect(text).not.toContain(temporary.sessionToken)
      expect((await awsFetch('/api/aws/items', '', { ...key, secretAccessKey: 'guess-1' })).body).toMatchObject({
        error: 'SignatureDoesNotMatch',
        canonical_request: expect.stringContaining('POST\n/api/aws/items\n'),
      })
    }
    const { sessionToken: _left, ...withoutToken } = temporary
    expect((await awsFetch('/api/aws/items', '', withoutToken)).body).toMatchObject({ error: 'InvalidClientTokenId' })
  })

  test('echoes method, path, query, headers and body', async () => {
    const { body } = await call('/api/open/some%2Fthing/x?b=2&a=1&a=3', {
      method: 'PUT',
      headers: { 'content-type': 'text/plain', 'x-custom': 'yes', authorization: 'Bearer mine' },
      body: 'grüße',
    })
    expect(body).toMatchObject({
      ok: true,
      scheme: 'open',
      method: 'PUT',
      path: '/api/open/some%2Fthing/x',
      query: { b: '2', a: ['1', '3'] },
      headers: { 'x-custom': 'yes', authorization: '[present]' },
      body: { bytes: 7, sha256: createHash('sha256').update('grüße').digest('hex'), text: 'grüße' },
    })
  })

  test('hashes large bodies without echoing them', async () => {
    const large = new Uint8Array(3_000_000)
    const { body } = await call('/api/open/upload', { method: 'POST', body: large })
    expect(body.body).toEqual({ bytes: 3_000_000, sha256: createHash('sha256').update(large).digest('hex') })
  })

  test('answers with the status asked for, under every scheme', async () => {
    expect((await call('/api/open/status/418')).status).toBe(418)
    expect((await call('/api/open/status/204')).status).toBe(204)
    expect((await call('/api/open/status/99')).status).toBe(400)
    const limited = await call('/api/bearer/status/429?retry_after=9', {
      headers: { authorization: `Bearer ${demo.bearer}` },
    })
    expect(limited).toMatchObject({ status: 429, body: { ok: false, status: 429 } })
    expect(limited.headers.get('retry-after')).toBe('9')
    expect((await call('/api/bearer/status/200')).status).toBe(401)
  })

  test('answers slowly, redirects, and knows no other scheme', async () => {
    const started = performance.now()
    expect((await call('/api/open/slow?ms=80')).status).toBe(200)
    expect(performance.now() - started).toBeGreaterThan(70)
    const redirected = await call('/api/open/redirect?to=https://elsewhere.example/x&code=307')
    expect(redirected).toMatchObject({ status: 307 })
    expect(redirected.headers.get('location')).toBe('https://elsewhere.example/x')
    expect((await call('/api/open/redirect?code=200')).status).toBe(400)
    expect((await call('/api/nothing/me')).status).toBe(404)
    expect((await call('/api/open/constructor')).body).toMatchObject({ ok: true })
  })

  test('streams as many zeros as asked for, no faster than they are read', async () => {
    const response = await fetch(`${sandbox.url}/api/open/stream?bytes=1000001`)
    expect(response.headers.get('content-length')).toBe('1000001')
    expect((await response.arrayBuffer()).byteLength).toBe(1_000_001)
    const chunked = await fetch(`${sandbox.url}/api/open/stream?bytes=5&length=no`)
    expect(chunked.headers.get('content-length')).toBeNull()
    expect((await chunked.arrayBuffer()).byteLength).toBe(5)

    const before = process.memoryUsage().rss
    await new Promise<void>((resolve, reject) => {
      const unread = httpRequest(`${sandbox.url}/api/open/stream?bytes=2000000000`, (incoming) => {
        setTimeout(() => {
          incoming.destroy()
          resolve()
        }, 200)
      })
      unread.on('error', reject)
      unread.end()
    })
    expect(process.memoryUsage().rss - before).toBeLessThan(200_000_000)
  })
})
