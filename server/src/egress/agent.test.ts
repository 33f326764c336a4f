import { createServer } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { describe, expect, test, vi } from 'vitest'
import { parseAllow } from './address.ts'
import { selfSigned } from './certificate.fixture.ts'
import { answers, failure, get, listen, makeEgress, serve, serveTls, stream, watchConnects } from './servers.fixture.ts'

describe('addresses', () => {
  test.each([
    ['http://127.0.0.1', 'loopback'],
    ['http://0x7f.1', 'loopback'],
    ['http://2130706433', 'loopback'],
    ['http://017700000001', 'loopback'],
    ['http://127.1', 'loopback'],
    ['http://0', 'loopback'],
    ['http://[::1]', 'loopback'],
    ['http://[::ffff:127.0.0.1]', 'embedded IPv4'],
    ['http://10.0.0.1', 'private'],
    ['http://169.254.169.254', 'metadata'],
    ['https://127.0.0.1', 'loopback'],
  ])('S-32 refuses the literal %s, which no lookup sees, before any socket', async (origin, reason) => {
    const tried = watchConnects()
    let hits = 0
    const port = await serve((_, response) => response.end(String(++hits)))
    const { asked, resolve } = answers(['127.0.0.1'])
    const error = await failure(get(makeEgress({ allow: parseAllow(''), resolve }), `${origin}:${port}/secret`))
    expect(error).toMatchObject({ code: 'egress_blocked', reason })
    expect({ hits, tried, asked }).toEqual({ hits: 0, tried: [], asked: [] })
  })

  test('S-32 refuses a name that resolves to a forbidden address before any socket', async () => {
    const tried = watchConnects()
    const port = await serve((_, response) => response.end())
    const { resolve } = answers(['127.0.0.1', '::1'])
    const error = await failure(get(makeEgress({ allow: parseAllow(''), resolve }), `http://api.example.com:${port}/`))
    expect(error).toMatchObject({ code: 'egress_blocked', reason: 'loopback', host: `api.example.com:${port}` })
    expect(tried).toEqual([])
  })

  test('S-32 refuses localhost as the system resolves it', async () => {
    const port = await serve((_, response) => response.end())
    const error = await failure(get(makeEgress({ allow: parseAllow('') }), `http://localhost:${port}/`))
    expect(error).toMatchObject({ code: 'egress_blocked', reason: 'loopback' })
  })

  test('S-31 of several addresses only the allowed ones are connected to, with the Host of the URL', async () => {
    const tried = watchConnects()
    const port = await serve((request, response) => response.end(request.headers.host))
    const { resolve } = answers(['10.0.0.1', '169.254.169.254', '127.0.0.1', 'fd00::1'])
    const answer = await get(makeEgress({ resolve }), `http://api.example.com:${port}/`)
    expect(Buffer.from(answer.body).toString()).toBe(`api.example.com:${port}`)
    expect(tried).toEqual(['127.0.0.1'])
  })

  test('S-31 the next allowed address is tried when one does not accept', async () => {
    const tried = watchConnects()
    const port = await serve((_, response) => response.end('here'))
    const { resolve } = answers(['::1', '127.0.0.1'])
    const egress = makeEgress({ allow: parseAllow('127.0.0.1 ::1'), resolve })
    expect((await get(egress, `http://api.example.com:${port}/`)).status).toBe(200)
    expect(tried).toEqual(['::1', '127.0.0.1'])
  })

  test('S-31 each new connection is resolved and judged again, so a rebound name is refused', async () => {
    const tried = watchConnects()
    let hits = 0
    const port = await serve((_, response) => response.setHeader('connection', 'close').end(String(++hits)))
    const { asked, resolve } = answers(['127.0.0.1'], ['10.0.0.1'])
    const egress = makeEgress({ resolve })
    expect((await get(egress, `http://api.example.com:${port}/`)).status).toBe(200)
    const error = await failure(get(egress, `http://api.example.com:${port}/`))
    expect(error).toMatchObject({ code: 'egress_blocked', reason: 'private' })
    expect({ hits, tried }).toEqual({ hits: 1, tried: ['127.0.0.1'] })
    expect(asked).toEqual(['api.example.com', 'api.example.com'])
  })

  test('S-31 a kept connection stays with the address it was judged for', async () => {
    const port = await serve((_, response) => response.end())
    const { asked, resolve } = answers(['127.0.0.1'], ['10.0.0.1'])
    const egress = makeEgress({ resolve })
    for (let turn = 0; turn < 3; turn++) {
      await get(egress, `http://api.example.com:${port}/`)
      // The pool takes a connection back one turn after the answer's end.
      await setImmediate()
    }
    expect(asked).toEqual(['api.example.com'])
    expect(egress.pools()).toMatchObject({ [`http://api.example.com:${port}`]: { connected: 1, running: 0 } })
  })

  test('S-32 own listening addresses are asked for anew and refused under an allowed network', async () => {
    const port = await serve((_, response) => response.setHeader('connection', 'close').end())
    const own: { host: string; port: number }[] = []
    const egress = makeEgress({ allow: parseAllow('127.0.0.0/8'), own: () => own, ...answers(['127.0.0.1']) })
    expect((await get(egress, `http://api.example.com:${port}/`)).status).toBe(200)
    own.push({ host: '0.0.0.0', port })
    for (const host of ['api.example.com', '127.0.0.1', '127.0.0.2']) {
      const error = await failure(get(egress, `http://${host}:${port}/`))
      expect(error).toMatchObject({ code: 'egress_blocked', reason: 'own address' })
    }
  })

  test('S-32 a host:port pair opens that name on that port only', async () => {
    const port = await serve((_, response) => response.end())
    const { resolve } = answers(['127.0.0.1'])
    const egress = makeEgress({ allow: parseAllow(`db.internal:${port}`), resolve })
    expect((await get(egress, `http://db.internal:${port}/`)).status).toBe(200)
    expect(await failure(get(egress, `http://other.internal:${port}/`))).toMatchObject({ code: 'egress_blocked' })
    expect(await failure(get(egress, `http://db.internal:${port + 1}/`))).toMatchObject({ code: 'egress_blocked' })
  })

  test('a name without addresses and a resolver that fails are unreachable, not blocked', async () => {
    const none = await failure(get(makeEgress(answers([])), 'http://api.example.com/'))
    expect(none).toMatchObject({ code: 'upstream_unreachable', reason: 'name not found' })
    const resolve = () => Promise.reject(Object.assign(new Error('getaddrinfo'), { code: 'EAI_AGAIN' }))
    const failed = await failure(get(makeEgress({ resolve }), 'http://api.example.com/'))
    expect(failed).toMatchObject({ code: 'upstream_unreachable', reason: 'name resolution' })
  })
})

