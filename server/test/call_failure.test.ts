import type { Socket } from 'node:net'
import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  answering,
  callRaw,
  define,
  everything,
  exchange,
  head,
  open,
  parseAnswer,
  pause,
  raw,
  scripted,
  streaming,
  until,
  upstreams,
} from './call_upstream.ts'
import { startServer, type TestServer } from './harness.ts'

let server: TestServer
const { through, close } = upstreams(() => server, 'failure')
beforeAll(async () => {
  server = await startServer()
})
afterAll(async () => {
  await server.stop()
  await close()
})

describe('Mooring-Timeout', () => {
  test.each([
    ['no answer at all', (): void => undefined],
    ['an endless head', (socket: Socket): void => void socket.write('HTTP/1.1 200 OK\r\nX-A: ')],
  ])('%s ends as upstream_timeout', async (_kind, answer) => {
    const one = await through(raw((socket) => socket.once('data', () => answer(socket))))
    const begun = Date.now()
    const got = await callRaw(server, head('GET', `/v1/proxy/${one.name}/secret-path`, 'Mooring-Timeout: 1'))
    expect([got.status, got.all('mooring-error')]).toEqual([504, ['upstream_timeout']])
    expect(got.body.toString()).not.toContain('secret-path')
    expect(Date.now() - begun).toBeLessThan(20_000)
  })

  test('an answer that has begun is cut, not ended', async () => {
    const one = await through(streaming((_, response) => void response.write('begun')))
    const got = await callRaw(server, head('GET', `/v1/proxy/${one.name}/x`, 'Mooring-Timeout: 1'))
    expect([got.status, got.body.toString(), got.whole]).toEqual([200, 'begun', false])
  })

  test('counts the wait for a connection, when all of them are in use', async () => {
    const one = await through(streaming((_, response) => response.writeHead(200).flushHeaders()))
    const busy = Array.from({ length: 128 }, () => {
      const caller = open(server.mooring.port)
      caller.write(head('GET', `/v1/proxy/${one.name}/x`))
      return caller
    })
    await Promise.all(busy.map(async (caller) => once(caller, 'data')))
    const begun = Date.now()
    const got = await callRaw(server, head('GET', `/v1/proxy/${one.name}/x`, 'Mooring-Timeout: 1'))
    expect(got.status).toBe(504)
    expect(Date.now() - begun).toBeLessThan(20_000)
    for (const caller of busy) caller.destroy()
    // The one that ran out of time does not come back to life in the free connections.
    await pause(200)
    expect((await callRaw(server, head('GET', `/v1/proxy/${one.name}/x`, 'Mooring-Timeout: 1'))).status).toBe(200)
  })
})

