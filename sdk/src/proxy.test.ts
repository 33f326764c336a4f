import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { readAll, sendProblem, standIn } from '../test/stand_in.ts'
import { createClient } from './client.ts'
import { proxyPath } from './proxy.ts'

const textEncoder = new TextEncoder()

describe('the path of a proxied call', () => {
  test.each([
    ['https://api.example.com/v1/items?a=1&b=%2F+x#frag', 'https://api.example.com/v1/items?a=1&b=%2F+x'],
    ['https://api.example.com', 'https://api.example.com/'],
    ['http://[::1]:8080/x', 'http://[::1]:8080/x'],
    ['https://api.example.com/a%2Fb/%7Bc%7D;v=1/d(e)!*\'"|', "https://api.example.com/a%2Fb/%7Bc%7D;v=1/d(e)!*'%22|"],
    ['https://api.example.com/über?q=日本', 'https://api.example.com/%C3%BCber?q=%E6%97%A5%E6%9C%AC'],
    [
      'https://api.example.com/?redirect=https://other.example/?x=1',
      'https://api.example.com/?redirect=https://other.example/?x=1',
    ],
    ['https://api.example.com/x?', 'https://api.example.com/x?'],
    ['users/1?full=true#top', 'users/1?full=true'],
    ['/users/1', 'users/1'],
    ['items:batchGet?ids=1', 'items:batchGet?ids=1'],
    ['?page=2', '?page=2'],
    ['', ''],
  ])('%s', (target, expected) => {
    expect(proxyPath('my_books', target)).toBe(`/v1/proxy/my_books/${expected}`)
  })

  test.each([
    'https://api.example.com/../../../api-keys',
    'https://api.example.com/%2e%2e/%2E./../api-keys',
    '../../api-keys',
    '/../../../v1/api-keys',
    '%2e%2e/api-keys',
    '..\\..\\api-keys',
  ])('%s cannot climb out of the proxy', (target) => {
    const sent = new URL(`http://server.test${proxyPath('books', target)}`)
    expect(sent.pathname).toMatch(/^\/v1\/proxy\/books\//)
  })

  test.each(['ftp://example.com/x', 'https://', 'https://me:pw@example.com/x'])(
    '%s is refused as fetch does',
    (target) => {
      expect(() => proxyPath('books', target)).toThrow(TypeError)
    },
  )
})

describe('connections.fetch', () => {
  test('sends method, headers and body, and options as Mooring- headers', async () => {
    let body = ''
    await using server = await standIn(async (request, response) => {
      body = await readAll(request)
      response.writeHead(201, { 'x-upstream': 'yes' }).end('made')
    })
    const client = createClient({ url: server.url, apiKey: 'mk_key' })
    const response = await client.connections.fetch('books', 'https://api.example.com/items?x=1', {
      method: 'post',
      headers: {
        'x-own': 'a',
        Authorization: 'Bearer theirs',
        Cookie: 'a=b',
        'Mooring-User': 'mallory',
        'mooring-x': '1',
      },
      body: 'hello',
      user: 'ada',
      timeoutSeconds: 5,
      retry: 2,
    })
    expect([response.status, response.headers.get('x-upstream'), await response.text()]).toEqual([201, 'yes', 'made'])
    expect(body).toBe('hello')
    expect(server.seen[0]).toMatchObject({
      method: 'POST',
      target: '/v1/proxy/books/https://api.example.com/items?x=1',
      headers: {
        authorization: 'Bearer mk_key',
        'x-own': 'a',
        'mooring-user': 'ada',
        'mooring-timeout': '5',
        'mooring-retry': '2',
        'content-length': '5',
      },
    })
    expect(server.seen[0]?.headers).not.toHaveProperty('mooring-x')
    expect(server.seen[0]?.headers).not.toHaveProperty('cookie')
  })

  test('sends no Mooring- header and no Authorization that nobody set', async () => {
    await using server = await standIn((_, response) => void response.end())
    await createClient({ url: server.url, apiKey: '' }).connections.fetch('books', '/x', {
      headers: { authorization: 'Basic abc' },
    })
    const names = Object.keys(server.seen[0]?.headers ?? {})
    expect(names.filter((name) => name === 'authorization' || name.startsWith('mooring-'))).toEqual([])
  })

  test('takes a Request, and what follows it overrides it', async () => {
    const bodies: string[] = []
    await using server = await standIn(async (request, response) => {
      bodies.push(await readAll(request))
      response.end()
    })
    const { connections } = createClient({ url: server.url })
    const request = (): Request =>
      new Request('https://api.example.com/a?b=c#d', { method: 'PUT', headers: { 'x-a': '1' }, body: 'from request' })
    await connections.fetch('books', request())
    await connections.fetch('books', request(), { method: 'PATCH', body: 'from init', headers: { 'x-b': '2' } })
    expect(bodies).toEqual(['from request', 'from init'])
    expect(server.seen).toMatchObject([
      { method: 'PUT', target: '/v1/proxy/books/https://api.example.com/a?b=c', headers: { 'x-a': '1' } },
      { method: 'PATCH', headers: { 'x-b': '2' } },
    ])
    expect(server.seen[1]?.headers).not.toHaveProperty('x-a')
  })

  test.each([200, 204, 302, 401, 404, 500, 503])('returns the %i of the API as it is', async (status) => {
    await using server = await standIn((_, response) => {
      response.writeHead(status, { location: 'https://elsewhere.example/', 'x-request-id': 'r' }).end()
    })
    const response = await createClient({ url: server.url }).connections.fetch('books', '/x')
    expect([response.status, response.headers.get('location')]).toEqual([status, 'https://elsewhere.example/'])
    expect(server.seen).toHaveLength(1)
  })

  test('throws what Mooring answers itself', async () => {
    await using server = await standIn((_, response) =>
      sendProblem(
        response,
        409,
        'reauthorization_required',
        { hint: 'Connect again.' },
        {
          'mooring-error': 'reauthorization_required',
        },
      ),
    )
    const call = createClient({ url: server.url }).connections.fetch('books', '/x')
    await expect(call).rejects.toMatchObject({ name: 'MooringError', code: 'reauthorization_required', status: 409 })
  })

  test('returns a problem document of the API, which is not Mooring’s', async () => {
    await using server = await standIn((_, response) => sendProblem(response, 409, 'not_found'))
    const response = await createClient({ url: server.url }).connections.fetch('books', '/x')
    expect(response.status).toBe(409)
  })

  test('hands over each piece of an answer when it arrives', async () => {
    const gate = Promise.withResolvers<void>()
    await using server = await standIn(async (_, response) => {
      response.write('first')
      await gate.promise
      response.end('second')
    })
    const response = await createClient({ url: server.url }).connections.fetch('books', '/stream')
    const reader = response.body?.getReader()
    const first = await reader?.read()
    // The rest has not been sent yet: what came is here already.
    expect(new TextDecoder().decode(first?.value)).toBe('first')
    gate.resolve()
    const second = await reader?.read()
    expect(new TextDecoder().decode(second?.value)).toBe('second')
  })

  test('sends each piece of a stream when it is made', async () => {
    const firstArrived = Promise.withResolvers<string>()
    await using server = await standIn(async (request, response) => {
      const [first] = await once(request, 'data')
      firstArrived.resolve(String(first))
      response.end(await readAll(request))
    })
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(textEncoder.encode('one')),
      async pull(controller) {
        // Made only once the server holds the first piece; a client that gathers the body would wait for ever.
        expect(await firstArrived.promise).toBe('one')
        controller.enqueue(textEncoder.encode('two'))
        controller.close()
      },
    })
    const response = await createClient({ url: server.url }).connections.fetch('books', '/up', { method: 'POST', body })
    expect(await response.text()).toBe('two')
  })

  test('ends with its signal, and the server sees the connection close', async () => {
    const closed = Promise.withResolvers<void>()
    await using server = await standIn((request) => void request.once('close', () => closed.resolve()))
    const stop = new AbortController()
    const call = createClient({ url: server.url }).connections.fetch('books', '/slow', { signal: stop.signal })
    setTimeout(() => stop.abort(new Error('enough')), 50)
    await expect(call).rejects.toThrow('enough')
    await closed.promise
  })

  test.each([{ method: 'NOT A METHOD' }, { body: 'x' }, { method: 'HEAD', body: 'x' }, { headers: { 'a b': 'c' } }])(
    'refuses %j as fetch does',
    async (init) => {
      await using server = await standIn((_, response) => void response.end())
      await expect(createClient({ url: server.url }).connections.fetch('books', '/x', init)).rejects.toThrow(TypeError)
      expect(server.seen).toEqual([])
    },
  )

  test('asks once however it fails: repeating is the server’s business', async () => {
    await using server = await standIn((request) => void request.socket.destroy())
    const call = createClient({ url: server.url }).connections.fetch('books', '/x')
    await expect(call).rejects.toMatchObject({ code: 'unreachable' })
    expect(server.seen).toHaveLength(1)
  })
})