describe('time', () => {
  test('S-36 the connect time-out covers a resolver that never answers', async () => {
    const egress = makeEgress({ connectTimeoutMs: 100, resolve: () => Promise.withResolvers<never>().promise })
    const error = await failure(get(egress, 'http://api.example.com/'))
    expect(error).toMatchObject({ code: 'upstream_timeout', reason: 'connect', host: 'api.example.com' })
  })

  test('S-36 the connect time-out covers a TLS handshake that never comes', async () => {
    const port = await listen(createServer(() => {}))
    const error = await failure(get(makeEgress({ connectTimeoutMs: 100 }), `https://127.0.0.1:${port}/`))
    expect(error).toMatchObject({ code: 'upstream_timeout', reason: 'connect' })
  })
})

describe('TLS', () => {
  const tls = selfSigned(['api.example.com'], new Date())

  test('refuses a self-signed server, also when the environment turns verification off', async () => {
    const port = await serveTls(tls, (_, response) => response.end())
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0')
    try {
      const error = await failure(get(makeEgress(answers(['127.0.0.1'])), `https://api.example.com:${port}/`))
      expect(error).toMatchObject({ code: 'upstream_unreachable', reason: 'certificate' })
    } finally {
      vi.unstubAllEnvs()
    }
  })

  test('S-31 accepts it with its certificate as ca, over HTTP/1.1, with SNI of the URL', async () => {
    const seen: unknown[] = []
    const port = await serveTls(tls, (request, response) => {
      const { socket } = request
      seen.push('servername' in socket && socket.servername, 'alpnProtocol' in socket && socket.alpnProtocol)
      response.end()
    })
    const egress = makeEgress({ ...answers(['127.0.0.1']), ca: tls.cert })
    expect((await get(egress, `https://api.example.com:${port}/`)).status).toBe(200)
    expect(seen).toEqual(['api.example.com', 'http/1.1'])
  })

  test('refuses a certificate of another name, and a Host header does not change which name counts', async () => {
    const port = await serveTls(tls, (_, response) => response.end())
    const egress = makeEgress({ ...answers(['127.0.0.1']), ca: tls.cert })
    const url = `https://other.example.com:${port}/`
    expect(await failure(get(egress, url))).toMatchObject({ code: 'upstream_unreachable', reason: 'certificate' })
    const streamed = stream(egress, url, { headers: ['Host', 'api.example.com'] })
    await expect(streamed).rejects.toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' })
  })
})
