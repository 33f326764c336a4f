/** `expiredWhen` with a text: an API that says in its body that the token has ended. */
import { randomBytes } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { ownerKey, startServer, type TestServer } from './harness.ts'
import { type ParticularProvider, particularProvider, type Reply, type Request } from './particular_provider.ts'
import { consent } from './sandbox.ts'

let server: TestServer
let provider: ParticularProvider
let tokens = 0
/** Tokens that the API calls expired. */
let expired: string[] = []

const isExpired = ({ headers }: Request): boolean =>
  expired.includes(String(headers.authorization).replace('Bearer ', ''))

beforeAll(async () => {
  server = await startServer()
  provider = await particularProvider({
    '/token': () => ({ body: { access_token: `token-${++tokens}`, refresh_token: 'refresh', expires_in: 3600 } }),
    '/api/me': (request) => (isExpired(request) ? { body: { error: 'Token Expired' } } : { body: { me: true } }),
  })
})
afterAll(async () => {
  await server.stop()
  await provider.stop()
})
beforeEach(() => {
  expired = []
  provider.asked.length = 0
})

async function connection(
  name: string,
  expiredWhen: object[] = [{ status: 200, bodyContains: 'Token Expired' }],
): Promise<string> {
  const { origin } = provider
  const auth = {
    type: 'oauth2',
    clientId: 'client',
    clientSecret: 'client-secret',
    authorizationUrl: `${origin}/authorize`,
    tokenUrl: `${origin}/token`,
    expiredWhen,
  }
  const service = { name, linkName: name, stage: 'ready', baseUrl: `${origin}/api`, auth }
  const made = await server.call('POST', '/v1/connections', { name, linkName: name, service })
  expect(made.status).toBe(201)
  await consent(await server.call('POST', `/v1/connections/${name}/authorize`, {}))
  expired = []
  provider.asked.length = 0
  return name
}

const current = (): string => `token-${tokens}`
const counted = (what: string): number => provider.asked.filter((one) => one === what).length

async function bytes(
  path: string,
  headers: Record<string, string> = {},
): Promise<{ response: Response; body: Buffer }> {
  const response = await fetch(`${server.url}/v1/proxy/${path}`, {
    headers: { authorization: `Bearer ${ownerKey}`, ...headers },
  })
  return { response, body: Buffer.from(await response.arrayBuffer()) }
}

test('a 200 with the text is renewed and repeated once, in the proxy and in invoke', async () => {
  const name = await connection('in_the_body')
  expired = [current()]
  const { response, body } = await bytes(`${name}/me`)
  expect([response.status, response.headers.get('mooring-attempts'), body.toString()]).toEqual([
    200,
    '2',
    '{"me":true}',
  ])
  expired = [current()]
  const invoked = await server.call('POST', `/v1/connections/${name}/invoke`, { url: '/me' })
  expect(invoked.body).toMatchObject({ status: 200, attempts: 2, body: { me: true } })
})

test('where renewing does not help the answer comes as the API gave it', async () => {
  const name = await connection('never_good')
  provider.parts['/api/never'] = (): Reply => ({ body: { error: 'Token Expired' } })
  const { response, body } = await bytes(`${name}/never`)
  expect([response.status, body.toString()]).toEqual([200, '{"error":"Token Expired"}'])
  expect(counted('GET /api/never')).toBe(2)
})

test('a packed body is looked into', async () => {
  const name = await connection('packed')
  provider.parts['/api/packed'] = (request): Reply => ({
    headers: { 'content-encoding': 'gzip' },
    bytes: gzipSync(isExpired(request) ? '{"error": "Token Expired"}' : '{}'),
  })
  expired = [current()]
  const { response } = await bytes(`${name}/packed`, { 'accept-encoding': 'gzip' })
  expect(response.headers.get('mooring-attempts')).toBe('2')
})

test('what is good goes through byte for byte, however long, and the text far into it means nothing', async () => {
  const name = await connection('long')
  const long = Buffer.concat([randomBytes(300_000), Buffer.from('Token Expired'), randomBytes(300_000)])
  provider.parts['/api/long'] = (): Reply => ({ bytes: long })
  const { response, body } = await bytes(`${name}/long`)
  expect(response.headers.get('mooring-attempts')).toBeNull()
  expect(body.equals(long)).toBe(true)
  expect(counted('GET /api/long')).toBe(1)
  expect((await bytes(`${name}/me`)).body.toString()).toBe('{"me":true}')
})

test('another status with the text, and the status without it, are only answers', async () => {
  const name = await connection('only_answers', [{ status: 400, bodyContains: 'Token Expired' }])
  provider.parts['/api/other'] = (): Reply => ({ status: 200, body: { error: 'Token Expired' } })
  provider.parts['/api/bad'] = (): Reply => ({ status: 400, body: { error: 'missing name' } })
  for (const path of ['other', 'bad']) await bytes(`${name}/${path}`)
  expect(provider.asked).toEqual(['GET /api/other', 'GET /api/bad'])
})

test('an event stream is not held back', async () => {
  const name = await connection('events')
  provider.parts['/api/events'] = (): Reply => ({
    headers: { 'content-type': 'text/event-stream' },
    body: 'data: Token Expired\n\n',
  })
  expect((await bytes(`${name}/events`)).response.headers.get('mooring-attempts')).toBeNull()
})
