import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { answering, bearerToken, callRaw, define, head, type Seen, upstreams, values } from './call_upstream.ts'
import { startServer, type TestServer } from './harness.ts'

let server: TestServer
let seen: Seen[]
const { keep, close } = upstreams(() => server, 'credential')

const secret = 'S3cret.of-the-connection~x'
const authorization = `Bearer ${secret}`
const basic = Buffer.from(`user:${secret}`).toString('base64')
const key = (location: string, name: string): object => ({
  type: 'api_key',
  parameters: [{ name: 'Key', key: name, location }],
})
const oauth2 = {
  type: 'oauth2',
  grantType: 'authorization_code',
  clientId: 'id',
  clientSecret: 'hidden',
  authorizationUrl: 'https://provider.example.com/authorize',
  tokenUrl: 'https://provider.example.com/token',
}

interface Case {
  name: string
  auth: object
  credentials: object
  /** What carries the credential, from what the API saw, and what it must be. */
  found: (seen: Seen) => string[]
  wanted: string[]
  form?: true
}

const query = (seenOne: Seen, name: string): string[] => new URL(seenOne.url, 'http://x').searchParams.getAll(name)
const cases: Case[] = [
  {
    name: 'bearer',
    auth: { type: 'bearer' },
    credentials: { token: secret },
    found: ({ headers }) => values(headers, 'authorization'),
    wanted: [authorization],
  },
  {
    name: 'basic',
    auth: { type: 'basic' },
    credentials: { username: 'user', password: secret },
    found: ({ headers }) => values(headers, 'authorization'),
    wanted: [`Basic ${basic}`],
  },
  {
    name: 'basic_query',
    auth: { type: 'basic', delivery: 'query' },
    credentials: { username: 'user', password: secret },
    found: (one) => [...query(one, 'username'), ...query(one, 'password')],
    wanted: ['user', secret],
  },
  {
    name: 'oauth2',
    auth: oauth2,
    credentials: { accessToken: secret },
    found: ({ headers }) => values(headers, 'authorization'),
    wanted: [authorization],
  },
  {
    name: 'oauth2_query',
    auth: { ...oauth2, parameterLocation: 'query', queryParameter: 'token' },
    credentials: { accessToken: secret },
    found: (one) => query(one, 'token'),
    wanted: [secret],
  },
  {
    name: 'oauth2_header',
    auth: { ...oauth2, header: { name: 'X-Key', format: 'v1 {token}' } },
    credentials: { accessToken: secret },
    found: ({ headers }) => values(headers, 'x-key'),
    wanted: [`v1 ${secret}`],
  },
  {
    name: 'key_header',
    auth: key('header', 'X-Key'),
    credentials: { 'X-Key': secret },
    found: ({ headers }) => values(headers, 'x-key'),
    wanted: [secret],
  },
  {
    name: 'key_query',
    auth: key('query', 'token'),
    credentials: { token: secret },
    found: (one) => query(one, 'token'),
    wanted: [secret],
  },
  {
    name: 'key_cookie',
    auth: key('cookie', 'session'),
    credentials: { session: secret },
    found: ({ headers }) => values(headers, 'cookie'),
    wanted: [`session=${secret}`],
  },
  {
    name: 'key_form',
    auth: key('form', 'token'),
    credentials: { token: secret },
    found: ({ body }) => new URLSearchParams(body.toString()).getAll('token'),
    wanted: [secret],
    form: true,
  },
]

beforeAll(async () => {
  server = await startServer()
  const upstream = keep(await answering((_, response) => response.end('ok')))
  seen = upstream.seen
  for (const { name, auth, credentials } of cases) {
    await define(server, name, `${upstream.url}/base`, { auth, credentials })
  }
})
afterAll(async () => {
  await server.stop()
  await close()
})

const forged = 'forged-by-the-caller'
const hostileHeader = fc.tuple(
  fc.constantFrom(
    'Authorization',
    'AUTHORIZATION',
    'X-Key',
    'x-kEY',
    'Cookie',
    'cookie',
    'Proxy-Authorization',
    'Connection',
    'Mooring-User',
    'X-Other',
    'Host',
    'TE',
  ),
  fc.constantFrom(forged, `Bearer ${forged}`, `session=${forged}`, 'x-key, authorization, x-other', 'a\xe9', ''),
)
const hostilePair = fc.constantFrom(
  `token=${forged}`,
  `t%6Fken=${forged}`,
  `%74oken=${forged}&token`,
  `token=${forged}&TOKEN=kept`,
  `username=${forged}`,
  `pass%77ord=${forged}`,
  '&&',
  'token',
  'token=%00%0d%0aX-Key:%20x',
  'a=%zz',
  'a=1',
)

