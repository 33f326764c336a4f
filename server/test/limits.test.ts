/** What happens to those who ask too often, too much at once, or too slowly. */
import type { ServerResponse } from 'node:http'
import { afterEach, describe, expect, test } from 'vitest'
import { startServer, type TestOptions, type TestServer } from './harness.ts'
import {
  answering,
  callRaw,
  define,
  everything,
  head,
  open,
  parseAnswer,
  pause,
  streaming,
  until,
  upstreams,
} from './call_upstream.ts'

let server: TestServer
const { keep, close } = upstreams(() => server, 'limits')
const begin = async (options: TestOptions): Promise<void> => {
  server = await startServer(options)
}
afterEach(async () => {
  await server.stop()
  await close()
})

const statuses = (answers: { status: number }[]): Record<number, number> => {
  const counts: Record<number, number> = {}
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1
  return counts
}
const times = <T>(count: number, work: (index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => work(index)))

describe('who asks too often', () => {
  test('with one key is told to wait, and others are not', async () => {
    const at = Date.now()
    await begin({ now: () => at, environment: { MOORING_REQUESTS_PER_KEY: '3', MOORING_CALLS_PER_KEY: '2' } })
    await define(server, 'api', keep(await answering((_, response) => response.end('ok'))).url)
    const made = await server.call('POST', '/v1/api-keys', { name: 'Another', role: 'viewer' })
    const another = { authorization: `Bearer ${String(made.body['key'])}` }
    // Two requests of the thirty are spent by now.
    expect(statuses(await times(40, () => server.call('GET', '/v1/services')))).toEqual({ 200: 28, 429: 12 })
    const refused = await server.call('GET', '/v1/services')
    expect([refused.status, refused.body['code'], refused.headers.get('retry-after')]).toEqual([
      429,
      'rate_limited',
      '1',
    ])
    expect((await server.call('GET', '/v1/services', undefined, another)).status).toBe(200)
    // Calls count for themselves.
    const calls = await times(15, (index) =>
      index % 3 === 0
        ? server.call('POST', '/v1/connections/api/invoke', { url: '/x' })
        : server.call('GET', '/v1/proxy/api/x'),
    )
    expect(statuses(calls)).toEqual({ 200: 15 })
    const more = await times(15, () => server.call('GET', '/v1/proxy/api/x'))
    expect(statuses(more)).toEqual({ 200: 5, 429: 10 })
    const limited = more.find(({ status }) => status === 429)
    expect([limited?.headers.get('mooring-error'), limited?.headers.get('retry-after')]).toEqual(['rate_limited', '1'])
    for (const path of ['/healthz', '/readyz']) expect((await server.call('GET', path)).status).toBe(200)
  })

  test('from one address and is nobody known waits before a key is looked up; whoever is known does not', async () => {
    const at = Date.now()
    await begin({ now: () => at, environment: { MOORING_REQUESTS_PER_ADDRESS: '2' } })
    await define(server, 'api', keep(await answering((_, response) => response.end('ok'))).url)
    const guess = (index: number): Record<string, string> => ({
      authorization: `Bearer mk_${'guess'.repeat(8)}${index}`,
    })
    const guesses = await times(30, (index) =>
      index % 2 === 0
        ? server.call('GET', '/v1/services', undefined, guess(index))
        : server.call('GET', '/v1/proxy/api/x', undefined, guess(index)),
    )
    expect(statuses(guesses)).toEqual({ 401: 20, 429: 10 })
    const open = [
      await server.call('POST', '/v1/sign-in', { email: 'a@example.com', password: 'x' }, { authorization: '' }),
      await server.call('GET', '/docs', undefined, { authorization: '' }),
      await server.call('GET', '/connect/nothing', undefined, { authorization: '' }),
      await server.call('GET', '/v1/services', undefined, { authorization: 'none' }),
      await server.call('GET', '/v1/services', undefined, { authorization: '', cookie: 'mooring_session=x' }),
    ]
    expect(open.map(({ status, headers }) => [status, headers.get('retry-after')])).toEqual(open.map(() => [429, '1']))
    // The owner calls from the same address.
    expect((await server.call('GET', '/v1/services')).status).toBe(200)
    expect((await server.call('GET', '/v1/proxy/api/x')).status).toBe(200)
    for (const path of ['/healthz', '/readyz'])
      expect((await server.call('GET', path, undefined, { authorization: '' })).status).toBe(200)
  })

  test('is told by the address that a trusted proxy names', async () => {
    const at = Date.now()
    await begin({
      now: () => at,
      environment: { MOORING_REQUESTS_PER_ADDRESS: '1', MOORING_TRUSTED_PROXIES: '127.0.0.1' },
    })
    const guess = (address: string): Promise<{ status: number }> =>
      server.call('GET', '/v1/services', undefined, { authorization: 'Bearer mk_x', 'x-forwarded-for': address })
    expect(statuses(await times(15, () => guess('198.51.100.1')))).toEqual({ 401: 10, 429: 5 })
    expect((await guess('198.51.100.2')).status).toBe(401)
    expect((await guess('198.51.100.3, 198.51.100.1')).status).toBe(429)
  })
})

