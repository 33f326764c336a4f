import type { ServerResponse } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  answering,
  callRaw,
  define,
  head,
  type Listening,
  open,
  pause,
  raw,
  until,
  values,
  upstreams,
} from './call_upstream.ts'
import { startServer, type TestServer } from './harness.ts'

let server: TestServer
const { through, keep, name: newName, close } = upstreams(() => server, 'retry')
beforeAll(async () => {
  server = await startServer()
})
afterAll(async () => {
  await server.stop()
  await close()
})

interface Machine {
  name: string
  /** Tokens given out. */
  tokens: () => number
  /** How the API answers: by default it takes the newest token only. */
  api: (answer: (token: string, response: ServerResponse) => void) => void
  /** How many API requests came. */
  calls: () => number
  bodies: () => Buffer[]
  /** The next token answers take this long, in milliseconds. */
  slow: (ms: number) => void
  /** Token requests that were begun. */
  asked: () => number
}

/** A client-credentials connection whose provider and API are the test's. */
async function machine(): Promise<Machine> {
  let tokens = 0
  let asked = 0
  let delay = 0
  const bodies: Buffer[] = []
  let answer = (token: string, response: ServerResponse): void => {
    if (token === `Bearer token-${tokens}`) response.end('fine')
    else {
      response.writeHead(401, { 'Content-Type': 'text/plain' })
      response.end('the token is old')
    }
  }
  const upstream = await answering((seen, response) => {
    if (seen.url === '/token') {
      asked++
      setTimeout(() => {
        tokens++
        response.setHeader('Content-Type', 'application/json')
        response.end(JSON.stringify({ access_token: `token-${tokens}`, token_type: 'Bearer', expires_in: 3600 }))
      }, delay)
      return
    }
    bodies.push(seen.body)
    answer(values(seen.headers, 'authorization')[0] ?? '', response)
  })
  keep(upstream)
  const name = newName()
  await define(server, name, `${upstream.url}/api`, {
    auth: {
      type: 'oauth2',
      grantType: 'client_credentials',
      clientId: 'id',
      clientSecret: 'secret',
      tokenUrl: `${upstream.url}/token`,
    },
  })
  return {
    name,
    tokens: () => tokens,
    asked: () => asked,
    calls: () => bodies.length,
    bodies: () => bodies,
    api: (next) => void (answer = next),
    slow: (ms) => void (delay = ms),
  }
}

const old = (_token: string, response: ServerResponse): void => {
  response.writeHead(401, 'Old', { 'Content-Type': 'text/plain', 'X-From': 'api' })
  response.end('the token is old')
}
const newest = (name: string) => (token: string, response: ServerResponse) => {
  if (token === `Bearer ${name}`) response.end('fine')
  else old(token, response)
}

describe('a token that the API refuses', () => {
  test('is renewed once, and the request with its small body is repeated', async () => {
    const one = await machine()
    one.api(newest('token-2'))
    const body = Buffer.alloc(65_536, 'b')
    const answer = await callRaw(
      server,
      Buffer.concat([Buffer.from(head('POST', `/v1/proxy/${one.name}/x`, `Content-Length: ${body.length}`)), body]),
    )
    expect(answer).toMatchObject({ status: 200, body: Buffer.from('fine') })
    expect(answer.all('mooring-attempts')).toEqual(['2'])
    expect(one.tokens()).toBe(2)
    expect(one.bodies().map((sent) => sent.equals(body))).toEqual([true, true])
  })

  test('passes with its 401 where the body was too large to keep', async () => {
    const one = await machine()
    one.api(newest('token-2'))
    const answer = await callRaw(
      server,
      head('POST', `/v1/proxy/${one.name}/x`, 'Content-Length: 65537') + 'b'.repeat(65_537),
    )
    expect(answer).toMatchObject({ status: 401, reason: 'Old', body: Buffer.from('the token is old') })
    expect([answer.all('x-from'), answer.all('mooring-attempts'), answer.all('mooring-error')]).toEqual([
      ['api'],
      [],
      [],
    ])
    expect([one.tokens(), one.calls()]).toEqual([1, 1])
  })

  test('passes with its 401 where a new token is refused as well', async () => {
    const one = await machine()
    one.api(old)
    const answer = await callRaw(server, head('GET', `/v1/proxy/${one.name}/x`))
    expect(answer).toMatchObject({ status: 401, body: Buffer.from('the token is old') })
    expect(answer.all('mooring-attempts')).toEqual(['2'])
    expect([one.tokens(), one.calls()]).toEqual([2, 2])
    // Renewing has just been seen not to help.
    expect((await callRaw(server, head('GET', `/v1/proxy/${one.name}/x`))).all('mooring-attempts')).toEqual([])
    expect([one.tokens(), one.calls()]).toEqual([2, 3])
  })

  test('many calls at once share one renewal', async () => {
    const one = await machine()
    one.api(newest('token-2'))
    one.slow(100)
    const answers = await Promise.all(
      Array.from({ length: 20 }, async () => callRaw(server, head('GET', `/v1/proxy/${one.name}/x`))),
    )
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200))
    expect(one.tokens()).toBe(2)
  })

  test('a 401 longer than can be held back passes while it streams', async () => {
    const one = await machine()
    one.api((_, response) => {
      response.writeHead(401)
      response.end('x'.repeat(300_000))
    })
    const answer = await callRaw(server, head('GET', `/v1/proxy/${one.name}/x`))
    expect([answer.status, answer.body.length, answer.whole]).toEqual([401, 300_000, true])
  })

  test('nothing is sent for a caller who left while the token was renewed', async () => {
    const one = await machine()
    one.api(newest('token-2'))
    one.slow(300)
    const caller = open(server.mooring.port)
    caller.write(head('GET', `/v1/proxy/${one.name}/x`))
    expect(await until(() => one.asked() === 2)).toBe(true)
    caller.destroy()
    expect(await until(() => one.tokens() === 2)).toBe(true)
    await pause(150)
    expect(one.calls()).toBe(1)
    expect((await callRaw(server, head('GET', `/v1/proxy/${one.name}/x`))).status).toBe(200)
  })

  test('Mooring-Timeout covers the renewal', async () => {
    const one = await machine()
    one.api(newest('token-2'))
    one.slow(2500)
    const begun = Date.now()
    const answer = await callRaw(server, head('GET', `/v1/proxy/${one.name}/x`, 'Mooring-Timeout: 1'))
    expect([answer.status, answer.all('mooring-error')]).toEqual([504, ['upstream_timeout']])
    expect(Date.now() - begun).toBeLessThan(2000)
  })
})

