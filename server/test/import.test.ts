/** `POST /v1/services/import`: drafts from documents, commands and servers. */
import { stringify } from 'yaml'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Imported, routes } from '@mooring/contract'
import { type Answer, startServer, type TestServer } from './harness.ts'
import { provider } from './import_world.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.stop())

async function imports(body: object): Promise<Imported> {
  const answer = await server.call('POST', '/v1/services/import', body)
  expect(answer.status, answer.text).toBe(200)
  return routes.importServices.reply.parse(answer.body)
}

describe('curl', () => {
  test('a bearer token becomes a draft that is taken as it is, and the token is nowhere', async () => {
    const secret = 'sk_live_51Habcdef0123456789'
    const { services, notes, missing } = await imports({
      curl: `curl https://api.example.com/v1/me -H "Authorization: Bearer ${secret}" -H 'Notion-Version: 2022-06-28'`,
    })
    expect(services).toHaveLength(1)
    expect(services[0]).toMatchObject({
      stage: 'draft',
      auth: { type: 'bearer', tokenPrefix: 'Bearer' },
      baseUrl: 'https://api.example.com',
      hosts: ['api.example.com'],
      headers: { 'Notion-Version': '2022-06-28' },
      probe: { method: 'GET', path: '/v1/me' },
    })
    expect(missing).toEqual([])
    expect(JSON.stringify([services, notes])).not.toContain(secret)
    const made = await server.call('POST', '/v1/services', { ...services[0], stage: 'ready' })
    expect(made.status, made.text).toBe(201)
    expect(server.logged()).not.toContain(secret)
  })
})

const openapi = {
  openapi: '3.0.3',
  info: { title: 'Books', version: '1' },
  servers: [{ url: '/v2' }],
  components: { securitySchemes: { key: { type: 'apiKey', in: 'header', name: 'X-Api-Key' } } },
  security: [{ key: [] }],
  paths: {},
}
const trouble = (body: unknown): Promise<Answer> => server.call('POST', '/v1/services/import', body)

