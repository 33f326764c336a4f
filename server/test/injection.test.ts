/** What callers put into values must stay inside them, on the way to an API and back. */
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  answering,
  callRaw,
  define,
  head,
  type Listening,
  parseAnswer,
  exchange,
  type Seen,
  upstreams,
  values,
} from './call_upstream.ts'
import { type Answer, startServer, type TestServer } from './harness.ts'

let server: TestServer
let api: Listening & { seen: Seen[] }
const { keep, close } = upstreams(() => server, 'injection')

beforeAll(async () => {
  server = await startServer()
  api = keep(
    await answering(({ url }, response) => {
      if (url.startsWith('/token')) {
        response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' }).end(bomb)
      } else response.end('ok')
    }),
  )
  await define(server, 'api', api.url)
  await define(server, 'keyed', api.url, {
    auth: { type: 'api_key', parameters: [{ name: 'Key', key: 'appid', location: 'query' }] },
    credentials: { appid: 'the-key' },
  })
})
afterAll(async () => {
  await server.stop()
  await close()
})

/** 50 MB of spaces before a token. */
const bomb = gzipSync(`${' '.repeat(50_000_000)}{"access_token":"from the bomb"}`)
const last = (): Seen => {
  const seen = api.seen.at(-1)
  if (seen === undefined) throw new Error('nothing was sent')
  return seen
}
const invoke = (connection: string, input: object): Promise<Answer> =>
  server.call('POST', `/v1/connections/${connection}/invoke`, { url: '/x', ...input })
const breaks = [
  'a\r\nX-Injected: 1',
  'a\nX-Injected: 1',
  'a\r\n\r\nGET /evil HTTP/1.1\r\n\r\n',
  'a\0b',
  'a\rb',
  'a\u007fb',
]

describe('S-37 a line break or control character', () => {
  test.each(breaks)('as %j is refused in every field that becomes part of a request', async (text) => {
    const before = api.seen.length
    for (const input of [
      { headers: { 'X-A': text } },
      { headers: { [text]: '1' } },
      { headers: { 'Content-Type': text }, method: 'POST', body: 'x' },
      { method: text },
      { method: `GET /x HTTP/1.1\r\nX-Injected: 1` },
      { user: text },
    ]) {
      const answer = await invoke('api', input)
      expect([input, answer.status, answer.body['code']]).toEqual([input, 422, 'validation_failed'])
    }
    for (const [auth, credentials] of [
      [{ type: 'api_key', parameters: [{ name: 'Key', key: 'X-Key', location: 'header' }] }, { 'X-Key': text }],
      [{ type: 'api_key', parameters: [{ name: 'Key', key: 'key', location: 'cookie' }] }, { key: text }],
      [{ type: 'api_key', parameters: [{ name: 'Key', key: `X${text}`, location: 'header' }] }, { [`X${text}`]: 'x' }],
      [{ type: 'bearer' }, { token: text }],
      [{ type: 'bearer', tokenPrefix: text }, { token: 'x' }],
      [{ type: 'basic' }, { username: text, password: 'x' }],
    ] as const) {
      const service = { name: 'Injected', auth, baseUrl: api.url }
      const made = await server.call('POST', '/v1/connections', { name: 'Injected', service, credentials })
      // RFC 7617 lets a Basic password hold what base64 wraps; then it is wrapped.
      if (made.status === 201) {
        expect(auth.type).toBe('basic')
        await server.call('GET', `/v1/proxy/${String(made.body['linkName'])}/x`)
        expect(values(last().headers, 'x-injected')).toEqual([])
      } else expect([auth, made.status, made.body['code']]).toEqual([auth, 422, 'validation_failed'])
    }
    const constant = { name: 'C', auth: { type: 'bearer' }, baseUrl: api.url, headers: { 'X-Constant': text } }
    expect((await server.call('POST', '/v1/services', constant)).status).toBe(422)
    expect(api.seen.slice(before).filter(({ url }) => url !== '/x')).toEqual([])
  })

  test.each(breaks)('as %j stays encoded in a URL and in parameters', async (text) => {
    const encoded = encodeURIComponent(text)
    await callRaw(server, head('GET', `/v1/proxy/api/${encoded}?q=${encoded}`))
    expect(last().url).toBe(`/${encoded}?q=${encoded}`)
    await invoke('api', { url: '/y', parameters: { [text]: text } })
    expect(last().url.toLowerCase()).toBe(`/y?${encoded}=${encoded}`.toLowerCase())
    expect(values(last().headers, 'x-injected')).toEqual([])
    // In a URL that is not encoded it is taken out or encoded, as the URL standard says.
    const answer = await invoke('api', { url: `/z?${text}` })
    expect([200, 400]).toContain(answer.status)
    expect(values(last().headers, 'x-injected')).toEqual([])
  })
})