describe('too many calls at once', () => {
  test('through one connection are refused, others go on, and a call that ends makes room', async () => {
    await begin({ environment: { MOORING_CALLS_PER_CONNECTION: '3' } })
    const waiting: ServerResponse[] = []
    await define(server, 'slow', keep(await streaming((_, response) => void waiting.push(response))).url)
    await define(server, 'quick', keep(await answering((_, response) => response.end('ok'))).url)
    const under = [
      server.call('GET', '/v1/proxy/slow/1'),
      server.call('POST', '/v1/connections/slow/invoke', { url: '/2' }),
      server.call('GET', '/v1/proxy/slow/3'),
    ]
    expect(await until(() => waiting.length === 3)).toBe(true)
    const refused = await server.call('GET', '/v1/proxy/slow/4')
    expect([refused.status, refused.body['code'], refused.headers.get('retry-after')]).toEqual([
      429,
      'rate_limited',
      '1',
    ])
    expect((await server.call('POST', '/v1/connections/slow/invoke', { url: '/5' })).status).toBe(429)
    expect((await server.call('GET', '/v1/proxy/quick/x')).status).toBe(200)
    expect((await server.call('GET', '/metrics')).text).toMatch(/^mooring_calls_running 3$/m)
    for (const response of waiting) response.end('done')
    expect(statuses(await Promise.all(under))).toEqual({ 200: 3 })
    // A caller that leaves, and a call that fails before it is sent, make room as well.
    for (let round = 0; round < 5; round++) {
      waiting.length = 0
      const socket = open(server.mooring.port)
      socket.write(head('GET', '/v1/proxy/slow/left'))
      expect(await until(() => waiting.length === 1)).toBe(true)
      socket.destroy()
      await server.call('GET', '/v1/proxy/slow/x', undefined, { 'mooring-timeout': 'never' })
      await server.call('GET', '/v1/proxy/slow/http://10.0.0.1/')
    }
    await expect.poll(async () => (await server.call('GET', '/metrics')).text).toMatch(/^mooring_calls_running 0$/m)
  })
})

describe('who is slow', () => {
  const slow = { patience: { stalledAfter: 400, bodyWithin: 400 } }

  test('with the body of a request is told so, however it trickles, and cut off', async () => {
    await begin({ patience: { stalledAfter: 60_000, bodyWithin: 400 } })
    for (const path of ['/v1/services', '/v1/sign-in', '/connect/x/start']) {
      const socket = open(server.mooring.port)
      const heard = everything(socket)
      socket.write(
        head('POST', path, 'Content-Type: application/json', 'Content-Length: 100').replace('close', 'keep-alive'),
      )
      const trickle = setInterval(() => socket.write(' '), 50)
      const answer = parseAnswer(await heard)
      clearInterval(trickle)
      expect([path, answer.status, answer.all('connection')]).toEqual([path, 400, ['close']])
      expect(answer.body.toString()).toContain('did not come within')
    }
    // One that is in time is not touched.
    const made = await server.call('POST', '/v1/services', { name: 'In time' })
    await pause(500)
    expect([made.status, (await server.call('GET', '/v1/services')).status]).toEqual([201, 200])
    expect(server.logged()).not.toMatch(/"level":(50|60)|"level":"(error|fatal)"/)
  })

  test('with an upload is cut off, and the API hears that it is not whole', async () => {
    await begin(slow)
    let cut = false
    const upstream = keep(
      await streaming((request) => {
        request.resume()
        request.on('close', () => (cut = !request.complete))
      }),
    )
    await define(server, 'api', upstream.url)
    const socket = open(server.mooring.port)
    const heard = everything(socket)
    socket.write(head('POST', '/v1/proxy/api/x', 'Content-Length: 1000') + 'begun')
    await heard
    expect(await until(() => cut)).toBe(true)
  })

  test('to read an answer is cut off, and so is the call to the API', async () => {
    await begin(slow)
    let gone = false
    const upstream = keep(
      await streaming((_, response) => {
        response.on('close', () => (gone = true))
        const more = (): void => {
          while (!response.destroyed && response.write(Buffer.alloc(65_536)));
        }
        response.on('drain', more)
        more()
      }),
    )
    await define(server, 'api', upstream.url)
    const socket = open(server.mooring.port)
    let closed = false
    socket.on('close', () => (closed = true))
    socket.pause()
    socket.write(head('GET', '/v1/proxy/api/endless'))
    expect(await until(() => gone, 20_000)).toBe(true)
    socket.resume()
    expect(await until(() => closed, 20_000)).toBe(true)
  })

  test('to make a request out of an open connection is cut off', async () => {
    await begin(slow)
    const socket = open(server.mooring.port)
    expect((await everything(socket)).length).toBe(0)
  })

  test('is not the one who waits for a slow API or listens to events', async () => {
    await begin(slow)
    const waiting: ServerResponse[] = []
    await define(server, 'slow', keep(await streaming((_, response) => void waiting.push(response))).url)
    const call = callRaw(server, head('GET', '/v1/proxy/slow/x'))
    const events = open(server.mooring.port)
    let ended = false
    events.on('close', () => (ended = true))
    events.resume()
    events.write(head('GET', '/v1/events', 'Accept: text/event-stream'))
    await pause(1500)
    waiting[0]?.end('at last')
    expect((await call).body.toString()).toBe('at last')
    expect(ended).toBe(false)
    events.destroy()
  })
})

