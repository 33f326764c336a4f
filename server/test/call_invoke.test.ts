import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  answering,
  bearerToken,
  define,
  type Listening,
  type Seen,
  streaming,
  upstreams,
  values,
} from './call_upstream.ts'
import type { Answer, TestServer } from './harness.ts'
import { ownerKey, startServer } from './harness.ts'

let server: TestServer
let api: Listening & { seen: Seen[] }
let other: Listening & { seen: Seen[] }
const { keep, close } = upstreams(() => server, 'invoke')

/** An API that takes requests and says nothing, behind a connection of this name; how many it holds open. */
async function neverAnswering(name: string, on = server): Promise<{ open: () => number }> {
  let held = 0
  const silent = await streaming((_, response) => {
    held++
    response.on('close', () => held--)
  })
  await define(on, name, keep(silent).url)
  return { open: () => held }
}

const mebibyte = 1024 * 1024
const packed: Record<string, (bytes: Buffer) => Buffer> = {
  gzip: (bytes) => gzipSync(bytes),
  br: (bytes) => brotliCompressSync(bytes),
  deflate: (bytes) => deflateSync(bytes),
  'deflate raw': (bytes) => deflateRawSync(bytes),
}

beforeAll(async () => {
  server = await startServer()
  other = keep(
    await answering((seen, response) => {
      if (seen.url === '/refuse') response.statusCode = 401
      response.end('other')
    }),
  )
  api = keep(
    await answering((seen, response) => {
      const { pathname, searchParams } = new URL(seen.url, api.url)
      const to = searchParams.get('to')
      if (to !== null) {
        response.writeHead(Number(searchParams.get('status') ?? 302), { Location: to })
        response.end('moved')
      } else if (pathname === '/packed') {
        const coding = searchParams.get('coding') ?? ''
        response.setHeader('Content-Type', 'application/json')
        response.setHeader('Content-Encoding', coding.split(' ')[0] ?? '')
        response.end(packed[coding]?.(Buffer.from('{"a":"ž"}')))
      } else if (pathname === '/bomb') {
        response.setHeader('Content-Encoding', 'gzip')
        response.end(gzipSync(Buffer.alloc(50 * mebibyte)))
      } else if (pathname === '/big') response.end(Buffer.alloc(Number(searchParams.get('size')), 'x'))
      else if (pathname === '/loop') {
        const left = Number(searchParams.get('left'))
        response.writeHead(left > 0 ? 302 : 200, { Location: `/loop?left=${left - 1}` })
        response.end(String(left))
      } else if (pathname === '/type') {
        response.setHeader('Content-Type', searchParams.get('type') ?? '')
        response.end(Buffer.from(searchParams.get('hex') ?? '', 'hex'))
      } else if (pathname === '/cookies') {
        response.setHeader('Set-Cookie', ['a=1', 'b=2'])
        response.end()
      } else {
        response.statusCode = Number(searchParams.get('status') ?? 200)
        response.end('ok')
      }
    }),
  )
  await define(server, 'api', api.url)
  await define(server, 'keyed', api.url, {
    auth: { type: 'api_key', parameters: [{ name: 'Key', key: 'appid', location: 'query' }] },
    credentials: { appid: 'the-query-key' },
  })
  await define(server, 'formed', api.url, {
    auth: { type: 'api_key', parameters: [{ name: 'Key', key: 'appid', location: 'form' }] },
    credentials: { appid: 'the-form-key' },
  })
})
afterAll(async () => {
  await server.stop()
  await close()
})

async function invoke(input: object, connection = 'api'): Promise<Answer> {
  return server.call('POST', `/v1/connections/${connection}/invoke`, input)
}
const last = (of: { seen: Seen[] }): Seen => {
  const seen = of.seen.at(-1)
  if (seen === undefined) throw new Error('nothing came')
  return seen
}
const sent = (seen: Seen): unknown[] => [
  seen.method,
  seen.url,
  values(seen.headers, 'content-type')[0],
  seen.body.toString(),
]

