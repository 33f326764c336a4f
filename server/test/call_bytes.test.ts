import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { answering, callRaw, head, scripted, values, upstreams } from './call_upstream.ts'
import { startServer, type TestServer } from './harness.ts'

let server: TestServer
const { through, close } = upstreams(() => server, 'bytes')
beforeAll(async () => {
  server = await startServer()
})
afterAll(async () => {
  await server.stop()
  await close()
})

describe('byte for byte', () => {
  test('status, reason, header order, case and repeats, and the body come back as the API wrote them', async () => {
    const { name } = await through(
      scripted(
        Buffer.concat([
          Buffer.from(
            'HTTP/1.1 299 Quite Fine\r\nZ-Last: 1\r\nset-Cookie: a=1; Path=/\r\nX-Latin: caf\xe9\r\nA-First:  spaced \r\nSet-Cookie: b=2\r\nDate: yesterday\r\nServer: odd\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n',
            'latin1',
          ),
          Buffer.from([0, 255, 13, 10]),
        ]),
      ),
    )
    const answer = await callRaw(server, head('GET', `/v1/proxy/${name}/x`))
    expect(answer.status).toBe(299)
    expect(answer.reason).toBe('Quite Fine')
    expect(answer.headers.slice(0, 8)).toEqual([
      ['Z-Last', '1'],
      ['set-Cookie', 'a=1; Path=/'],
      ['X-Latin', 'caf\xe9'],
      ['A-First', 'spaced'],
      ['Set-Cookie', 'b=2'],
      ['Date', 'yesterday'],
      ['Server', 'odd'],
      ['Content-Encoding', 'gzip'],
    ])
    expect([...answer.body]).toEqual([0, 255, 13, 10])
  })

  test.each([
    ['UTF-8', Buffer.from('Žádost přijata')],
    ['Latin-1', Buffer.from('Caf\xe9', 'latin1')],
    ['nothing', Buffer.from('')],
  ])('a reason phrase of %s comes back as it is', async (_, phrase) => {
    const { name } = await through(
      scripted(Buffer.concat([Buffer.from('HTTP/1.1 200 '), phrase, Buffer.from('\r\nContent-Length: 2\r\n\r\nok')])),
    )
    const answer = await callRaw(server, head('GET', `/v1/proxy/${name}/x`))
    expect(answer).toMatchObject({ status: 200, body: Buffer.from('ok') })
    expect(Buffer.from(answer.reason, 'latin1')).toEqual(phrase)
  })

  test('random bodies arrive the same in both directions, whatever their framing', async () => {
    const up = await through(
      answering((seen, response) => {
        const length = values(seen.headers, 'x-length')[0]
        if (length !== undefined) response.setHeader('Content-Length', seen.body.length)
        response.end(seen.body)
      }),
    )
    const property = fc.asyncProperty(
      fc.uint8Array({ maxLength: 100_000, size: 'max' }),
      fc.boolean(),
      fc.boolean(),
      fc.constantFrom('POST', 'PUT', 'PATCH', 'DELETE'),
      async (bytes, chunked, lengthBack, method) => {
        const body = Buffer.from(bytes)
        const framing = chunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${body.length}`
        const more = lengthBack ? ['X-Length: yes'] : []
        const half = Math.floor(body.length / 2)
        const parts = [body.subarray(0, half), body.subarray(half)].filter((part) => part.length > 0)
        const sent = chunked
          ? [
              ...parts.flatMap((part) => [Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n')]),
              Buffer.from('0\r\n\r\n'),
            ]
          : [body]
        const answer = await callRaw(
          server,
          Buffer.concat([Buffer.from(head(method, `/v1/proxy/${up.name}/x`, framing, ...more)), ...sent]),
        )
        expect(answer.status).toBe(200)
        expect(answer.whole).toBe(true)
        expect(answer.body.equals(body)).toBe(true)
      },
    )
    await fc.assert(property, { numRuns: 60 })
  }, 60_000)

  test.each([400, 401, 403, 404, 429, 500, 502, 503])(
    'an answer of %i is the API’s own: untouched, without Mooring-Error',
    async (status) => {
      const { name } = await through(
        answering((_, response) => {
          response.writeHead(status, 'As it said', { 'Content-Type': 'text/odd', 'Mooring-Error': 'forged' })
          response.end('its own words')
        }),
      )
      const answer = await callRaw(server, head('GET', `/v1/proxy/${name}/x`))
      expect(answer).toMatchObject({ status, reason: 'As it said', body: Buffer.from('its own words') })
      expect(answer.all('content-type')).toEqual(['text/odd'])
      expect(answer.all('mooring-error')).toEqual([])
      expect(answer.all('mooring-attempts')).toEqual([])
      expect(answer.all('x-request-id')).toEqual([expect.stringMatching(/^req_/)])
    },
  )

  test('S-37 headers of the API’s own hop, and those that look like ours, do not come back', async () => {
    const { name } = await through(
      scripted(
        'HTTP/1.1 200 OK\r\nConnection: close, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=3\r\nMooring-Error: forged\r\nmooring-attempts: 9\r\nProxy-Authenticate: Basic\r\nUpgrade: h2c\r\nTrailer: X-T\r\nX-Kept: yes\r\nContent-Length: 2\r\n\r\nok',
      ),
    )
    const answer = await callRaw(server, head('GET', `/v1/proxy/${name}/x`))
    for (const gone of [
      'x-hop',
      'keep-alive',
      'mooring-error',
      'mooring-attempts',
      'proxy-authenticate',
      'upgrade',
      'trailer',
    ])
      expect([gone, answer.all(gone)]).toEqual([gone, []])
    expect(answer.all('x-kept')).toEqual(['yes'])
    expect(answer.body.toString()).toBe('ok')
  })

  test('S-37 headers of the caller’s own hop, its key, its cookies and its options do not go on', async () => {
    const up = await through(answering((_, response) => response.end()))
    await callRaw(
      server,
      head(
        'GET',
        `/v1/proxy/${up.name}/x`,
        'Connection: X-Hop, x-other',
        'X-Hop: 1',
        'X-Other: 2',
        'Cookie: session=1',
        'Proxy-Authorization: Basic eA==',
        'TE: trailers',
        'Upgrade: websocket',
        'Keep-Alive: timeout=5',
        'Mooring-User: somebody',
        'Mooring-Anything: x',
        'Authorization: Bearer second',
        'X-Twice: 1',
        'x-twice: 2',
        'X-Latin: caf\xe9',
      ),
    )
    const sent = up.seen[0]?.headers ?? []
    const names = sent.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase())
    expect(names.toSorted()).toEqual(['authorization', 'host', 'x-latin', 'x-twice', 'x-twice'])
    expect(values(sent, 'x-twice')).toEqual(['1', '2'])
    expect(values(sent, 'authorization')).toEqual(['Bearer the-credential-of-the-connection'])
    expect(values(sent, 'host')).toEqual([new URL(up.url).host])
  })

  test('every reply of ours has a request id, and says that it is ours', async () => {
    for (const path of ['/v1/proxy/nowhere/x', '/v1/proxy/']) {
      const { status, all } = await callRaw(server, head('GET', path))
      expect([status, all('x-request-id').length, all('mooring-error')]).toEqual([404, 1, ['not_found']])
    }
  })
})
