import { describe, expect, test, vi } from 'vitest'
import { readAll, sendJson, sendProblem, standIn } from '../test/stand_in.ts'
import { createClient } from './client.ts'
import { MooringError } from './error.ts'

async function failureOf(promise: Promise<unknown>): Promise<MooringError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (error instanceof MooringError) return error
  throw new Error('expected a MooringError', { cause: error })
}

describe('a call', () => {
  test('carries the key, JSON and the idempotency key', async () => {
    let body = ''
    await using server = await standIn(async (request, response) => {
      body = await readAll(request)
      sendJson(response, 201, { linkName: 'books' })
    })
    const client = createClient({ url: `${server.url}/`, apiKey: ' mk_secret\n', userAgent: 'tests' })
    const made = await client.services.create({ name: 'Books' }, { idempotencyKey: 'once' })
    expect(made.linkName).toBe('books')
    expect(JSON.parse(body)).toEqual({ name: 'Books' })
    expect(server.seen[0]?.headers).toMatchObject({
      authorization: 'Bearer mk_secret',
      'content-type': 'application/json',
      'idempotency-key': 'once',
      'user-agent': 'tests',
    })
  })

  test('brings the CSRF token of a session with writes, and never beside a key', async () => {
    await using server = await standIn((_, response) => sendJson(response, 200, {}))
    const page = createClient({ url: server.url, csrfToken: () => 'the-token' })
    await page.whoami()
    await page.services.ready('books')
    await createClient({ url: server.url, csrfToken: () => undefined }).services.ready('books')
    await createClient({ url: server.url, apiKey: 'mk_x', csrfToken: () => 'the-token' }).services.ready('books')
    const brought = server.seen.map(({ headers }) => headers['x-csrf-token'])
    expect(brought).toEqual([undefined, 'the-token', undefined, undefined])
  })

  test('finds the server under a path', async () => {
    await using server = await standIn((_, response) => sendJson(response, 200, {}))
    await createClient({ url: `${server.url}/mooring/` }).whoami()
    expect(server.seen[0]?.target).toBe('/mooring/v1/whoami')
  })

  test('takes URL and key from the environment', async () => {
    await using server = await standIn((_, response) => sendJson(response, 200, {}))
    vi.stubEnv('MOORING_URL', server.url)
    vi.stubEnv('MOORING_API_KEY', 'mk_from_env')
    await createClient().whoami()
    expect(server.seen[0]?.headers.authorization).toBe('Bearer mk_from_env')
  })

  test('leaves out what was not asked for in the query', async () => {
    await using server = await standIn((_, response) => sendJson(response, 200, { items: [], nextCursor: null }))
    const client = createClient({ url: server.url })
    await client.connections.list({ query: 'a&b', limit: 5, service: undefined })
    await client.services.delete('x', { force: true })
    await client.services.delete('x', { force: false })
    expect(server.seen.map(({ target }) => target)).toEqual([
      '/v1/connections?query=a%26b&limit=5',
      '/v1/services/x?force=true',
      '/v1/services/x',
    ])
  })

  test('gives nothing back for 204', async () => {
    await using server = await standIn((_, response) => void response.writeHead(204).end())
    expect(await createClient({ url: server.url }).keys.delete('k')).toBeUndefined()
  })

  test('walks all pages, each when it is needed', async () => {
    await using server = await standIn((request, response) => {
      const last = request.url?.includes('cursor=two') ?? false
      sendJson(response, 200, { items: [{ id: last ? '2' : '1' }], nextCursor: last ? null : 'two' })
    })
    const found: [id: string, requests: number][] = []
    for await (const { id } of createClient({ url: server.url }).connections.all({ status: 'active' })) {
      found.push([id, server.seen.length])
    }
    expect(found).toEqual([
      ['1', 1],
      ['2', 2],
    ])
    expect(server.seen[1]?.target).toBe('/v1/connections?status=active&cursor=two')
  })

  test('follows no redirect, so the key goes nowhere else', async () => {
    await using other = await standIn((_, response) => sendJson(response, 200, {}))
    await using server = await standIn((_, response) => {
      response.writeHead(302, { location: `${other.url}/v1/whoami` }).end()
    })
    const error = await failureOf(createClient({ url: server.url, apiKey: 'mk_k' }).whoami())
    expect(error).toMatchObject({ code: 'unexpected_answer', status: 302 })
    expect(other.seen).toEqual([])
  })

  test('ends with its signal', async () => {
    await using server = await standIn(() => undefined)
    const call = createClient({ url: server.url }).whoami({ signal: AbortSignal.timeout(50) })
    await expect(call).rejects.toMatchObject({ name: 'TimeoutError' })
  })
})

describe('a failure', () => {
  test('is told by its problem document', async () => {
    const errors = [{ path: 'auth.clientId', code: 'required', message: 'Fill this in.' }]
    await using server = await standIn((_, response) =>
      sendProblem(
        response,
        422,
        'validation_failed',
        { detail: 'One field is wrong.', errors, hint: 'Fix it.' },
        { 'retry-after': '7' },
      ),
    )
    const error = await failureOf(createClient({ url: server.url }).services.ready('books'))
    expect(error.message).toBe('One field is wrong.')
    expect(error).toMatchObject({
      code: 'validation_failed',
      status: 422,
      errors,
      hint: 'Fix it.',
      requestId: 'r1',
      retryAfterSeconds: 7,
    })
    expect(error.toJSON()).toMatchObject({ code: 'validation_failed', status: 422, errors, requestId: 'r1' })
  })

  test('without an answer is unreachable, with its cause', async () => {
    const server = await standIn(() => undefined)
    await server[Symbol.asyncDispose]()
    const error = await failureOf(createClient({ url: server.url, apiKey: 'mk_k' }).whoami())
    expect(error).toMatchObject({ code: 'unreachable', status: 0 })
    expect(error.message).toBe(`No answer from ${server.url} (ECONNREFUSED).`)
    expect(error.cause).toBeInstanceOf(TypeError)
  })

  test.each([
    [502, 'text/html', '<h1>Bad gateway</h1>'],
    [200, 'text/html', '<h1>Welcome</h1>'],
    [500, 'application/json', '{"error":"x"}'],
    [500, 'application/json', 'null'],
  ])('that is not ours (%i %s %s) says to check the address', async (status, type, body) => {
    await using server = await standIn((_, response) => {
      response.writeHead(status, { 'content-type': type, 'x-request-id': 'r9' }).end(body)
    })
    const error = await failureOf(createClient({ url: server.url }).whoami())
    expect(error).toMatchObject({ code: 'unexpected_answer', status })
    expect(error.message).toContain('check that this is the address')
  })
})

describe('settings', () => {
  test.each(['localhost:4280', 'ftp://example.com', '', 'http://me:pw@example.com'])('refuses the URL %j', (url) => {
    expect(() => createClient({ url })).toThrow(TypeError)
  })

  test('refuses a key that cannot be one, without repeating it', () => {
    expect(() => createClient({ url: 'http://x.test', apiKey: 'mk_a\nb' })).toThrow(/^(?!.*mk_a)/s)
  })
})
