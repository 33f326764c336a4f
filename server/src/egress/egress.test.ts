import { createServer } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { parseAllow } from './address.ts'
import type { EgressAnswer } from './egress.ts'
import { EgressError, mapError } from './errors.ts'
import { answers, failure, get, listen, makeEgress, serve, stream } from './servers.fixture.ts'

describe('checkUrl', () => {
  test.each([
    ['ftp://api.example.com/', 'scheme'],
    ['file:///etc/passwd', 'scheme'],
    ['javascript:alert(1)', 'scheme'],
    ['https://user@api.example.com/', 'user-info'],
    ['https://:secret@api.example.com/', 'user-info'],
  ])('S-34 refuses %s, alone and as a request', async (text, reason) => {
    const egress = makeEgress()
    expect(() => egress.checkUrl(new URL(text))).toThrow(EgressError)
    expect(await failure(get(egress, text))).toMatchObject({ code: 'egress_blocked', reason })
  })

  test('S-34 passes http and https', () => {
    const { checkUrl } = makeEgress()
    expect(() => checkUrl(new URL('http://api.example.com:8080/a?b#c'))).not.toThrow()
    expect(() => checkUrl(new URL('https://[2606:4700::1]/'))).not.toThrow()
  })
})

describe('request', () => {
  test('sends method, path, query, headers and body as given and the Host of the URL', async () => {
    const port = await serve((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        const { method, url, headers } = request
        response.end(JSON.stringify({ method, url, headers, body: Buffer.concat(chunks).toString() }))
      })
    })
    const answer = await get(makeEgress(), `http://127.0.0.1:${port}/a%2Fb/?q=1&q=2#fragment`, {
      method: 'POST',
      headers: { Host: 'evil.test', 'X-One': '1' },
      body: new TextEncoder().encode('hello'),
    })
    const seen: unknown = JSON.parse(Buffer.from(answer.body).toString())
    expect(seen).toMatchObject({ method: 'POST', url: '/a%2Fb/?q=1&q=2', body: 'hello' })
    expect(seen).toMatchObject({
      headers: { host: `127.0.0.1:${port}`, 'x-one': '1', 'content-length': '5', 'accept-encoding': 'identity' },
    })
  })

  test('gives status, headers and raw headers with their case and repeats', async () => {
    const port = await serve((_, response) => {
      response.writeHead(418, ['X-Case', 'a', 'Set-Cookie', 'a=1', 'Set-Cookie', 'b=2', 'X-Latin', 'é'])
      response.end('short and stout')
    })
    const answer = await get(makeEgress(), `http://127.0.0.1:${port}/`)
    expect(answer.status).toBe(418)
    expect(answer.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
    expect(answer.headers.get('x-latin')).toBe('é')
    const ours = answer.rawHeaders.filter(([name]) => /^(X-|Set-)/.test(name))
    expect(ours.map((pair) => pair.join(': '))).toEqual([
      'X-Case: a',
      'Set-Cookie: a=1',
      'Set-Cookie: b=2',
      'X-Latin: é',
    ])
    expect(Buffer.from(answer.body).toString()).toBe('short and stout')
  })

  test('S-35 answers a redirect and does not follow it', async () => {
    const paths: (string | undefined)[] = []
    const port = await serve((request, response) => {
      paths.push(request.url)
      response.writeHead(302, { location: '/next' }).end()
    })
    const answer = await get(makeEgress(), `http://127.0.0.1:${port}/first`)
    expect([answer.status, answer.headers.get('location')]).toEqual([302, '/next'])
    expect(paths).toEqual(['/first'])
  })

  test('skips informational answers', async () => {
    const port = await serve((_, response) => {
      response.writeEarlyHints({ link: '</style.css>; rel=preload' })
      response.writeHead(200, { 'x-final': 'yes' }).end('done')
    })
    const answer = await get(makeEgress(), `http://127.0.0.1:${port}/`)
    expect([answer.status, answer.headers.get('link'), answer.headers.get('x-final')]).toEqual([200, null, 'yes'])
  })

  test('S-36 cuts an endless body above maxBytes and closes the connection', async () => {
    const closed = Promise.withResolvers<void>()
    const port = await serve((_, response) => {
      const timer = setInterval(() => response.write(Buffer.alloc(4_096)), 1)
      response.on('close', () => {
        clearInterval(timer)
        closed.resolve()
      })
    })
    const error = await failure(get(makeEgress(), `http://127.0.0.1:${port}/`, { maxBytes: 10_000 }))
    expect(error).toMatchObject({ code: 'provider_answer_too_large', reason: 'over 10000 bytes' })
    await closed.promise
  })

  test('S-36 takes a body of exactly maxBytes', async () => {
    const port = await serve((_, response) => response.end(Buffer.alloc(10_000)))
    expect((await get(makeEgress(), `http://127.0.0.1:${port}/`, { maxBytes: 10_000 })).body.byteLength).toBe(10_000)
    const error = await failure(get(makeEgress(), `http://127.0.0.1:${port}/`, { maxBytes: 9_999 }))
    expect(error.code).toBe('provider_answer_too_large')
  })

  test('S-36 takes short answers only while many are held, and gives their room back', async () => {
    const waiting: (() => void)[] = []
    const port = await serve((request, response) => {
      response.write(Buffer.alloc(request.url === '/long' ? 3_000_000 : 1_000_000))
      if (request.url === '/held') waiting.push(() => response.end())
      else response.end()
    })
    const egress = makeEgress({ heldLimit: 4_000_000 })
    const ask = (path: string): Promise<EgressAnswer> =>
      get(egress, `http://127.0.0.1:${port}${path}`, { maxBytes: 10_000_000 })
    const held = Array.from({ length: 4 }, () => ask('/held'))
    const reason = async (): Promise<string> => {
      try {
        return String((await ask('/long')).status)
      } catch (error) {
        return error instanceof EgressError ? `${error.code}: ${error.reason}` : 'another error'
      }
    }
    // What is on its way is not held yet.
    await expect.poll(reason).toBe('provider_answer_too_large: together with others under way')
    expect((await ask('/short')).body.byteLength).toBe(1_000_000)
    await expect.poll(() => waiting.length).toBe(4)
    for (const go of waiting) go()
    await Promise.all(held)
    for (let round = 0; round < 5; round++) expect((await ask('/long')).body.byteLength).toBe(3_000_000)
  })

  test('S-36 has connections to as many hosts at once as it may; a further one waits for another to be left', async () => {
    const waiting: (() => void)[] = []
    const ports = await Promise.all(
      [1, 2, 3].map(() => serve((_, response) => void waiting.push(() => response.end()))),
    )
    const egress = makeEgress({ origins: 2, keepAliveMs: 50 })
    const ask = (index: number): Promise<EgressAnswer> => get(egress, `http://127.0.0.1:${ports[index]}/`)
    const held = [ask(0), ask(1)]
    while (waiting.length < 2) await new Promise((resolve) => setTimeout(resolve, 5))
    expect(await failure(ask(2))).toMatchObject({ code: 'upstream_unreachable', reason: 'too many hosts at once' })
    for (const go of waiting) go()
    await Promise.all(held)
    const answering = setInterval(() => waiting.splice(0).forEach((go) => go()), 10)
    onTestFinished(() => clearInterval(answering))
    await expect
      .poll(() =>
        ask(2).then(
          ({ status }) => status,
          () => 0,
        ),
      )
      .toBe(200)
  })

  test('S-36 refuses headers without end', async () => {
    const port = await listen(
      createServer((socket) => {
        socket.on('error', () => {})
        socket.once('data', () => socket.write(`HTTP/1.1 200 OK\r\n${'x-filler: aaaaaaaaaaaaaaaa\r\n'.repeat(5_000)}`))
      }),
    )
    const error = await failure(get(makeEgress(), `http://127.0.0.1:${port}/`))
    expect(error).toMatchObject({ code: 'provider_answer_too_large', reason: 'headers' })
  })

  test('S-36 a drip-feed body ends at the total time-out and closes the connection', async () => {
    const closed = Promise.withResolvers<void>()
    const port = await serve((_, response) => {
      const timer = setInterval(() => response.write('.'), 20)
      response.on('close', () => {
        clearInterval(timer)
        closed.resolve()
      })
    })
    const error = await failure(get(makeEgress(), `http://127.0.0.1:${port}/`, { timeoutMs: 150 }))
    expect(error).toMatchObject({ code: 'upstream_timeout', reason: 'total' })
    await closed.promise
  })

  test('S-36 the total time-out covers silence before the headers and a resolver that hangs', async () => {
    const port = await serve(() => {})
    const silent = await failure(get(makeEgress(), `http://127.0.0.1:${port}/`, { timeoutMs: 100 }))
    expect(silent.code).toBe('upstream_timeout')
    const resolve = () => Promise.withResolvers<never>().promise
    const hanging = await failure(get(makeEgress({ resolve }), 'http://api.example.com/', { timeoutMs: 100 }))
    expect(hanging).toMatchObject({ code: 'upstream_timeout', reason: 'total' })
  })

  test('a request given up while it waited for a connection is never sent', async () => {
    let hits = 0
    const port = await serve((_, response) => response.end(String(++hits)))
    const gate = Promise.withResolvers<void>()
    const resolve = async () => {
      await gate.promise
      return [{ address: '127.0.0.1', family: 4 }]
    }
    const egress = makeEgress({ resolve, connectionsPerOrigin: 1 })
    const url = `http://api.example.com:${port}/`
    const [abandoned, kept] = [get(egress, url, { timeoutMs: 50 }), get(egress, url)]
    expect((await failure(abandoned)).code).toBe('upstream_timeout')
    gate.resolve()
    expect(Buffer.from((await kept).body).toString()).toBe('1')
    expect(hits).toBe(1)
  })

  test('the caller can abort, before and while the answer comes', async () => {
    const port = await serve((_, response) => response.write('first'))
    const url = `http://127.0.0.1:${port}/`
    const before = await failure(get(makeEgress(), url, { signal: AbortSignal.abort() }))
    expect(before.code).toBe('request_aborted')
    const during = await failure(get(makeEgress(), url, { signal: AbortSignal.timeout(50) }))
    expect(during).toMatchObject({ code: 'request_aborted', cause: { name: 'TimeoutError' } })
  })

  test('S-37 a header value with a line break is refused before anything is sent', async () => {
    let hits = 0
    const port = await serve((_, response) => response.end(String(++hits)))
    const error = await failure(
      get(makeEgress(), `http://127.0.0.1:${port}/`, { headers: { 'x-one': 'a\r\nx-two: b' } }),
    )
    expect([error.code, hits]).toEqual(['request_invalid', 0])
  })

  test('streams, judged the same way', async () => {
    const port = await serve((_, response) => response.end('streamed'))
    const url = `http://127.0.0.1:${port}/`
    expect((await stream(makeEgress(), url)).body).toBe('streamed')
    const refused = await failure(stream(makeEgress({ allow: parseAllow('') }), url))
    expect(refused).toMatchObject({ code: 'egress_blocked', reason: 'loopback' })
  })

  test('takes no request after close', async () => {
    const egress = makeEgress()
    await egress.close()
    expect(await failure(get(egress, 'http://127.0.0.1:1/'))).toMatchObject({
      code: 'upstream_unreachable',
      reason: 'shutting down',
    })
  })
})