describe('S-37 the credential wins over what the caller sent in its place', () => {
  test.each(cases)('$name: exactly once, whatever the caller sends', async ({ name, found, wanted, form }) => {
    const property = fc.asyncProperty(
      fc.array(hostileHeader, { maxLength: 6 }),
      fc.array(hostilePair, { maxLength: 5 }),
      fc.array(hostilePair, { maxLength: 5 }),
      async (headers, pairs, fields) => {
        const body = fields.join('&')
        const answer = await callRaw(
          server,
          head(
            form ? 'POST' : 'GET',
            `/v1/proxy/${name}/x${pairs.length === 0 ? '' : `?${pairs.join('&')}`}`,
            // Host may stand once only, and is there already.
            ...headers.filter(([given]) => given !== 'Host').map(([given, value]) => `${given}: ${value}`),
            ...(form ? ['Content-Type: application/x-www-form-urlencoded', `Content-Length: ${body.length}`] : []),
          ) + (form ? body : ''),
        )
        expect(answer.status).toBe(200)
        const one = seen.at(-1)
        expect(one && found(one)).toEqual(wanted)
        const whole = `${one?.url}\n${one?.headers.join('\n')}\n${one?.body.toString()}`
        const written = wanted.at(-1) === `Basic ${basic}` ? basic : secret
        expect(whole.split(written).length - 1).toBe(1)
        // The caller's key to us goes nowhere, and neither does what stood in the place of an Authorization.
        expect(whole).not.toContain('mk_test')
        expect(one && values(one.headers, 'authorization').filter((value) => value.includes(forged))).toEqual([])
        expect(one && values(one.headers, 'cookie').filter((value) => value.includes(forged))).toEqual([])
        expect(one?.headers.join('')).not.toMatch(/[\r\n\0]/)
        expect(values(one?.headers ?? [], 'host')).toHaveLength(1)
      },
    )
    await fc.assert(property, { numRuns: 60 })
  })

  test.each(cases)('$name: the same through invoke', async ({ name, found, wanted, form }) => {
    const property = fc.asyncProperty(
      fc.uniqueArray(hostileHeader, { maxLength: 6, selector: ([given]) => given }),
      fc.array(hostilePair, { maxLength: 5 }),
      fc.dictionary(fc.constantFrom('token', 'username', 'password', 'a'), fc.constantFrom(forged, 'x y', '\r\n\0')),
      async (headers, pairs, parameters) => {
        const answer = await server.call('POST', `/v1/connections/${name}/invoke`, {
          url: `x?${pairs.join('&')}`,
          method: form ? 'POST' : 'GET',
          headers: Object.fromEntries(headers.map(([given, value]) => [given, value.replace('\xe9', 'e')])),
          parameters,
          ...(form ? { body: `token=${forged}&b=2`, bodyFormat: 'form' } : {}),
        })
        expect(answer.body).toMatchObject({ status: 200 })
        const one = seen.at(-1)
        expect(one && found(one)).toEqual(wanted)
        expect(one?.headers.join('')).not.toMatch(/[\r\n\0]/)
        expect(one && values(one.headers, 'authorization').filter((value) => value.includes(forged))).toEqual([])
        expect(answer.text).not.toContain(secret)
      },
    )
    await fc.assert(property, { numRuns: 25 })
  })

  test('a key that travels in a form is refused on a GET, and with a body that is no form', async () => {
    const got = await callRaw(server, head('GET', '/v1/proxy/key_form/x'))
    expect([got.status, got.all('mooring-error')]).toEqual([422, ['validation_failed']])
    const json = await callRaw(
      server,
      `${head('POST', '/v1/proxy/key_form/x', 'Content-Type: application/json', 'Content-Length: 2')}{}`,
    )
    expect([json.status, json.all('mooring-error')]).toEqual([422, ['validation_failed']])
    const chunked = await callRaw(
      server,
      `${head('POST', '/v1/proxy/key_form/x', 'Content-Type: application/x-www-form-urlencoded', 'Transfer-Encoding: chunked')}3\r\na=1\r\n0\r\n\r\n`,
    )
    expect(chunked.status).toBe(200)
    expect(seen.at(-1)?.body.toString()).toBe(`a=1&token=${secret}`)
  })

  test.each(['a\r\nX-Evil: 1', 'a\nb', 'a\0b', 'a\u{1f600}b'])('invoke refuses the header value %j', async (value) => {
    const before = seen.length
    const answer = await server.call('POST', '/v1/connections/bearer/invoke', { url: 'x', headers: { 'X-A': value } })
    expect([400, 422]).toContain(answer.status)
    expect(seen.length).toBe(before)
  })

  test('the credential is in no log, no activity and no answer', async () => {
    const activity = await server.call('GET', '/v1/connections/key_query/activity')
    expect(activity.text).toContain('connection.invoked')
    expect(activity.text).not.toContain(secret)
    expect(server.logged()).not.toContain(secret)
    expect(server.logged()).not.toContain(bearerToken)
  })
})