describe('a document', () => {
  test('makes the same drafts as an object, as JSON and as YAML', async () => {
    const [first, ...others] = await Promise.all([
      imports({ openapi }),
      imports({ openapi: JSON.stringify(openapi) }),
      imports({ openapi: `\ufeff${stringify(openapi)}` }),
    ])
    expect(first?.services).toMatchObject([{ name: 'Books', auth: { type: 'api_key' } }])
    for (const other of others) expect(other).toEqual(first)
  })

  test('found by its URL has its relative URLs resolved, after a redirect too', async () => {
    await using docs = await provider({
      '/start': { status: 302, headers: { location: '{origin}/docs/openapi.yaml' }, body: '' },
      '/docs/openapi.yaml': { body: stringify({ ...openapi, servers: [{ url: '../v2' }] }) },
    })
    const { services } = await imports({ url: `${docs.origin}/start` })
    expect(services).toMatchObject([{ baseUrl: `${docs.origin}/v2`, hosts: [new URL(docs.origin).host] }])
  })

  test('of Postman and metadata at its place are told by their content', async () => {
    await using place = await provider({
      '/c': { body: { info: { name: 'C' }, item: [], auth: { type: 'bearer' } } },
      '/.well-known/openid-configuration': {
        body: { issuer: '{origin}/', token_endpoint: '{origin}/token', authorization_endpoint: '{origin}/a' },
      },
      '/elsewhere.json': { body: { issuer: '{origin}', token_endpoint: '{origin}/token' } },
    })
    expect((await imports({ url: `${place.origin}/c` })).services).toMatchObject([
      { name: 'C', auth: { type: 'bearer' } },
    ])
    expect((await imports({ url: `${place.origin}/.well-known/openid-configuration` })).services).toMatchObject([
      { auth: { type: 'oauth2', tokenUrl: `${place.origin}/token`, issuer: `${place.origin}/` } },
    ])
    const misplaced = await trouble({ url: `${place.origin}/elsewhere.json` })
    expect([misplaced.status, misplaced.body['code']]).toEqual([502, 'provider_error'])
  })

  test.each<[string, unknown, number, string]>([
    ['no source', {}, 422, 'validation_failed'],
    ['two sources', { curl: 'curl https://a.example', issuer: 'https://a.example' }, 422, 'validation_failed'],
    ['an unknown field', { curl: 'curl https://a.example', x: 1 }, 422, 'validation_failed'],
    ['register without mcp', { issuer: 'https://a.example', register: true }, 422, 'validation_failed'],
    ['a document of another kind', { openapi: { info: {} } }, 422, 'validation_failed'],
    ['OpenAPI 1.2', { openapi: { swagger: '1.2' } }, 422, 'validation_failed'],
    ['a list', { openapi: '[1, 2]' }, 422, 'validation_failed'],
    ['a scalar', { openapi: 'hello' }, 422, 'validation_failed'],
    ['broken YAML', { openapi: 'a: [1' }, 422, 'validation_failed'],
    ['a collection that is none', { postman: { info: {} } }, 422, 'validation_failed'],
    ['an alias bomb', { openapi: bomb() }, 422, 'validation_failed'],
    ['deep JSON', { openapi: `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}` }, 422, 'validation_failed'],
    ['deep YAML', { openapi: `a: ${'['.repeat(3000)}${']'.repeat(3000)}` }, 422, 'validation_failed'],
    ['a document that is too long', { openapi: ' '.repeat(5_242_881) }, 413, 'too_large'],
    ['another protocol', { url: 'ftp://a.example/x' }, 422, 'validation_failed'],
    ['a file', { url: 'file:///etc/passwd' }, 422, 'validation_failed'],
    ['a user in the URL', { url: 'https://a:b@a.example/x' }, 422, 'validation_failed'],
    ['cloud metadata', { url: 'http://169.254.169.254/latest' }, 403, 'egress_blocked'],
    ['an inner address', { issuer: 'http://10.0.0.1' }, 403, 'egress_blocked'],
    ['an inner MCP server', { mcp: 'http://[fd00::1]/mcp' }, 403, 'egress_blocked'],
  ])('that is hostile or wrong is refused: %s', async (_, body, status, code) => {
    const answer = await trouble(body)
    expect([answer.status, answer.body['code']], answer.text).toEqual([status, code])
    expect(answer.text.length).toBeLessThan(2000)
    expect((await server.call('GET', '/v1/services')).body['items']).not.toContainEqual(
      expect.objectContaining({ name: 'Books' }),
    )
  })

  test('at a URL is judged by what is there', async () => {
    await using place = await provider({
      '/page': { body: '<!doctype html><title>Docs</title>' },
      '/secret': { status: 401, body: 'no' },
      '/inside': { status: 302, headers: { location: 'http://169.254.169.254/' }, body: '' },
      '/round': { status: 302, headers: { location: '{origin}/round' }, body: '' },
      '/huge': { body: 'x'.repeat(5_242_881) },
    })
    const at = async (path: string): Promise<unknown[]> => {
      const answer = await trouble({ url: place.origin + path })
      return [answer.status, answer.body['code']]
    }
    expect(await at('/page')).toEqual([422, 'validation_failed'])
    expect(await at('/secret')).toEqual([502, 'provider_error'])
    expect(await at('/inside')).toEqual([403, 'egress_blocked'])
    expect(await at('/round')).toEqual([502, 'provider_error'])
    expect(await at('/huge')).toEqual([413, 'too_large'])
    expect(await at('/nothing')).toEqual([502, 'provider_error'])
  })

  test('with names that JavaScript or a terminal would take for its own does no harm', async () => {
    const text = `{"openapi":"3.0.0","info":{"title":"\u001b[31mRed\u202e"},"servers":[{"url":"https://a.example"}],
      "components":{"securitySchemes":{"__proto__":{"type":"http","scheme":"bearer"},"constructor":{"type":"\u001b[2J"}}}}`
    const { services, notes } = await imports({ openapi: text })
    expect(services).toMatchObject([{ name: '31mRed', auth: { type: 'bearer' } }])
    expect(JSON.stringify([services, notes])).not.toMatch(/u001b|\u202e/)
  })
})

describe('an issuer', () => {
  const metadata = (issuer: string): object => ({
    issuer,
    authorization_endpoint: '{origin}/a',
    token_endpoint: '{origin}/t',
  })

  test('is believed only where its document names it, character for character', async () => {
    await using place = await provider({
      '/.well-known/openid-configuration': { body: metadata('https://other.example') },
    })
    const answer = await trouble({ issuer: place.origin })
    expect([answer.status, answer.body['code']]).toEqual([502, 'provider_error'])
    expect(answer.body['detail']).toContain('another issuer (https://other.example)')
    const slash = await trouble({ issuer: `${place.origin}/` })
    expect(slash.status).toBe(502)
  })

  test('with a path is looked for by the rules of RFC 8414 and of OpenID Connect', async () => {
    for (const path of ['/.well-known/oauth-authorization-server/t1', '/t1/.well-known/openid-configuration']) {
      await using place = await provider({ [path]: { body: metadata('{origin}/t1') } })
      for (const issuer of [`${place.origin}/t1`, place.origin + path]) {
        const { services } = await imports({ issuer })
        expect(services).toMatchObject([{ auth: { tokenUrl: `${place.origin}/t`, clientAuthentication: 'header' } }])
      }
    }
  })
})