describe('connections that break', () => {
  test.each([
    ['with a length', 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart', 'reset'],
    ['chunked', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npart\r\n', 'reset'],
    ['until the end', 'HTTP/1.1 200 OK\r\n\r\npart', 'reset'],
    ['with a length', 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart', 'end'],
    ['chunked', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npart\r\n', 'end'],
  ])('an answer (%s) that breaks off is cut off here as well', async (_, bytes, how) => {
    const one = await through(
      scripted(bytes, (socket) => {
        setTimeout(() => {
          if (how === 'reset') socket.resetAndDestroy()
          else if (how === 'end') socket.end()
        }, 50)
      }),
    )
    const got = await callRaw(server, head('GET', `/v1/proxy/${one.name}/x`))
    expect([got.status, got.whole]).toEqual([200, false])
    expect(got.body.toString()).not.toContain('malformed')
  })

  test('an answer that is seen to be wrong before any of it was given is told as one', async () => {
    const bytes = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npart\r\nzz\r\n'
    const one = await through(scripted(bytes))
    const got = await callRaw(server, head('GET', `/v1/proxy/${one.name}/x`))
    expect([got.status, got.whole]).toEqual([502, true])
    expect(got.body.toString()).toContain('upstream_unreachable')
  })

  test.each([
    ['chunked', 'Transfer-Encoding: chunked', '5\r\nfirst\r\n', ''],
    ['with a length', 'Content-Length: 100', 'first', ''],
    ['wrongly chunked', 'Transfer-Encoding: chunked', '5\r\nfirst\r\n', 'zz\r\n'],
  ])('an upload (%s) that breaks off never arrives as a whole one', async (_, framing, part, last) => {
    const ends: string[] = []
    let begun = false
    const one = await through(
      streaming((request) => {
        begun = true
        request.on('data', () => undefined)
        request.on('end', () => ends.push('whole'))
        request.on('error', () => ends.push('cut'))
      }),
    )
    const caller = open(server.mooring.port)
    caller.write(head('POST', `/v1/proxy/${one.name}/x`, framing) + part)
    expect(await until(() => begun)).toBe(true)
    caller.write(last)
    await pause(50)
    caller.destroy()
    expect(await until(() => ends.length > 0, 1000)).toBe(true)
    expect(ends).toEqual(['cut'])
  })

  test.each([
    ['before the head', ''],
    ['within the head', 'HTTP/1.1 200 OK\r\nX-A: b'],
    ['within the body', 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart'],
  ])('a caller who leaves %s ends the request to the API within a second', async (_, bytes) => {
    let asked = false
    let closed = false
    const one = await through(
      raw((socket) => {
        socket.on('close', () => (closed = true))
        socket.once('data', () => {
          asked = true
          socket.write(bytes)
        })
      }),
    )
    const caller = open(server.mooring.port)
    caller.write(head('GET', `/v1/proxy/${one.name}/x`))
    expect(await until(() => asked)).toBe(true)
    await pause(50)
    caller.destroy()
    expect(await until(() => closed, 1000)).toBe(true)
  })

  test('a caller who leaves an answer that it does not read ends the request to the API', async () => {
    let closed = false
    const one = await through(
      raw((socket) => {
        socket.on('close', () => (closed = true))
        socket.once('data', () => {
          socket.write('HTTP/1.1 200 OK\r\n\r\n')
          const send = (): void => {
            while (!socket.destroyed && socket.write(Buffer.alloc(65_536)));
            socket.once('drain', send)
          }
          send()
        })
      }),
    )
    const caller = open(server.mooring.port)
    caller.pause()
    caller.write(head('GET', `/v1/proxy/${one.name}/x`))
    await pause(300)
    caller.destroy()
    expect(await until(() => closed, 1000)).toBe(true)
  })

  test('an upload to an API that cannot be reached is answered, and may break off without harm', async () => {
    const gone = await raw(() => undefined)
    await define(server, 'gone', gone.url)
    await gone.close()
    const total = 4 * 1024 * 1024
    const start = head('POST', '/v1/proxy/gone/x', `Content-Length: ${total}`).replace('Connection: close\r\n', '')
    const caller = open(server.mooring.port)
    let answer = ''
    caller.on('data', (chunk) => void (answer += chunk.toString()))
    caller.write(start)
    caller.write(Buffer.alloc(total))
    expect(await until(() => answer.includes('upstream_unreachable') && caller.writableLength === 0)).toBe(true)
    caller.destroy()

    const leaving = open(server.mooring.port)
    let heard = ''
    leaving.on('data', (chunk) => void (heard += chunk.toString()))
    leaving.write(`${start}only a part`)
    expect(await until(() => heard.includes('upstream_unreachable'))).toBe(true)
    leaving.destroy()
    await pause(50)
    expect((await server.call('GET', '/healthz')).status).toBe(200)
  })
})

describe('answers that are not HTTP', () => {
  test.each([
    ['garbage', 'garbage\r\n\r\n'],
    ['nothing', ''],
    ['a wrong version', 'HTTP/9.9 200 OK\r\n\r\n'],
    ['a status of two digits', 'HTTP/1.1 20 OK\r\n\r\n'],
    ['a status below 100', 'HTTP/1.1 099 Low\r\nContent-Length: 0\r\n\r\n'],
    ['a header without a colon', 'HTTP/1.1 200 OK\r\nnocolon\r\n\r\n'],
    ['a NUL in a header', 'HTTP/1.1 200 OK\r\nX-A: a\0b\r\nContent-Length: 0\r\n\r\n'],
    ['a DEL in a header', 'HTTP/1.1 200 OK\r\nX-A: a\x7fb\r\nContent-Length: 0\r\n\r\n'],
    ['a control character in a header', 'HTTP/1.1 200 OK\r\nX-A: a\x01b\r\nContent-Length: 0\r\n\r\n'],
    ['a control character in the reason', 'HTTP/1.1 200 O\x01K\r\nContent-Length: 0\r\n\r\n'],
    ['a bare CR in a header', 'HTTP/1.1 200 OK\r\nX-A: a\rX-B: b\r\nContent-Length: 0\r\n\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'],
    ['a negative length', 'HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n'],
    ['an upgrade nobody asked for', 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n'],
    ['TLS', Buffer.from([21, 3, 1, 0, 2, 2, 40])],
  ])('%s becomes upstream_unreachable', async (_, bytes) => {
    const one = await through(scripted(bytes))
    const got = await callRaw(server, head('GET', `/v1/proxy/${one.name}/secret-path?secret=1`))
    expect([got.status, got.all('mooring-error'), got.whole]).toEqual([502, ['upstream_unreachable'], true])
    expect(got.body.toString()).not.toMatch(/secret|127\.0\.0\.1[^:]/)
  })

  test('both framings at once are never passed on as two', async () => {
    const one = await through(
      scripted('HTTP/1.1 200 OK\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n'),
    )
    const got = await callRaw(server, head('GET', `/v1/proxy/${one.name}/x`))
    expect(got.all('content-length').length + got.all('transfer-encoding').length).toBe(1)
  })

  test('a bomb of headers is refused, and the server goes on', async () => {
    const one = await through(
      raw((socket) => {
        socket.once('data', () => {
          socket.write('HTTP/1.1 200 OK\r\n')
          const line = `X-Bomb: ${'x'.repeat(8000)}\r\n`
          const send = (): void => {
            while (!socket.destroyed && socket.write(line));
            socket.once('drain', send)
          }
          send()
        })
      }),
    )
    const got = await callRaw(server, head('GET', `/v1/proxy/${one.name}/x`))
    expect([got.status, got.all('mooring-error')]).toEqual([502, ['provider_error']])
    expect((await server.call('GET', '/healthz')).status).toBe(200)
  })

  test('many small headers pass as they are', async () => {
    const many = Array.from({ length: 500 }, (_, index) => `X-H${index}: ${index}\r\n`).join('')
    const one = await through(scripted(`HTTP/1.1 200 OK\r\n${many}Content-Length: 0\r\n\r\n`))
    const got = await callRaw(server, head('GET', `/v1/proxy/${one.name}/x`))
    expect(got.headers.filter(([name]) => name.startsWith('X-H')).length).toBe(500)
  })
})

test('no failure of the above was an accident of ours', async () => {
  expect(server.logged()).not.toMatch(/unhandled|uncaught|"level":(50|60)/i)
  // A pipelined second call on one connection is answered after the first.
  const one = await through(answering(({ url }, response) => response.end(url)))
  const first = head('GET', `/v1/proxy/${one.name}/1`).replace('Connection: close\r\n', '')
  const both = await exchange(server.mooring.port, first + head('GET', `/v1/proxy/${one.name}/2`))
  expect(both.toString()).toMatch(/\/1[^]*\/2/)
  const caller = open(server.mooring.port)
  const rest = everything(caller)
  caller.write(head('GET', `/v1/proxy/${one.name}/3`))
  expect(parseAnswer(await rest).body.toString()).toContain('/3')
})
