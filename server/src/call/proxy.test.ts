import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, request as httpRequest, type Server, type ServerResponse } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ownerKey, startServer, type TestServer } from '../../test/harness.ts'

type Handler = (request: IncomingMessage, response: ServerResponse) => void

let upstream: Server
let mooring: TestServer
let handle: Handler = (_, response) => response.end()
let port = 0

beforeAll(async () => {
  upstream = createServer((request, response) => handle(request, response))
  await once(upstream.listen(0, '127.0.0.1'), 'listening')
  const address = upstream.address()
  port = typeof address === 'object' && address !== null ? address.port : 0
  mooring = await startServer()
  const made = await mooring.call('POST', '/v1/connections', {
    name: 'Api',
    linkName: 'api',
    service: {
      name: 'Api',
      linkName: 'api',
      stage: 'ready',
      baseUrl: `http://127.0.0.1:${port}/base`,
      headers: { 'Api-Version': '7' },
      auth: { type: 'api_key', parameters: [{ name: 'Key', key: 'X-Key', location: 'header' }] },
    },
    credentials: { 'X-Key': 'the key' },
  })
  if (made.status !== 201) throw new Error(made.text)
})

afterAll(async () => {
  await mooring.stop()
  upstream.closeAllConnections()
  upstream.close()
})

interface Reply {
  status: number
  headers: string[]
  body: Buffer
}

/** On a raw client, which shows headers as they are on the wire. */
async function send(
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: Buffer } = {},
): Promise<Reply> {
  const request = httpRequest(`${mooring.url}/v1/proxy/api${path}`, {
    method: options.method ?? 'GET',
    headers: { Authorization: `Bearer ${ownerKey}`, ...options.headers },
  })
  request.end(options.body)
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(Buffer.from(chunk))
  return { status: response.statusCode ?? 0, headers: response.rawHeaders, body: Buffer.concat(chunks) }
}

describe('the proxy', () => {
  test('S-37 passes the headers on, with the credential and without what was meant for us', async () => {
    let seen: string[] = []
    handle = ({ rawHeaders }, response) => {
      seen = rawHeaders
      response.end()
    }
    await send('/x', {
      headers: {
        'X-Key': 'of the caller',
        'X-Custom': 'Kept',
        Cookie: 'session=1',
        'Mooring-Retry': '0',
        Connection: 'X-Hop',
        'X-Hop': 'dropped',
      },
    })
    const names = seen.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase())
    expect(names.toSorted()).toEqual(['api-version', 'host', 'x-custom', 'x-key'])
    expect(seen[seen.findIndex((name) => name.toLowerCase() === 'x-key') + 1]).toBe('the key')
    expect(seen[seen.findIndex((name) => name.toLowerCase() === 'host') + 1]).toBe(`127.0.0.1:${port}`)
  })

  test('keeps the case and the repeats of an answer’s headers, and removes those of the hop and of our name', async () => {
    handle = (_, response) => {
      response.setHeader('Mooring-Error', 'forged')
      response.setHeader('Keep-Alive', 'timeout=9')
      response.writeHead(418, 'Short and stout', {
        'Set-Cookie': ['a=1', 'b=2'],
        'X-CaSe': 'v\xe9',
        'Content-Length': 2,
      })
      response.end(Buffer.from('ok'))
    }
    const { status, headers, body } = await send('/x')
    expect(status).toBe(418)
    expect(body.toString()).toBe('ok')
    expect(headers).toContain('X-CaSe')
    expect(headers).toContain('v\xe9')
    expect(headers.filter((name) => name === 'Set-Cookie')).toHaveLength(2)
    expect(headers.map((name) => name.toLowerCase())).not.toContain('mooring-error')
    expect(headers).not.toContain('timeout=9')
    expect(headers.filter((name) => name.toLowerCase() === 'date')).toHaveLength(1)
    expect(headers.filter((name) => name.toLowerCase() === 'x-request-id')).toHaveLength(1)
  })

  test('streams a long body both ways unchanged', async () => {
    const sent = Buffer.alloc(5_000_000)
    for (let index = 0; index < sent.length; index += 4) sent.writeUInt32LE((index * 2_654_435_761) % 2 ** 32, index)
    handle = (request, response) => void request.pipe(response)
    const { body } = await send('/echo', { method: 'POST', body: sent })
    expect(digest(body)).toBe(digest(sent))
  })

  test('passes an answer’s head on before its body begins, where no length says that the body follows', async () => {
    const { promise: finish, resolve } = Promise.withResolvers<void>()
    handle = (_, response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' })
      response.flushHeaders()
      void finish.then(() => response.end('data: 1\n\n'))
    }
    const reply = await fetch(`${mooring.url}/v1/proxy/api/events`, {
      headers: { Authorization: `Bearer ${ownerKey}` },
    })
    expect(reply.headers.get('content-type')).toBe('text/event-stream')
    resolve()
    expect(await reply.text()).toBe('data: 1\n\n')
  })

  test('ends the call to the API when the caller goes away', async () => {
    const { promise: closed, resolve } = Promise.withResolvers<void>()
    const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>()
    handle = (_, response) => {
      response.on('close', resolve)
      arrive()
    }
    const leaving = new AbortController()
    const call = fetch(`${mooring.url}/v1/proxy/api/slow`, {
      headers: { Authorization: `Bearer ${ownerKey}` },
      signal: leaving.signal,
    })
    await arrived
    leaving.abort()
    await expect(call).rejects.toThrow()
    await closed
  })

  test('ends a call that takes longer than it may', async () => {
    handle = () => undefined
    const reply = await mooring.call('GET', '/v1/proxy/api/never', undefined, { 'Mooring-Timeout': '1' })
    expect(reply.status).toBe(504)
    expect(reply.headers.get('mooring-error')).toBe('upstream_timeout')
  })

  test('repeats a call as often as it may, and waits as long as the API asks', async () => {
    let calls = 0
    handle = (_, response) => {
      calls++
      response.writeHead(calls < 3 ? 503 : 200, { 'Retry-After': '0' })
      response.end(`call ${calls}`)
    }
    const reply = await mooring.call('GET', '/v1/proxy/api/busy', undefined, { 'Mooring-Retry': '3' })
    expect([reply.status, reply.text, reply.headers.get('mooring-attempts')]).toEqual([200, 'call 3', '3'])
  })

  test('ends the wait for a repeat when the call may take no longer', async () => {
    handle = (_, response) => {
      response.writeHead(503, { 'Retry-After': '20' })
      response.end()
    }
    const headers = { 'Mooring-Retry': '1', 'Mooring-Timeout': '1' }
    const reply = await mooring.call('GET', '/v1/proxy/api/busy', undefined, headers)
    expect(reply.headers.get('mooring-error')).toBe('upstream_timeout')
  })

  test('leaves the query and the path as they were written', async () => {
    const seen: string[] = []
    handle = ({ url = '' }, response) => {
      seen.push(url)
      response.end()
    }
    await send('/a%2Fb?q=a+b&q=%20&empty=')
    await send('?only=query')
    await send('/x%23y')
    expect(seen).toEqual(['/base/a%2Fb?q=a+b&q=%20&empty=', '/base?only=query', '/base/x%23y'])
  })
})

function digest(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}
