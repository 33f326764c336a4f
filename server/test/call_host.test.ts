import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { answering, callRaw, define, head, type Listening, raw, type Seen, upstreams } from './call_upstream.ts'
import { startServer, type TestServer } from './harness.ts'

let server: TestServer
let good: Listening & { seen: Seen[] }
let evil: Listening & { connections: () => number }
const { keep, close } = upstreams(() => server, 'host')

beforeAll(async () => {
  server = await startServer()
  good = keep(await answering((_, response) => response.end('good')))
  evil = keep(await raw((socket) => void socket.end('HTTP/1.1 200 OK\r\n\r\nevil')))
  await define(server, 'based', `${good.url}/base`)
  await define(server, 'rooted', good.url)
  await define(server, 'real', 'https://api.example.com/v1', {
    service: { hosts: ['*.wild.example.com', 'ported.example.com:8443'] },
  })
})
afterAll(async () => {
  await server.stop()
  await close()
})

async function viaProxy(connection: string, rest: string): Promise<[number, string]> {
  const answer = await callRaw(server, head('GET', `/v1/proxy/${connection}/${rest}`))
  return [answer.status, answer.all('mooring-error')[0] ?? '']
}

async function viaInvoke(connection: string, url: string): Promise<[number, string]> {
  const answer = await server.call('POST', `/v1/connections/${connection}/invoke`, { url })
  return [answer.status, String(answer.body['code'])]
}