describe('what is sent', () => {
  test.each([
    [{ body: { a: 1 } }, 'application/json', '{"a":1}'],
    [{ body: [1, null] }, 'application/json', '[1,null]'],
    [{ body: null, bodyFormat: 'json' }, 'application/json', 'null'],
    [{ body: 'plain ž' }, 'text/plain; charset=utf-8', 'plain ž'],
    [{ body: 'a=1&b=%20', bodyFormat: 'form' }, 'application/x-www-form-urlencoded', 'a=1&b=%20'],
    [{ body: { a: 'x y', b: ['1', '2'] }, bodyFormat: 'form' }, 'application/x-www-form-urlencoded', 'a=x+y&b=1&b=2'],
    [{ body: 'aGk=', bodyFormat: 'base64' }, 'application/octet-stream', 'hi'],
    [{ body: '<a/>', bodyFormat: 'text', headers: { 'Content-Type': 'text/xml' } }, 'text/xml', '<a/>'],
    [
      { body: 'counted', headers: { 'Content-Length': '3', Host: 'evil', Connection: 'x-a', 'X-A': '1' } },
      'text/plain; charset=utf-8',
      'counted',
    ],
  ])('%j goes as %s', async (input, type, body) => {
    expect((await invoke({ url: '/x', method: 'POST', ...input })).body).toMatchObject({ status: 200 })
    expect(sent(last(api))).toEqual(['POST', '/x', type, body])
    expect(values(last(api).headers, 'content-length')).toEqual([String(Buffer.byteLength(body))])
    expect(values(last(api).headers, 'host')).toEqual([new URL(api.url).host])
    expect(values(last(api).headers, 'x-a')).toEqual([])
  })

  test('parameters are added to those of the URL, encoded', async () => {
    await invoke({ url: '/x?a=1', parameters: { b: 'x y&z', 'c+': 2, d: true } })
    expect(last(api).url).toBe('/x?a=1&b=x%20y%26z&c%2B=2&d=true')
  })

  test.each([
    [{ method: 'GET', body: 'x' }],
    [{ method: 'HEAD', body: { a: 1 } }],
    [{ method: 'POST', body: 1, bodyFormat: 'text' }],
    [{ method: 'POST', body: 'not base64!', bodyFormat: 'base64' }],
    [{ method: 'POST', body: [1], bodyFormat: 'form' }],
    [{ method: 'GE T' }],
    [{ headers: { 'X A': '1' } }],
    [{ unknown: 1 }],
    [{ timeoutMs: 0 }],
  ])('%j is refused before anything is sent', async (input) => {
    const before = api.seen.length
    const answer = await invoke({ url: '/x', ...input })
    expect([answer.status, answer.body['code']]).toEqual([422, 'validation_failed'])
    expect(api.seen.length).toBe(before)
  })

  test('CONNECT is not spoken', async () => {
    expect((await invoke({ url: '/x', method: 'CONNECT' })).status).toBe(400)
  })
})