describe('errors', () => {
  test('S-38 a message holds the host and the class, and no path, query, header, body or resolved address', async () => {
    const port = await serve((_, response) => response.destroy())
    const silent = await listen(createServer(() => {}))
    const unused = await serve(() => {})
    const secrets = { headers: { 'x-key': 'secret-header' }, body: 'secret-body', method: 'POST', timeoutMs: 200 }
    const egress = makeEgress({ allow: parseAllow('127.0.0.1'), ...answers(['127.0.0.1']) })
    const blocked = makeEgress({ allow: parseAllow(''), ...answers(['127.0.0.1']) })
    const nowhere = makeEgress({ allow: parseAllow('127.0.0.0/8'), ...answers(['127.255.255.254', '127.0.0.3']) })
    const tries = [
      [egress, `http://api.example.com:${port}`],
      [egress, `http://api.example.com:${silent}`],
      [egress, `https://api.example.com:${silent}`],
      [egress, `https://api.example.com:${port}`],
      [blocked, `http://api.example.com:${unused}`],
      [nowhere, `http://api.example.com:${unused}`],
    ] as const
    const errors = await Promise.all(
      tries.map(([one, origin]) => failure(get(one, `${origin}/secret-path?secret=query`, secrets))),
    )
    const { host } = new URL(`http://api.example.com:${port}`)
    expect(errors[0]).toMatchObject({ host, message: `Could not reach ${host} (connection closed)` })
    expect(errors.map(({ message }) => message).filter((text) => /secret|127\./.test(text))).toEqual([])
    expect(errors.map(({ code }) => code)).toEqual([
      'upstream_unreachable',
      'upstream_timeout',
      'upstream_timeout',
      'upstream_unreachable',
      'egress_blocked',
      'upstream_unreachable',
    ])
  })

  test('S-38 the cause is attached', () => {
    const cause = Object.assign(new Error('connect ECONNREFUSED 10.0.0.7:80'), { code: 'ECONNREFUSED' })
    const error = mapError(cause, 'api.example.com')
    expect(error.message).toBe('Could not reach api.example.com (connection refused)')
    expect(error.cause).toBe(cause)
    expect(mapError(error, 'other.example.com')).toBe(error)
  })

  test.each([
    [new AggregateError([Object.assign(new Error('x'), { code: 'ECONNREFUSED' })]), 'connection refused'],
    [Object.assign(new Error('x'), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }), 'certificate'],
    [Object.assign(new Error('x'), { code: 'ERR_SSL_WRONG_VERSION_NUMBER' }), 'tls'],
    [Object.assign(new Error('x'), { code: 'BAD_ANSWER' }), 'protocol'],
    ['not even an error', 'connection'],
  ])('classifies %s as %s', (thrown, reason) => {
    expect(mapError(thrown, 'h')).toMatchObject({ code: 'upstream_unreachable', reason, cause: thrown })
  })
})
