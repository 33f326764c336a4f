import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startServer, type TestServer } from './harness.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.stop())

const ready = (name: string, more: object = {}): object => ({
  name,
  stage: 'ready',
  auth: { type: 'api_key', parameters: [{ name: 'API key', key: 'x-key', location: 'header' }] },
  baseUrl: 'https://api.example.com/v1',
  ...more,
})

describe('services', () => {
  test('R-231 a service without a stage is a draft, and becomes ready once what is missing is filled in', async () => {
    const draft = await server.call('POST', '/v1/services', { name: 'A draft' })
    expect(draft.status).toBe(201)
    expect(draft.body).toMatchObject({
      stage: 'draft',
      linkName: 'a_draft',
      auth: null,
      readyAt: null,
      connectionCount: 0,
    })
    const early = await server.call('POST', '/v1/services/a_draft/ready')
    expect(early.status).toBe(422)
    expect(early.body['errors']).toEqual([
      expect.objectContaining({ path: 'auth', code: 'required' }),
      expect.objectContaining({ path: 'hosts', code: 'required' }),
    ])
    const patched = await server.call('PATCH', '/v1/services/a_draft', {
      auth: { type: 'bearer' },
      hosts: ['API.example.com.'],
    })
    expect(patched.body).toMatchObject({
      auth: { type: 'bearer', parameterName: 'Bearer Token', tokenPrefix: 'Bearer' },
      hosts: ['api.example.com'],
    })
    const done = await server.call('POST', '/v1/services/a_draft/ready')
    expect(done.body).toMatchObject({ stage: 'ready' })
    expect((await server.call('POST', '/v1/services/a_draft/ready')).body).toMatchObject({
      code: 'service_ready',
      status: 409,
    })
  })

  test('every wrong field is told at once, and nothing is stored', async () => {
    const before = await server.call('GET', '/v1/services')
    const { status, body } = await server.call('POST', '/v1/services', {
      name: '!',
      linkName: '1x',
      stage: 'ready',
      auth: { type: 'bearer', tokenPrefix: 5, nonsense: true },
      hosts: ['https://x/'],
      color: 'red',
    })
    expect(status).toBe(422)
    expect(body).toMatchObject({ code: 'validation_failed' })
    const paths = (body['errors'] as { path: string }[]).map((error) => error.path)
    expect(paths).toEqual(
      expect.arrayContaining(['name', 'linkName', 'color', 'auth.tokenPrefix', 'auth.nonsense', 'hosts.0']),
    )
    expect((await server.call('GET', '/v1/services')).body).toEqual(before.body)
  })

  test('R-237 R-238 the authentication of a ready service is frozen; its name and hosts are not', async () => {
    await server.call('POST', '/v1/services', ready('Frozen'))
    expect((await server.call('PATCH', '/v1/services/frozen', { auth: { type: 'bearer' } })).body).toMatchObject({
      code: 'service_ready',
    })
    expect((await server.call('PATCH', '/v1/services/frozen', { stage: 'draft' })).body).toMatchObject({
      code: 'service_ready',
    })
    expect((await server.call('PATCH', '/v1/services/frozen', { linkName: 'thawed' })).body).toMatchObject({
      code: 'service_ready',
    })
    const renamed = await server.call('PATCH', '/v1/services/frozen', {
      name: 'Still frozen',
      hosts: ['b.example.com'],
    })
    expect(renamed.body).toMatchObject({ name: 'Still frozen', linkName: 'frozen', hosts: ['b.example.com'] })
  })

  test('a link name that is taken is refused when chosen, and numbered when made', async () => {
    await server.call('POST', '/v1/services', { name: 'Twice' })
    expect((await server.call('POST', '/v1/services', { name: 'Twice' })).body).toMatchObject({ linkName: 'twice_1' })
    expect((await server.call('POST', '/v1/services', { name: 'Other', linkName: 'twice' })).body).toMatchObject({
      code: 'link_name_taken',
      status: 409,
    })
  })

  test('a repeated Idempotency-Key gets the first reply', async () => {
    const first = await server.call('POST', '/v1/services', { name: 'Once' }, { 'idempotency-key': 'one' })
    const again = await server.call('POST', '/v1/services', { name: 'Once' }, { 'idempotency-key': 'one' })
    expect(again.body).toEqual(first.body)
    expect(again.status).toBe(201)
    expect((await server.call('POST', '/v1/services', { name: 'Else' }, { 'idempotency-key': 'one' })).status).toBe(422)
  })

  test('S-55 a logo is told by its content', async () => {
    await server.call('POST', '/v1/services', { name: 'Pictured' })
    const png = Buffer.concat([Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), Buffer.alloc(100)])
    const put = async (bytes: Buffer, type: string): Promise<Response> =>
      fetch(`${server.url}/v1/services/pictured/logo`, {
        method: 'PUT',
        headers: { authorization: `Bearer ${server.config.bootstrapApiKey}`, 'content-type': type },
        body: new Uint8Array(bytes),
      })
    expect((await put(Buffer.from('<svg/>'), 'image/png')).status).toBe(415)
    expect((await put(Buffer.concat([png, Buffer.alloc(1_048_576)]), 'image/png')).status).toBe(413)
    expect((await put(png, 'text/html')).status).toBe(204)
    const got = await server.call('GET', '/v1/services/pictured/logo')
    expect([got.status, got.headers.get('content-type'), got.headers.get('x-content-type-options')]).toEqual([
      200,
      'image/png',
      'nosniff',
    ])
  })

  test('no call works without a key, and an unknown one learns nothing', async () => {
    for (const path of ['/v1/services', '/v1/nothing', '/v1/openapi.json', '/metrics']) {
      expect((await server.call('GET', path, undefined, { authorization: '' })).body).toMatchObject({
        status: 401,
        code: 'unauthenticated',
      })
    }
    expect((await server.call('GET', '/healthz', undefined, { authorization: '' })).status).toBe(200)
    expect((await server.call('GET', '/readyz', undefined, { authorization: '' })).status).toBe(200)
  })
})
