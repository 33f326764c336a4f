/** Services and connections as files: complete, without secrets, the same every time. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ConnectionFile, ServiceFile } from '@mooring/contract'
import { parse } from 'yaml'
import { startServer, type TestServer } from './harness.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.stop())

const books = {
  name: 'Books',
  description: 'All books.',
  stage: 'ready',
  auth: {
    type: 'oauth2',
    clientId: 'id',
    clientSecret: 'planted-secret-4711',
    authorizationUrl: 'https://login.example.com/authorize',
    tokenUrl: 'https://login.example.com/token',
    authorizationParams: { access_type: 'offline' },
  },
  scopes: ['books.read', { name: 'Write', value: 'books.write' }],
  scopeDelimiter: 'space',
  baseUrl: 'https://api.example.com/v1',
  hosts: ['api.example.com'],
  headers: { 'X-Version': '2' },
  probe: { path: '/me' },
}

test('a service comes without secrets and presets, and makes the same service again', async () => {
  await server.call('POST', '/v1/services', books)
  const { body, text, status } = await server.call('GET', '/v1/services/books/export')
  expect(status).toBe(200)
  expect(text).not.toContain('planted-secret-4711')
  expect(body).toEqual({
    kind: 'service',
    version: 1,
    linkName: 'books',
    name: 'Books',
    description: 'All books.',
    stage: 'ready',
    auth: { ...books.auth, clientSecret: { set: true } },
    scopes: [
      { name: 'books_read', value: 'books.read' },
      { name: 'Write', value: 'books.write' },
    ],
    scopeDelimiter: 'space',
    baseUrl: 'https://api.example.com/v1',
    hosts: ['api.example.com'],
    probe: { method: 'GET', path: '/me' },
    headers: { 'X-Version': '2' },
  })
  expect(ServiceFile.safeParse(body).success).toBe(true)
  const { kind: _, version: __, linkName: ___, ...definition } = body
  const auth = { ...books.auth, clientSecret: 'another' }
  await server.call('POST', '/v1/services', { ...definition, auth, linkName: 'again' })
  const again = await server.call('GET', '/v1/services/again/export')
  expect(again.body).toEqual({ ...body, linkName: 'again' })
})

test('a draft of little is a file of little', async () => {
  await server.call('POST', '/v1/services', { name: 'Sketch', auth: { type: 'api_key' } })
  expect((await server.call('GET', '/v1/services/sketch/export')).body).toEqual({
    kind: 'service',
    version: 1,
    linkName: 'sketch',
    name: 'Sketch',
    stage: 'draft',
    auth: { type: 'api_key' },
  })
})

test('a connection comes without its credential', async () => {
  const made = await server.call('POST', '/v1/connections', {
    name: 'Token',
    service: {
      name: 'Plain',
      auth: { type: 'bearer' },
      hosts: ['{shop}.example.com'],
      placeholders: [{ name: 'shop', label: 'Shop' }],
    },
    parameters: { shop: 'a' },
    credentials: { token: 'planted-token-0815' },
  })
  expect(made.status, made.text).toBe(201)
  const { body, text } = await server.call('GET', '/v1/connections/token/export')
  expect(body).toEqual({
    kind: 'connection',
    version: 1,
    linkName: 'token',
    name: 'Token',
    service: 'plain',
    authorizationLevel: 'shared',
    scopes: [],
    parameters: { shop: 'a' },
  })
  expect(ConnectionFile.safeParse(body).success).toBe(true)
  expect(text).not.toContain('planted-token-0815')
})

test.each([
  ['application/yaml', true],
  ['text/yaml;q=0.9, */*', true],
  ['application/json, application/yaml', false],
  ['*/*', false],
])('Accept: %s is YAML: %s', async (accept, yaml) => {
  const path = '/v1/services/books/export'
  const json = await server.call('GET', path)
  const answer = await server.call('GET', path, undefined, { accept })
  expect(answer.headers.get('content-type')).toBe(
    yaml ? 'application/yaml; charset=utf-8' : 'application/json; charset=utf-8',
  )
  expect(answer.headers.get('vary')).toBe('Accept')
  expect(yaml ? parse(answer.text) : answer.body).toEqual(json.body)
})

test('what is not there, or not yours, is not found', async () => {
  await server.call('POST', '/v1/connections', { name: 'Other', service: 'plain', parameters: { shop: 'b' } })
  const key = await server.call('POST', '/v1/api-keys', { name: 'narrow', role: 'viewer', connections: ['other'] })
  const authorization = `Bearer ${String(key.body['key'])}`
  const status = async (path: string): Promise<number> =>
    (await server.call('GET', path, undefined, { authorization })).status
  expect(await status('/v1/connections/other/export')).toBe(200)
  expect(await status('/v1/connections/token/export')).toBe(404)
  expect(await status('/v1/services/plain/export')).toBe(403)
  expect((await server.call('GET', '/v1/services/nothing/export')).status).toBe(404)
})