describe('S-37 a parameter', () => {
  test.each([
    ['appid=evil', 'appid=the-key'],
    ['appid=evil&appid=evil2&a=1', 'a=1&appid=the-key'],
    ['%61ppid=evil', 'appid=the-key'],
    ['app%69d=evil&b=appid%3Devil', 'b=appid%3Devil&appid=the-key'],
    ['a=1%26appid=evil', 'a=1%26appid=evil&appid=the-key'],
    ['a=1;appid=evil', 'a=1;appid=evil&appid=the-key'],
    ['a=1#&appid=evil', 'a=1&appid=the-key'],
    ['?appid=evil', '?appid=evil&appid=the-key'],
    ['appid', 'appid=the-key'],
    ['appid[]=evil', 'appid[]=evil&appid=the-key'],
  ])('%s goes as %s: the credential stands once, and cannot be replaced', async (query, wanted) => {
    const proxied = await callRaw(server, head('GET', `/v1/proxy/keyed/x?${query}`))
    expect([proxied.status, last().url]).toEqual([200, `/x?${wanted}`])
    await invoke('keyed', { url: `/x?${query}` })
    expect(last().url).toBe(`/x?${wanted}`)
  })

  test('of invoke cannot break out of its place', async () => {
    await invoke('keyed', { url: '/x', parameters: { 'a&appid': 'x&appid=evil#y', appid: 'evil' } })
    expect(last().url).toBe('/x?a%26appid=x%26appid%3Devil%23y&appid=the-key')
  })
})

describe('S-37 headers that frame a message or name its way', () => {
  const odd: Record<string, string> = {
    Host: 'evil.example.com',
    'Content-Length': '3',
    'Transfer-Encoding': 'chunked',
    Connection: 'close, X-Kept',
    'Keep-Alive': 'timeout=1',
    Upgrade: 'h2c',
    'HTTP2-Settings': 'AAMAAABkAAQAAP__',
    TE: 'trailers',
    Trailer: 'X-T',
    Expect: '100-continue',
    'Proxy-Authorization': 'Basic eA==',
    Authorization: 'Bearer evil',
    Cookie: 'a=b',
    'Mooring-Anything': 'x',
    'X-Kept': 'named by Connection',
  }
  const gone = [
    'content-length',
    'transfer-encoding',
    'keep-alive',
    'upgrade',
    'http2-settings',
    'te',
    'trailer',
    'expect',
    'proxy-authorization',
    'cookie',
    'mooring-anything',
    'x-kept',
  ]

  test('do not go on through invoke', async () => {
    const answer = await invoke('api', { method: 'GET', headers: odd })
    expect(answer.body).toMatchObject({ status: 200 })
    const { headers } = last()
    expect(gone.flatMap((name) => values(headers, name).map((value) => [name, value]))).toEqual([])
    expect(values(headers, 'host')).toEqual([new URL(api.url).host])
    expect(values(headers, 'authorization')).toEqual(['Bearer the-credential-of-the-connection'])
  })

  test.each([
    [
      'both lengths',
      'Content-Length: 4\r\nTransfer-Encoding: chunked',
      '0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n',
    ],
    ['a coding in disguise', 'Transfer-Encoding: xchunked', '0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n'],
    [
      'two codings',
      'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity',
      '0\r\n\r\nGET /smuggled HTTP/1.1\r\n\r\n',
    ],
    ['a folded header', 'X-A: a\r\n Transfer-Encoding: chunked', ''],
    ['a space before the colon', 'Transfer-Encoding : chunked', '0\r\n\r\n'],
    ['a bare line feed', 'X-A: a\nX-Injected: 1', ''],
    ['a length with a sign', 'Content-Length: +4', 'GET '],
    ['a length in hex', 'Content-Length: 0x4', 'GET '],
  ])('%s smuggles nothing', async (_, lines, body) => {
    const before = api.seen.length
    const bytes = head('POST', '/v1/proxy/api/x', lines) + body
    const answer = parseAnswer(await exchange(server.mooring.port, bytes))
    expect([200, 400]).toContain(answer.status)
    for (const seen of api.seen.slice(before)) {
      expect(seen.url).toBe('/x')
      expect(values(seen.headers, 'x-injected')).toEqual([])
    }
    expect(api.seen.length - before).toBeLessThanOrEqual(1)
  })
})

describe('S-36 what is packed', () => {
  test('is not unpacked for a token endpoint, whatever it holds', async () => {
    const tokenUrl = `${api.url}/token`
    const auth = { type: 'oauth2', grantType: 'client_credentials', clientId: 'x', clientSecret: 'y', tokenUrl }
    const before = process.memoryUsage().arrayBuffers
    const made = await server.call('POST', '/v1/connections', {
      name: 'Bomb',
      service: { name: 'Bomb', auth, baseUrl: api.url },
    })
    expect(made.text).not.toContain('from the bomb')
    expect(made.body['status']).not.toBe('active')
    expect(values(last().headers, 'accept-encoding')).toEqual(['identity'])
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20_000_000)
  })

  test('is not unpacked where it is sent to us', async () => {
    const packed = gzipSync(JSON.stringify({ name: 'x'.repeat(1_000_000) }))
    const sent = head(
      'POST',
      '/v1/services',
      'Content-Type: application/json',
      'Content-Encoding: gzip',
      `Content-Length: ${packed.length}`,
    )
    const answer = parseAnswer(await exchange(server.mooring.port, Buffer.concat([Buffer.from(sent), packed])))
    expect([answer.status, (JSON.parse(answer.body.toString()) as { code: string }).code]).toEqual([
      400,
      'malformed_request',
    ])
  })
})