describe('S-35 where the credential may go', () => {
  test.each([
    'https://evil.example.com/',
    'https:/evil.example.com/',
    'https%3A%2F%2Fevil.example.com%2F',
    'HTTPS://EVIL.example.com/',
    'http://api.example.com/v1',
    'https://api.example.com:8443/v1',
    'https://api.example.com@evil.example.com/',
    'https://user:pass@api.example.com/v1',
    'https://api.example.com%40evil.example.com/',
    'https://evil.example.com\\@api.example.com/',
    'https:/\\evil.example.com/',
    'https://api.example.com.evil.example.com/',
    'https://evilapi.example.com/',
    'https://wild.example.com/',
    'https://a.wild.example.com:444/',
    'https://a.wild.example.com.evil.example.com/',
    'https://ported.example.com/',
    'https://\u0430pi.example.com/',
    'https://api.ex\u00e4mple.com/',
    'https://xn--pi-6kc.example.com/',
    'ftp://api.example.com/',
    'ws://api.example.com/',
    'https://[::1]/',
    'https://127.0.0.1/',
    'https://169.254.169.254/latest/meta-data',
    'https://%00api.example.com/',
    'https://api.example.com:port/',
    'https://',
  ])('a call to %j is refused', async (url) => {
    const refused = ([status, code]: [number, string]): boolean =>
      (status === 403 && code === 'host_not_allowed') || (status === 400 && code === 'malformed_request')
    // Without :// invoke takes it for a path under the base URL; the proxy's paths allow for what clients do to slashes.
    expect(!url.includes('://') || refused(await viaInvoke('real', url))).toBe(true)
    // Beyond ASCII a request line is encoded.
    expect(refused(await viaProxy('real', encodeURI(url).replaceAll('%25', '%').replaceAll('%5C', '\\')))).toBe(true)
  })

  test.each([
    ['based', '../admin'],
    ['based', '..'],
    ['based', '%2e%2e/admin'],
    ['based', '.%2E/admin'],
    ['based', '..%2fadmin'],
    ['based', '%2e%2e%2fadmin'],
    ['based', 'a/../../admin'],
    ['based', 'a/..%2f..%2fadmin'],
    ['based', '..\\admin'],
    ['based', '..%5cadmin'],
    ['based', '../basement'],
    ['based', '..;/admin'],
    ['based', '..;a=b/admin'],
    ['based', 'a/..;/..;/admin'],
    ['based', '%2e%2e;/admin'],
    ['based', '..%3b/admin'],
    ['based', '..%00/admin'],
    ['based', '%252e%252e%252fadmin'],
    ['based', '..%252fadmin'],
    ['based', '%25252e%25252e/admin'],
    ['based', '%c0%ae%c0%ae/admin'],
    ['based', '..%c0%afadmin'],
    ['based', '..%c1%9cadmin'],
    ['based', '..%5c..%5cadmin'],
  ])('%s: the path %j does not lead out of the base URL', async (connection, path) => {
    const before = good.seen.length
    expect(await viaProxy(connection, path)).toEqual([400, 'malformed_request'])
    expect(await viaInvoke(connection, path)).toEqual([400, 'malformed_request'])
    expect(good.seen.length).toBe(before)
  })

  test.each([
    ['based', '', '/base'],
    ['based', 'a/b?x=1&x=%2F..%2F', '/base/a/b?x=1&x=%2F..%2F'],
    ['based', 'a/../b', '/base/b'],
    ['based', 'group%2Fproject', '/base/group%2Fproject'],
    ['based', 'group%252Fproject;v=1/..x/a;b=..', '/base/group%252Fproject;v=1/..x/a;b=..'],
    ['based', 'a%00b/c..%2Fd', '/base/a%00b/c..%2Fd'],
    ['based', '/double', '/base/double'],
    ['based', '@evil', '/base/@evil'],
    ['based', '?q', '/base?q'],
    ['rooted', '/evil/x', '/evil/x'],
    ['rooted', 'http:evil', '/http:evil'],
    ['rooted', '\\\\evil/x', '///evil/x'],
    ['rooted', '../x', '/x'],
  ])('%s: %j goes to %s of the base URL', async (connection, path, wanted) => {
    expect((await viaProxy(connection, path))[0]).toBe(200)
    // The proxy's own slash stands before the path; two of them are the caller's doing.
    expect(good.seen.at(-1)?.url.replace(/^\/base\/\//, '/base/')).toBe(wanted)
  })

  test('a URL encoded whole, or up to its query, means the same', async () => {
    const url = `${good.url}/base/a?b=%26c`
    await viaProxy('based', encodeURIComponent(url))
    expect(good.seen.at(-1)?.url).toBe('/base/a?b=%26c')
    await viaProxy('based', `${encodeURIComponent(`${good.url}/base/a`)}?b=%26c`)
    expect(good.seen.at(-1)?.url).toBe('/base/a?b=%26c')
    expect((await viaProxy('based', 'http%3A%2F%2F%zz'))[0]).toBe(400)
  })

  test('no made-up URL reaches another server', async () => {
    const goodHost = `127.0.0.1:${good.port}`
    const part = (...options: string[]): fc.Arbitrary<string> => fc.constantFrom(...options)
    const hostile = fc
      .tuple(
        part(
          'http://',
          'HTTP://',
          'http:/',
          'http:',
          'https://',
          'http%3A%2F%2F',
          '//',
          '/',
          '\\\\',
          '/\\',
          'http:\\\\',
          'http:///',
          ' http://',
          '\thttp://',
          'ht\ntp://',
          '@',
          '',
        ),
        part(
          '',
          `${goodHost}@`,
          `${goodHost}%40`,
          `user:${goodHost}@`,
          `${goodHost}/@`,
          `${goodHost}\\@`,
          `${goodHost}?@`,
          `${goodHost}#@`,
          '@',
          ':@',
          'a:b@',
        ),
        part(
          '127.0.0.1',
          'localhost',
          'LOCALHOST.',
          '127.1',
          '2130706433',
          '0x7f.1',
          '[::ffff:127.0.0.1]',
          '[::1]',
          '\uff11\uff12\uff17.0.0.1',
          '127\u3002.0.0.1',
          '0',
          '',
        ),
        part(':', '%3A', ':0', '\t:', ''),
        part(String(evil.port), `${evil.port}\\`, `0${evil.port}`, ''),
        part('', '/', '/..', '/../x', `/@${goodHost}/`, `#${goodHost}`, `?${goodHost}`, '%2f..%2f'),
      )
      .map((pieces) => pieces.join(''))
    // Over https the good one is allowed too, and does not speak it.
    const refusals = ['400 malformed_request', '403 host_not_allowed', '403 egress_blocked', '502 upstream_unreachable']
    let answered = 0
    const property = fc.asyncProperty(hostile, fc.constantFrom('based', 'rooted'), async (url, connection) => {
      const results = [
        ...(url === '' ? [] : [await viaInvoke(connection, url)]),
        ...(/^[\x21-\x7e]*$/.test(url) ? [await viaProxy(connection, url)] : []),
      ]
      answered += results.filter(([status]) => status === 200).length
      const fine = results.every(([status, code]) => status === 200 || refusals.includes(`${status} ${code}`))
      expect([url, results, fine]).toEqual([url, results, true])
      expect(evil.connections()).toBe(0)
    })
    await fc.assert(property, { numRuns: 500 })
    expect(answered).toBeGreaterThan(0)
  }, 60_000)
})

describe('S-32 S-38 addresses that this deployment forbids', () => {
  let strict: TestServer
  beforeAll(async () => {
    strict = await startServer({ environment: { MOORING_EGRESS_ALLOW: '' } })
  })
  afterAll(async () => {
    await strict.stop()
  })

  test('are blocked, with a text that names the host alone', async () => {
    await define(strict, 'inside', `http://localhost:${evil.port}/secret-path`)
    const before = evil.connections()
    const proxied = await callRaw(strict, head('GET', '/v1/proxy/inside/other-secret?hidden=1'))
    expect([proxied.status, proxied.all('mooring-error')]).toEqual([403, ['egress_blocked']])
    const invoked = await strict.call('POST', '/v1/connections/inside/invoke', { url: 'other-secret?hidden=1' })
    expect([invoked.status, invoked.body['code']]).toEqual([403, 'egress_blocked'])
    for (const text of [proxied.body.toString(), invoked.text]) {
      expect(text).toContain(`localhost:${evil.port}`)
      expect(text).not.toMatch(/secret|hidden|127\.0\.0\.1|::1/)
    }
    expect(evil.connections()).toBe(before)
    expect((await strict.call('GET', '/healthz')).status).toBe(200)
  })

  test('the server’s own address is blocked even where its network is allowed', async () => {
    await define(server, 'itself', server.url)
    const answer = await callRaw(server, head('GET', '/v1/proxy/itself/healthz'))
    expect([answer.status, answer.all('mooring-error')]).toEqual([403, ['egress_blocked']])
  })
})