describe('an MCP server', () => {
  const answers = {
    '/mcp': {
      status: 401,
      headers: { 'www-authenticate': 'Bearer error="invalid_token", resource_metadata="{origin}/meta"' },
      body: {},
    },
    '/meta': { body: { resource: '{origin}/mcp', authorization_servers: ['{origin}/as'] } },
    '/.well-known/oauth-authorization-server/as': {
      body: {
        issuer: '{origin}/as',
        authorization_endpoint: '{origin}/as/a',
        token_endpoint: '{origin}/as/t',
        registration_endpoint: '{origin}/as/register',
        token_endpoint_auth_methods_supported: ['client_secret_basic'],
        code_challenge_methods_supported: ['S256'],
      },
    },
    '/as/register': {
      status: 201,
      body: { client_id: 'made-here', client_secret: 'made-secret-0815', registration_access_token: 'never-kept-4711' },
    },
  }

  test('is asked without a token, and registers nothing unless that is asked for', async () => {
    await using place = await provider(answers)
    const { services, notes, missing } = await imports({ mcp: `${place.origin}/mcp` })
    const resource = `${place.origin}/mcp`
    expect(services).toMatchObject([
      {
        auth: { type: 'oauth2', authorizationUrl: `${place.origin}/as/a` },
        baseUrl: resource,
        probe: { method: 'POST', url: resource },
      },
    ])
    // In a field of its own, or among the parameters of each request.
    expect(JSON.stringify(services[0]?.auth)).toContain(resource)
    expect(missing.map(({ path }) => path)).toEqual(['auth.clientId', 'auth.clientSecret'])
    expect(notes.join(' ')).toContain('register: true')
    expect(place.asked.map(({ path }) => path)).not.toContain('/as/register')
    for (const { headers } of place.asked) expect(headers.authorization).toBeUndefined()
  })

  test('registers a client where it is asked to, for a callback that the draft brings along', async () => {
    await using place = await provider(answers)
    const answer = await trouble({ mcp: `${place.origin}/mcp`, register: true })
    expect(answer.headers.get('cache-control')).toBe('no-store')
    const { services, missing } = routes.importServices.reply.parse(answer.body)
    expect(missing).toEqual([])
    expect(services[0]?.auth).toMatchObject({
      clientId: 'made-here',
      clientSecret: 'made-secret-0815',
      clientAuthentication: 'header',
    })
    const { body = '{}' } = place.asked.find(({ path }) => path === '/as/register') ?? {}
    const made = await server.call('POST', '/v1/services', { ...services[0], stage: 'ready' })
    expect(made.status, made.text).toBe(201)
    expect(JSON.parse(body)).toMatchObject({ client_name: 'Mooring', redirect_uris: [made.body['callbackUrl']] })
    const log = await server.call('GET', '/v1/audit-log')
    expect(log.text).toContain('A client was registered')
    for (const text of [log.text, server.logged(), made.text]) expect(text).not.toContain('made-secret-0815')
    for (const text of [answer.text, server.logged()]) expect(text).not.toContain('never-kept-4711')
  })

  test('whose metadata is about another resource is refused', async () => {
    await using place = await provider({
      ...answers,
      '/meta': { body: { resource: 'https://other.example/mcp', authorization_servers: ['{origin}/as'] } },
    })
    const answer = await trouble({ mcp: `${place.origin}/mcp` })
    expect([answer.status, answer.body['code']]).toEqual([502, 'provider_error'])
    expect(answer.body['detail']).toContain('another resource')
  })

  test('that wants nothing has nothing to connect', async () => {
    await using place = await provider({ '/mcp': { body: { jsonrpc: '2.0', id: 1, result: {} } } })
    const { services, notes } = await imports({ mcp: `${place.origin}/mcp` })
    expect(services).toHaveLength(1)
    expect(notes.join(' ')).toContain('without any authorization')
  })
})

test('an import is written down, and only who manages may ask for one', async () => {
  const key = await server.call('POST', '/v1/api-keys', { name: 'reader', role: 'viewer' })
  const refused = await server.call(
    'POST',
    '/v1/services/import',
    { curl: 'curl https://a.example' },
    {
      authorization: `Bearer ${String(key.body['key'])}`,
    },
  )
  expect(refused.status).toBe(403)
  await imports({ curl: 'curl https://a.example' })
  expect((await server.call('GET', '/v1/audit-log?action=service.import')).text).toContain('nothing was stored')
})

/** Nine aliases to the power of nine. */
function bomb(): string {
  const names = Array.from('abcdefghi')
  const lines = names.map((name, index) => {
    const inner = index === 0 ? '"lol"' : `*${names[index - 1]}`
    return `${name}: &${name} [${Array.from({ length: 9 }, () => inner).join(', ')}]`
  })
  return lines.join('\n')
}