describe('a store that hangs', () => {
  test('makes the server not ready, and leaves it alive', async () => {
    await begin({})
    const { store } = server.installation
    const ping = store.ping.bind(store)
    store.ping = () => new Promise(() => undefined)
    const ready = await server.call('GET', '/readyz')
    expect([ready.status, ready.body]).toEqual([503, { status: 'storage unreachable' }])
    expect((await server.call('GET', '/healthz')).status).toBe(200)
    store.ping = ping
    expect((await server.call('GET', '/readyz')).status).toBe(200)
  })
})

describe('JSON that is more work than it looks', () => {
  const post = (path: string, body: string): Promise<{ status: number; body: Record<string, unknown>; text: string }> =>
    server.call('POST', path, body)

  test('is refused by its number of values and its size, before it is parsed', async () => {
    await begin({})
    const zeros = (count: number): string => `{"name":"x","hosts":[${'0,'.repeat(count)}0]}`
    for (const [path, body] of [
      ['/v1/services', zeros(400_000)],
      ['/v1/services', `{${Array.from({ length: 30_000 }, (_, index) => `"k${index}":0`).join(',')}}`],
      ['/v1/sign-in', `{"email":[${'{},'.repeat(2000)}{}]}`],
      ['/v1/connections/none/invoke', `{"url":"/x","body":[${'0,'.repeat(1_000_000)}0]}`],
    ] as const) {
      const answer = await post(path, body)
      expect([path, answer.status, answer.body['code']]).toEqual([path, 400, 'malformed_request'])
    }
    for (const [path, size] of [
      ['/v1/services', 1_100_000],
      ['/v1/sign-in', 70_000],
      ['/v1/connections/none/invoke', 13_000_000],
    ] as const) {
      const answer = await post(path, JSON.stringify({ name: 'x'.repeat(size) }))
      expect([path, answer.status, answer.body['code']]).toEqual([path, 413, 'too_large'])
    }
  })

  test('that breaks a rule a thousand times is told of a hundred', async () => {
    await begin({})
    const unknown = Array.from({ length: 5000 }, (_, index) => [`field${index}`, 0] as const)
    const answer = await post('/v1/services', JSON.stringify({ name: 'x', ...Object.fromEntries(unknown) }))
    expect(answer.status).toBe(422)
    expect(answer.body['errors']).toHaveLength(100)
    expect(answer.body['detail']).toMatch(/\(and \d{4} more\)$/)
  })

  test('still takes data of a size that APIs take', async () => {
    await begin({})
    await define(server, 'api', keep(await answering(({ body }, response) => response.end(String(body.length)))).url)
    const answer = await post(
      '/v1/connections/api/invoke',
      JSON.stringify({ url: '/x', method: 'POST', body: Array.from({ length: 90_000 }, (_, index) => index) }),
    )
    expect(answer.body).toMatchObject({ status: 200, body: String(JSON.stringify([...Array(90_000).keys()]).length) })
  })
})