describe('Mooring-Retry', () => {
  /** Breaks the first connections that bring a request, then answers. */
  async function flaky(breaks: number): Promise<Listening & { name: string; requests: () => number }> {
    let requests = 0
    const upstream = await through(
      raw((socket) => {
        let text = ''
        socket.on('data', (chunk) => {
          text += chunk.toString()
          if (!text.includes('\r\n\r\n')) return
          text = ''
          requests++
          if (requests <= breaks) socket.destroy()
          else socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok')
        })
      }),
    )
    return { ...upstream, requests: () => requests }
  }

  test.each([
    ['GET', '2', 200, 3],
    ['PUT', '2', 200, 3],
    ['DELETE', '1', 502, 2],
    ['GET', '0', 502, 1],
    ['POST', '5', 502, 1],
    ['PATCH', '5', 502, 1],
  ])(
    '%s with %s retries on two broken connections: %i after %i requests',
    async (method, retries, status, requests) => {
      const one = await flaky(2)
      const answer = await callRaw(server, head(method, `/v1/proxy/${one.name}/x`, `Mooring-Retry: ${retries}`))
      expect([answer.status, one.requests()]).toEqual([status, requests])
      expect(answer.all('mooring-error')).toEqual(status === 200 ? [] : ['upstream_unreachable'])
      expect(answer.all('mooring-attempts')).toEqual(status === 200 ? [String(requests)] : [])
    },
  )

  test('a small PUT body is sent again whole', async () => {
    let seen = 0
    const one = await through(
      answering(({ body }, response) => {
        seen++
        if (seen === 1) response.socket?.destroy()
        else response.end(body)
      }),
    )
    const answer = await callRaw(
      server,
      `${head('PUT', `/v1/proxy/${one.name}/x`, 'Transfer-Encoding: chunked', 'Mooring-Retry: 1')}5\r\nhello\r\n0\r\n\r\n`,
    )
    expect(answer).toMatchObject({ status: 200, body: Buffer.from('hello') })
  })

  test.each([
    ['GET', 503, '1', 2],
    ['GET', 429, '0', 2],
    ['GET', 429, '31', 1],
    ['GET', 500, '0', 1],
    ['POST', 503, '0', 1],
    ['GET', 503, undefined, 1],
  ])('%s answered %i with Retry-After %s takes %i requests', async (method, status, retryAfter, requests) => {
    const one = await through(
      answering((_, response) => {
        if (one.seen.length === 1) {
          response.writeHead(status, retryAfter === undefined ? {} : { 'Retry-After': retryAfter })
          response.end('later')
        } else response.end('now')
      }),
    )
    const begun = Date.now()
    const answer = await callRaw(server, head(method, `/v1/proxy/${one.name}/x`, 'Mooring-Retry: 3'))
    const repeated = requests > 1
    expect([answer.status, answer.body.toString(), one.seen.length]).toEqual([
      repeated ? 200 : status,
      repeated ? 'now' : 'later',
      requests,
    ])
    expect(Date.now() - begun).toBeGreaterThanOrEqual(repeated ? Number(retryAfter) * 1000 - 20 : 0)
  })

  test('an answer that has begun is not begun again', async () => {
    let requests = 0
    const one = await through(
      raw((socket) => {
        socket.once('data', () => {
          requests++
          socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart')
          setTimeout(() => socket.resetAndDestroy(), 50)
        })
      }),
    )
    const answer = await callRaw(server, head('GET', `/v1/proxy/${one.name}/x`, 'Mooring-Retry: 5'))
    expect([answer.status, answer.body.toString(), answer.whole]).toEqual([200, 'part', false])
    await pause(100)
    expect(requests).toBe(1)
  })

  test('a caller who leaves during the wait is not called for', async () => {
    const one = await through(
      answering((_, response) => {
        response.writeHead(503, { 'Retry-After': '1' })
        response.end()
      }),
    )
    const caller = open(server.mooring.port)
    caller.write(head('GET', `/v1/proxy/${one.name}/x`, 'Mooring-Retry: 3'))
    await until(() => one.seen.length === 1)
    await pause(50)
    caller.destroy()
    await pause(1300)
    expect(one.seen.length).toBe(1)
  })

  test.each([
    ['Mooring-Retry: 6'],
    ['Mooring-Retry: -1'],
    ['Mooring-Retry: many'],
    ['Mooring-Timeout: 0'],
    ['Mooring-Timeout: Infinity'],
    ['Mooring-Timeout: '],
  ])('%s is refused', async (option) => {
    const answer = await callRaw(server, head('GET', '/v1/proxy/any/x', option))
    expect([answer.status, answer.all('mooring-error')]).toEqual([422, ['validation_failed']])
  })
})