describe('what comes back', () => {
  test.each([
    ['application/json', '{"a":1}', { body: { a: 1 }, bodyFormat: 'json' }],
    ['application/problem+json; charset=utf-8', '[1]', { body: [1], bodyFormat: 'json' }],
    ['application/json', '{broken', { body: '{broken', bodyFormat: 'text' }],
    ['text/plain', 'ž', { body: 'ž', bodyFormat: 'text' }],
    ['', 'x', { body: 'x', bodyFormat: 'text' }],
    ['application/json', '', { body: '', bodyFormat: 'text' }],
  ])('%s %j', async (type, text, wanted) => {
    const answer = await invoke({ url: '/type', parameters: { type, hex: Buffer.from(text).toString('hex') } })
    expect(answer.body).toMatchObject({ status: 200, attempts: 1, ...wanted })
  })

  test('bytes that are no text come as base64', async () => {
    const answer = await invoke({ url: '/type?type=image/png&hex=89504eff00' })
    expect(answer.body).toMatchObject({ bodyFormat: 'base64', body: 'iVBO/wA=' })
  })

  test.each(Object.keys(packed))('%s is unpacked', async (coding) => {
    expect((await invoke({ url: '/packed', parameters: { coding } })).body).toMatchObject({
      bodyFormat: 'json',
      body: { a: 'ž' },
    })
  })

  test('S-36 a bomb stays packed', async () => {
    const answer = await invoke({ url: '/bomb' })
    expect(answer.body).toMatchObject({ status: 200, bodyFormat: 'base64' })
    expect(answer.text.length).toBeLessThan(mebibyte)
  })

  test('10 MiB come back, a byte more does not', async () => {
    const most = await invoke({ url: `/big?size=${10 * mebibyte}` })
    expect([most.status, String(most.body['body']).length]).toEqual([200, 10 * mebibyte])
    const more = await invoke({ url: `/big?size=${10 * mebibyte + 1}` })
    expect([more.status, more.body['code']]).toEqual([502, 'provider_error'])
  })

  test.each([400, 401, 404, 429, 500, 503])('the API’s %i is data', async (status) => {
    const answer = await invoke({ url: `/x?status=${status}` })
    expect([answer.status, answer.body['status'], answer.body['body']]).toEqual([200, status, 'ok'])
  })

  test('every Set-Cookie is there', async () => {
    expect((await invoke({ url: '/cookies' })).body['headers']).toMatchObject({ 'set-cookie': 'a=1, b=2' })
  })

  test('timeoutMs covers all of it, however slowly it trickles', async () => {
    const slow = keep(
      await streaming((_, response) => {
        const timer = setInterval(() => response.write('x'), 50)
        response.on('close', () => clearInterval(timer))
      }),
    )
    await define(server, 'slow', slow.url)
    const begun = Date.now()
    const answer = await invoke({ url: '/x', timeoutMs: 300 }, 'slow')
    expect([answer.status, answer.body['code']]).toEqual([504, 'upstream_timeout'])
    expect(Date.now() - begun).toBeLessThan(20_000)
  })

  test('a caller who leaves takes the call along, and is no failure of the API', async () => {
    const silent = await neverAnswering('left')
    const leaving = new AbortController()
    const left = fetch(`${server.url}/v1/connections/left/invoke`, {
      method: 'POST',
      headers: { authorization: `Bearer ${ownerKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ url: '/x', timeoutMs: 600_000 }),
      signal: leaving.signal,
    }).catch(() => 'left')
    await expect.poll(silent.open).toBe(1)
    leaving.abort()
    expect(await left).toBe('left')
    await expect.poll(silent.open).toBe(0)
    const { items } = (await server.call('GET', '/v1/connections/left/activity')).body
    expect(JSON.stringify(items)).not.toContain('connection.invoked')
  })

  test('a stop waits for a call no longer than for all others, whatever its timeoutMs', async () => {
    const stopping = await startServer()
    const silent = await neverAnswering('held', stopping)
    const cut = stopping
      .call('POST', '/v1/connections/held/invoke', { url: '/x', timeoutMs: 600_000 })
      .catch(() => 'cut')
    await expect.poll(silent.open).toBe(1)
    await stopping.stop()
    expect(await cut).toBe('cut')
    await expect.poll(silent.open).toBe(0)
  })

  test('S-12 a key in the query is masked in the URL', async () => {
    const answer = await invoke({ url: '/x?a=1' }, 'keyed')
    expect(last(api).url).toBe('/x?a=1&appid=the-query-key')
    expect(answer.body['url']).toBe(`${api.url}/x?a=1`)
    const moved = await invoke({ url: '/x', parameters: { to: '/y?appid=the-query-key' } }, 'keyed')
    expect(moved.body['url']).toBe(`${api.url}/y?appid=***`)
    expect(moved.text).not.toContain('the-query-key')
    expect(last(api).url).toBe('/y?appid=the-query-key')
  })
})

describe('redirects', () => {
  test.each([
    [301, 'POST', 'GET', ''],
    [302, 'POST', 'GET', ''],
    [303, 'POST', 'GET', ''],
    [303, 'PUT', 'GET', ''],
    [302, 'PUT', 'PUT', 'body'],
    [307, 'POST', 'POST', 'body'],
    [308, 'POST', 'POST', 'body'],
  ])('%i after %s goes on as %s', async (status, method, next, body) => {
    const answer = await invoke({ url: `/x?to=%2Fnext&status=${status}`, method, body: 'body' })
    expect(answer.body).toMatchObject({ status: 200, url: `${api.url}/next` })
    expect(sent(last(api))).toEqual([next, '/next', body === '' ? undefined : 'text/plain; charset=utf-8', body])
    expect(values(last(api).headers, 'authorization')).toEqual([`Bearer ${bearerToken}`])
  })

  test('five are followed, the sixth is the answer', async () => {
    expect((await invoke({ url: '/loop?left=5' })).body).toMatchObject({ status: 200, url: `${api.url}/loop?left=0` })
    expect((await invoke({ url: '/loop?left=6' })).body).toMatchObject({ status: 302, url: `${api.url}/loop?left=1` })
  })

  test('S-35 another host gets neither the credential nor what is meant for one hop', async () => {
    const answer = await invoke({
      url: `/x?to=${encodeURIComponent(`${other.url}/there`)}&status=307`,
      method: 'POST',
      body: 'b',
      headers: { 'X-Mine': '1', Connection: 'x-hop', 'X-Hop': '1', 'Mooring-User': 'u', Cookie: 'a=1' },
    })
    expect(answer.body).toMatchObject({ status: 200, body: 'other', url: `${other.url}/there` })
    const names = last(other)
      .headers.filter((_, index) => index % 2 === 0)
      .map((name) => name.toLowerCase())
    expect(names.toSorted()).toEqual(['accept-encoding', 'content-length', 'content-type', 'host', 'x-mine'])
    expect(JSON.stringify(last(other).headers)).not.toContain(bearerToken)
  })

  test('S-35 a query that a redirect carries to another host loses the key', async () => {
    await invoke({ url: '/x', parameters: { to: `${other.url}/there?a=1&appid=the-query-key` } }, 'keyed')
    expect(last(other).url).toBe('/there?a=1')
  })

  test('a 401 of another host renews nothing', async () => {
    let tokens = 0
    const provider = keep(
      await answering((seen, response) => {
        if (seen.url === '/token') {
          response.setHeader('Content-Type', 'application/json')
          response.end(JSON.stringify({ access_token: `t${++tokens}`, token_type: 'Bearer', expires_in: 3600 }))
        } else {
          response.writeHead(302, { Location: `${other.url}/refuse` })
          response.end()
        }
      }),
    )
    const auth = { type: 'oauth2', grantType: 'client_credentials', clientId: 'i', clientSecret: 's' }
    await define(server, 'renewing', `${provider.url}/api`, { auth: { ...auth, tokenUrl: `${provider.url}/token` } })
    expect((await invoke({ url: '/x' }, 'renewing')).body).toMatchObject({ status: 401, attempts: 1 })
    expect(tokens).toBe(1)
  })

  test('a form that turns into a GET ends with the redirect, for its key has no place there', async () => {
    const form = { method: 'POST', body: { a: '1' }, bodyFormat: 'form' }
    expect((await invoke({ url: '/x?to=%2Fy&status=303', ...form }, 'formed')).body).toMatchObject({ status: 303 })
    expect((await invoke({ url: '/x?to=%2Fy&status=307', ...form }, 'formed')).body).toMatchObject({ status: 200 })
    expect(last(api).body.toString()).toBe('a=1&appid=the-form-key')
  })

  test.each([
    'http://10.0.0.1/latest',
    'http://169.254.169.254/latest/meta-data',
    'http://[fd00::1]/',
    'file:///etc/passwd',
  ])('S-32 a hop to %s is blocked', async (to) => {
    const answer = await invoke({ url: '/x', parameters: { to } })
    expect([answer.status, answer.body['code']]).toEqual([403, 'egress_blocked'])
    expect(answer.text).not.toMatch(/latest|passwd/)
  })

  test('a hop to ourselves is blocked', async () => {
    expect((await invoke({ url: '/x', parameters: { to: `${server.url}/v1/whoami` } })).body).toMatchObject({
      code: 'egress_blocked',
    })
  })

  test('a Location that is no URL is the answer', async () => {
    expect((await invoke({ url: '/x', parameters: { to: 'http://[broken' } })).body).toMatchObject({ status: 302 })
  })
})