describe('GET credentials', () => {
  test.each([
    ['bearer', { headers: { authorization }, parameters: {}, form: {} }],
    ['basic', { headers: { authorization: `Basic ${basic}` }, parameters: {}, form: {} }],
    ['basic_query', { headers: {}, parameters: { username: 'user', password: secret }, form: {} }],
    ['oauth2', { headers: { authorization }, parameters: {}, form: {} }],
    ['oauth2_query', { headers: {}, parameters: { token: secret }, form: {} }],
    ['oauth2_header', { headers: { 'x-key': `v1 ${secret}` }, parameters: {}, form: {} }],
    ['key_header', { headers: { 'x-key': secret }, parameters: {}, form: {} }],
    ['key_query', { headers: {}, parameters: { token: secret }, form: {} }],
    ['key_cookie', { headers: { cookie: `session=${secret}` }, parameters: {}, form: {} }],
    ['key_form', { headers: {}, parameters: {}, form: { token: secret } }],
  ])('%s: where it goes, and nothing else', async (name, wanted) => {
    const answer = await server.call('GET', `/v1/connections/${name}/credentials?url=x%3Fa%3D1%26token%3Dmine`)
    expect(answer.body).toEqual({ ...wanted, expiresAt: null })
    expect(answer.headers.get('cache-control')).toBe('no-store')
  })

  test('a signature is made for the URL and the method asked for', async () => {
    await define(server, 'signed', 'https://api.example.com/base', {
      auth: { type: 'aws', service: 's3', region: 'us-east-1' },
      credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: secret },
    })
    const signature = async (query: string): Promise<string> => {
      const answer = await server.call('GET', `/v1/connections/signed/credentials?${query}`)
      expect(answer.text).not.toContain(secret)
      const headers = answer.body['headers'] as Record<string, string>
      const signed = Object.entries(headers).find(([name]) => name.toLowerCase() === 'authorization')?.[1] ?? ''
      expect(signed).toMatch(/^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\//)
      return /Signature=([0-9a-f]{64})/.exec(signed)?.[1] ?? ''
    }
    const made = [await signature('url=a'), await signature('url=b'), await signature('url=a&method=DELETE')]
    expect(new Set(made).size).toBe(3)
  })

  test('S-50 only some roles read it, others are refused, and each reading is told', async () => {
    const refused: unknown[] = []
    for (const [role, more] of [
      ['developer', {}],
      ['viewer', {}],
      ['invoke', { connections: ['bearer'] }],
    ] as const) {
      const made = await server.call('POST', '/v1/api-keys', { name: role, role, ...more })
      const answer = await server.call('GET', '/v1/connections/bearer/credentials', undefined, {
        authorization: `Bearer ${String(made.body['key'])}`,
      })
      refused.push([answer.status, answer.body['code'], answer.text.includes(secret)])
    }
    expect(refused).toEqual(Array.from({ length: 3 }, () => [403, 'forbidden', false]))
    const elsewhere = await server.call(
      'GET',
      '/v1/connections/bearer/credentials?url=https%3A%2F%2Fevil.example.com%2F&method=POST',
    )
    expect([elsewhere.status, elsewhere.body['code']]).toEqual([403, 'host_not_allowed'])
    const activity = await server.call('GET', '/v1/connections/bearer/activity')
    const reads = (activity.body['items'] as { type: string }[]).filter(
      ({ type }) => type === 'connection.credentials_read',
    )
    expect(reads).toHaveLength(1)
    expect(activity.text).not.toContain(secret)
  })
})
