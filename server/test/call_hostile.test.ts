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
  streaming,
  until,
  upstreams,
} from './call_upstream.ts'
import { ownerKey, startServer, type TestServer } from './harness.ts'

let server: TestServer
const accidents: unknown[] = []
const accident = (error: unknown): void => void accidents.push(error)
const { keep, close } = upstreams(() => server, 'hostile')
beforeAll(async () => {
  process.on('unhandledRejection', accident)
  server = await startServer()
  await define(server, 'api', keep(await answering(({ url }, response) => response.end(url))).url)
})
afterAll(async () => {
  await server.stop()
  await close()
  process.off('unhandledRejection', accident)
})

const post = (body: string, ...lines: string[]): string =>
  head('POST', '/v1/services', `Content-Length: ${Buffer.byteLength(body)}`, ...lines) + body

describe('a server that is sent nonsense', () => {
  test('ends a request with 10 MB of headers', async () => {
    const socket = open(server.mooring.port)
    const heard = everything(socket)
    socket.write('GET /v1/proxy/api/x HTTP/1.1\r\nHost: x\r\n')
    const line = `X-Much: ${'x'.repeat(1000)}\r\n`
    let written = 0
    const send = (): void => {
      while (!socket.destroyed && socket.writable && written < 10_000_000) {
        written += line.length
        if (!socket.write(line)) {
          socket.once('drain', send)
          return
        }
      }
    }
    send()
    const answer = parseAnswer(await heard)
    expect([answer.status, answer.all('connection'), answer.all('x-request-id').length]).toEqual([431, ['close'], 1])
    expect(JSON.parse(answer.body.toString())).toMatchObject({ status: 431, code: 'malformed_request' })
  })

  test('closes the connection of one who goes on sending after that', async () => {
    const socket = open(server.mooring.port)
    let closed = false
    socket.on('close', () => (closed = true))
    socket.resume()
    socket.write('nonsense\r\n\r\n')
    const sending = setInterval(() => socket.write('more nonsense\r\n'), 20)
    expect(await until(() => closed, 4000)).toBe(true)
    clearInterval(sending)
  })

  test.each([
    ['garbage', 'garbage\r\n\r\n'],
    ['TLS', Buffer.from('16030100a5010000a10303', 'hex')],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['a NUL in the path', `GET /v1/proxy/api/\0 HTTP/1.1\r\nHost: x\r\n\r\n`],
    ['a NUL in a header', `GET /v1/proxy/api/x HTTP/1.1\r\nHost: x\r\nX-A: a\0b\r\n\r\n`],
    ['a line break in a header name', `GET /v1/proxy/api/x HTTP/1.1\r\nHost: x\r\nX A: b\r\n\r\n`],
    ['two lengths', 'POST /v1/proxy/api/x HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'],
    [
      'both framings',
      'POST /v1/proxy/api/x HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['a coding that is not chunked', 'POST /v1/proxy/api/x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: identity\r\n\r\n'],
    ['no host', 'GET /v1/proxy/api/x HTTP/1.1\r\n\r\n'],
    ['a negative length', 'POST /v1/proxy/api/x HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n'],
  ])('answers %s with 400', async (_, bytes) => {
    const socket = open(server.mooring.port)
    const heard = everything(socket)
    socket.write(bytes)
    expect(parseAnswer(await heard).status).toBe(400)
  })

  test.each([
    ['an absolute form', 'GET', 'http://evil.example.com/v1/proxy/api/x', 404],
    ['an asterisk', 'OPTIONS', '*', 404],
    ['an empty connection', 'GET', '/v1/proxy//x', 404],
    ['bad percent-encoding in the connection', 'GET', '/v1/proxy/%zz/x', 404],
    ['bad percent-encoding in a route', 'GET', '/v1/connections/%zz', 400],
    ['bad percent-encoding in an encoded URL', 'GET', '/v1/proxy/api/http%3A%zz', 400],
    ['an encoded NUL in a route', 'GET', '/v1/connections/a%00b', 404],
  ])('answers %s', async (_, method, path, status) => {
    const answer = await callRaw(server, head(method, path))
    expect([answer.status, answer.all('x-request-id').length]).toEqual([status, 1])
    expect(answer.all('content-type')[0]).toMatch('application/problem+json')
  })

  test('passes odd but good paths on', async () => {
    expect((await callRaw(server, head('GET', '/v1/proxy/api/%00%zz%ff|"{}?%00'))).status).toBe(200)
  })

  test.each([
    ['bad JSON', '{"a":', 'Content-Type: application/json', 400, 'malformed_request'],
    ['deep JSON', '['.repeat(100_000), 'Content-Type: application/json', 400, 'malformed_request'],
    ['__proto__', '{"name":"P","__proto__":{"stage":"ready"}}', 'Content-Type: application/json', 201, undefined],
    [
      'constructor',
      '{"name":"P","constructor":{"prototype":{"x":1}}}',
      'Content-Type: application/json',
      422,
      'validation_failed',
    ],
    ['XML', '<a/>', 'Content-Type: text/xml', 415, 'unsupported_media_type'],
    ['no content type', '{}', 'X-None: 1', 415, 'unsupported_media_type'],
    ['a number', '1', 'Content-Type: application/json', 422, 'validation_failed'],
    ['nothing', '', 'Content-Type: application/json', 422, 'validation_failed'],
  ])('answers a body of %s', async (_, body, type, status, code) => {
    const answer = await callRaw(server, post(body, type))
    expect([answer.status, (JSON.parse(answer.body.toString()) as { code?: string }).code]).toEqual([status, code])
    expect(Object.keys({}).concat(Object.keys(Object.prototype))).toEqual([])
  })

  test('refuses 20 MB of JSON', async () => {
    const socket = open(server.mooring.port)
    const heard = everything(socket)
    socket.write(head('POST', '/v1/services', 'Content-Type: application/json', 'Content-Length: 20000000'))
    socket.write(Buffer.alloc(20_000_000, ' '))
    expect(parseAnswer(await heard).status).toBe(413)
  })

  test('refuses 20 MB of JSON whose length it is not told', async () => {
    const socket = open(server.mooring.port)
    const heard = everything(socket)
    socket.write(head('POST', '/v1/services', 'Content-Type: application/json', 'Transfer-Encoding: chunked'))
    const part = `${(1_000_000).toString(16)}\r\n${' '.repeat(1_000_000)}\r\n`
    for (let sent = 0; sent < 20 && socket.writable; sent++) socket.write(part)
    socket.write('0\r\n\r\n')
    expect(parseAnswer(await heard).status).toBe(413)
  })

  test('answers what came before garbage on the same connection, and not in the middle of it', async () => {
    const first = head('GET', '/v1/proxy/api/first').replace('Connection: close\r\n', '')
    const both = (await exchange(server.mooring.port, `${first}garbage\r\n\r\n`)).toString()
    expect(both.startsWith('HTTP/1.1 ')).toBe(true)

    const slow = keep(
      await streaming((_, response) => {
        response.writeHead(200, { 'Content-Length': 100 })
        response.write('begun')
      }),
    )
    await define(server, 'slow', slow.url)
    const socket = open(server.mooring.port)
    let heard = ''
    socket.on('data', (chunk) => void (heard += chunk.toString()))
    const ended = everything(socket)
    socket.write(head('GET', '/v1/proxy/slow/x').replace('Connection: close\r\n', ''))
    expect(await until(() => heard.includes('begun'))).toBe(true)
    socket.write('garbage\r\n\r\n')
    expect((await ended).toString()).toMatch(/begun$/)
  })

  test('goes on while others hold half a request open', async () => {
    const slow = Array.from({ length: 200 }, () => {
      const socket = open(server.mooring.port)
      socket.write('GET /v1/proxy/api/x HTTP/1.1\r\nHost: x\r\nX-Slow: ')
      return socket
    })
    await pause(100)
    expect((await callRaw(server, head('GET', '/v1/proxy/api/still'))).body.toString()).toBe('/still')
    for (const socket of slow) socket.destroy()
    // They are closed by the server in the end.
    expect(server.mooring.app.server.headersTimeout).toBe(20_000)
  })

  test('speaks to callers of HTTP/1.0', async () => {
    const bytes = `GET /v1/proxy/api/old HTTP/1.0\r\nAuthorization: Bearer ${ownerKey}\r\n\r\n`
    expect(parseAnswer(await exchange(server.mooring.port, bytes)).body.toString()).toContain('/old')
  })

  test('does not tunnel, and does not upgrade', async () => {
    expect((await exchange(server.mooring.port, head('CONNECT', 'api.example.com:443'))).toString()).not.toContain(
      ' 200 ',
    )
    const upgrade = await callRaw(server, head('GET', '/v1/proxy/api/up', 'Upgrade: websocket'))
    expect([upgrade.status, upgrade.body.toString()]).toEqual([200, '/up'])
  })

  test('has had no accident by now', async () => {
    expect((await server.call('GET', '/healthz')).status).toBe(200)
    expect(accidents).toEqual([])
    expect(server.logged()).not.toMatch(/unhandled|uncaught|"level":(50|60)|"level":"(error|fatal)"/i)
  })
})
