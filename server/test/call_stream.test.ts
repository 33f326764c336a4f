import { randomBytes } from 'node:crypto'
import type { Socket } from 'node:net'
import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  answering,
  callRaw,
  everything,
  head,
  open,
  parseAnswer,
  pause,
  raw,
  scripted,
  streaming,
  until,
  values,
  upstreams,
} from './call_upstream.ts'
import { startServer, type TestServer } from './harness.ts'

let server: TestServer
const { through, close } = upstreams(() => server, 'stream')
beforeAll(async () => {
  server = await startServer()
})
afterAll(async () => {
  await server.stop()
  await close()
})

async function nextText(socket: Socket, wanted: string): Promise<boolean> {
  let seen = ''
  const onData = (chunk: Buffer): void => void (seen += chunk.toString('latin1'))
  socket.on('data', onData)
  const found = await until(() => seen.includes(wanted))
  socket.off('data', onData)
  return found
}

describe('streaming', () => {
  test('the head of an answer does not wait for the body', async () => {
    const { name } = await through(
      streaming((_, response) => {
        response.writeHead(200, { 'Content-Type': 'text/event-stream' }).flushHeaders()
      }),
    )
    const caller = open(server.mooring.port)
    caller.write(head('GET', `/v1/proxy/${name}/events`))
    expect(await nextText(caller, 'text/event-stream')).toBe(true)
    caller.destroy()
  })

  test('the first byte of an answer arrives before the API has sent its last', async () => {
    const { name } = await through(
      streaming((_, response) => {
        response.write('first')
        // Never ends by itself.
      }),
    )
    const caller = open(server.mooring.port)
    caller.write(head('GET', `/v1/proxy/${name}/x`))
    expect(await nextText(caller, 'first')).toBe(true)
    caller.destroy()
  })

  test.each([
    ['chunked', 'Transfer-Encoding: chunked', '5\r\nfirst\r\n'],
    ['with a length', 'Content-Length: 100', 'first'],
  ])('the first part of an upload (%s) arrives before the caller has sent its last', async (_, framing, part) => {
    let got = ''
    const { name } = await through(
      streaming((request) => {
        request.on('error', () => undefined)
        request.on('data', (chunk: Buffer) => void (got += chunk.toString()))
      }),
    )
    const caller = open(server.mooring.port)
    caller.write(head('POST', `/v1/proxy/${name}/x`, framing) + part)
    expect(await until(() => got === 'first')).toBe(true)
    caller.destroy()
  })

  test('a conversation: each part is answered before the next is sent', async () => {
    const { name } = await through(
      streaming((request, response) => {
        request.pipe(response)
      }),
    )
    const caller = open(server.mooring.port)
    caller.write(head('POST', `/v1/proxy/${name}/echo`, 'Transfer-Encoding: chunked'))
    for (const part of ['one..', 'two..', 'three']) {
      const answered = nextText(caller, part)
      caller.write(`5\r\n${part}\r\n`)
      expect(await answered).toBe(true)
    }
    const rest = everything(caller)
    caller.write('0\r\n\r\n')
    expect((await rest).toString()).toMatch(/0\r\n\r\n$/)
  })

  const size = 200 * 1024 * 1024
  const block = randomBytes(1024 * 1024)

  test('200 MB down arrive whole in flat memory', async () => {
    const { name } = await through(
      streaming((_, response) => {
        response.setHeader('Content-Length', size)
        let left = size / block.length
        const send = (): void => {
          while (left > 0) {
            left--
            if (!response.write(block)) {
              response.once('drain', send)
              return
            }
          }
          response.end()
        }
        send()
      }),
    )
    const caller = open(server.mooring.port)
    const before = process.memoryUsage().rss
    let most = before
    let total = 0
    caller.on('data', (chunk: Buffer) => {
      total += chunk.length
      most = Math.max(most, process.memoryUsage().rss)
    })
    caller.write(head('GET', `/v1/proxy/${name}/big`))
    await once(caller, 'close')
    expect(total).toBeGreaterThan(size)
    expect(total).toBeLessThan(size + 2000)
    // All of it would be 200 MB; the API, the caller and the collector's leisure are in the figure too.
    expect(most - before).toBeLessThan(160 * 1024 * 1024)
  }, 60_000)

  test('200 MB up arrive whole in flat memory', async () => {
    const { name } = await through(
      streaming((request, response) => {
        let total = 0
        request.on('data', (chunk: Buffer) => void (total += chunk.length))
        request.on('end', () => response.end(String(total)))
      }),
    )
    const caller = open(server.mooring.port)
    const answer = everything(caller)
    const before = process.memoryUsage().rss
    let most = before
    caller.write(head('PUT', `/v1/proxy/${name}/big`, `Content-Length: ${size}`))
    for (let sent = 0; sent < size; sent += block.length) {
      if (!caller.write(block)) await once(caller, 'drain')
      most = Math.max(most, process.memoryUsage().rss)
    }
    expect(parseAnswer(await answer)).toMatchObject({ status: 200, body: Buffer.from(String(size)) })
    // All of it would be 200 MB; the API, the caller and the collector's leisure are in the figure too.
    expect(most - before).toBeLessThan(160 * 1024 * 1024)
  }, 60_000)

  // What two pairs of loopback sockets hold in the kernel is some 20 MB at the most; the rest is ours.
  const inTransit = 48 * 1024 * 1024

  test('a caller that does not read holds the API back', async () => {
    let written = 0
    const { name } = await through(
      raw((socket) => {
        socket.once('data', () => {
          socket.write('HTTP/1.1 200 OK\r\n\r\n')
          const send = (): void => {
            while (!socket.destroyed && written < size) {
              written += block.length
              if (!socket.write(block)) {
                socket.once('drain', send)
                return
              }
            }
          }
          send()
        })
      }),
    )
    const caller = open(server.mooring.port)
    caller.write(head('GET', `/v1/proxy/${name}/x`))
    caller.pause()
    await until(() => written > 0)
    await pause(700)
    expect(written).toBeLessThan(inTransit)
    const stalled = written
    caller.resume()
    expect(await until(() => written > stalled + inTransit, 10_000)).toBe(true)
    caller.destroy()
  })

  test('an API that does not read holds the caller back', async () => {
    const { name } = await through(
      raw((socket) => {
        socket.pause()
      }),
    )
    const caller = open(server.mooring.port)
    caller.write(head('PUT', `/v1/proxy/${name}/x`, `Content-Length: ${size}`))
    let written = 0
    const send = (): void => {
      while (!caller.destroyed && written < size) {
        written += block.length
        if (!caller.write(block)) {
          caller.once('drain', send)
          return
        }
      }
    }
    send()
    await pause(700)
    expect(written).toBeLessThan(inTransit)
    caller.destroy()
  })

  test('trailers of either side do no harm', async () => {
    const up = await through(
      answering((_, response) => {
        response.writeHead(200, { Trailer: 'X-Sum' })
        response.write('body')
        response.addTrailers({ 'X-Sum': '1' })
        response.end()
      }),
    )
    const answer = await callRaw(
      server,
      `${head('POST', `/v1/proxy/${up.name}/x`, 'Transfer-Encoding: chunked', 'Trailer: X-Sum')}3\r\nabc\r\n0\r\nX-Sum: 2\r\n\r\n`,
    )
    expect(answer).toMatchObject({ status: 200, whole: true, body: Buffer.from('body') })
    expect(up.seen[0]?.body.toString()).toBe('abc')
    expect(values(up.seen[0]?.headers ?? [], 'trailer')).toEqual([])
  })

  test('HEAD, 204 and 304 have no body and keep the length that the API gave', async () => {
    const { name } = await through(
      answering(({ method, url }, response) => {
        if (url === '/204') response.writeHead(204)
        else if (url === '/304') response.writeHead(304, { 'Content-Length': '77', ETag: '"a"' })
        else response.writeHead(200, { 'Content-Length': '1234' })
        response.end(method === 'HEAD' || url !== '/' ? undefined : 'x'.repeat(1234))
      }),
    )
    const got = async (method: string, path: string): Promise<unknown[]> => {
      const { status, body, all } = await callRaw(server, head(method, `/v1/proxy/${name}${path}`))
      return [status, body.length, all('content-length'), all('transfer-encoding')]
    }
    expect(await got('HEAD', '/')).toEqual([200, 0, ['1234'], []])
    expect(await got('GET', '/')).toEqual([200, 1234, ['1234'], []])
    expect(await got('GET', '/204')).toEqual([204, 0, [], []])
    expect(await got('GET', '/304')).toEqual([304, 0, ['77'], []])
    expect(await got('HEAD', '/304')).toEqual([304, 0, ['77'], []])
  })

  test('interim answers of the API are passed over', async () => {
    const { name } = await through(
      scripted(
        'HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 Fine\r\nX-A: b\r\nContent-Length: 2\r\n\r\nok',
      ),
    )
    const answer = await callRaw(server, head('GET', `/v1/proxy/${name}/x`))
    expect(answer).toMatchObject({ status: 200, reason: 'Fine', body: Buffer.from('ok'), whole: true })
    expect(answer.all('x-a')).toEqual(['b'])
    expect(answer.all('link')).toEqual([])
  })

  test('Expect: 100-continue is answered here, and the upload goes through', async () => {
    const up = await through(answering((_, response) => response.end('done')))
    const caller = open(server.mooring.port)
    const goOn = nextText(caller, '100 Continue')
    caller.write(head('POST', `/v1/proxy/${up.name}/x`, 'Content-Length: 4', 'Expect: 100-continue'))
    expect(await goOn).toBe(true)
    const rest = everything(caller)
    caller.write('data')
    expect(parseAnswer(await rest)).toMatchObject({ status: 200, body: Buffer.from('done') })
    expect(up.seen[0]?.body.toString()).toBe('data')
    expect(values(up.seen[0]?.headers ?? [], 'expect')).toEqual([])
  })

  test('an API that answers before it has read the upload is heard, and the caller is not held up', async () => {
    const { name } = await through(
      scripted('HTTP/1.1 413 Too much\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno'),
    )
    const caller = open(server.mooring.port)
    const answered = nextText(caller, '\r\n\r\nno')
    const total = 32 * block.length
    const start = head('PUT', `/v1/proxy/${name}/x`, `Content-Length: ${total}`)
    caller.write(start.replace('Connection: close\r\n', ''))
    let sent = 0
    const send = (): void => {
      sent += block.length
      caller.write(block, () => {
        if (sent < total) send()
      })
    }
    send()
    expect(await answered).toBe(true)
    expect(await until(() => sent === total && caller.writableLength === 0)).toBe(true)
    // The connection is good for the next call.
    const next = everything(caller)
    caller.write(head('GET', '/v1/proxy/nowhere/x'))
    expect((await next).toString()).toContain('404')
  })
})
