import { type Preview, routes } from '@mooring/contract'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { schemes } from '../src/schemes/index.ts'
import { startServer, type TestServer } from './harness.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.stop())

async function preview(definition: object, service?: string): Promise<Preview> {
  const { status, body, text } = await server.call('POST', '/v1/services/preview', { service, definition })
  expect(status, text).toBe(200)
  return routes.previewService.reply.parse(body)
}
const wrong = ({ errors }: Preview): string[] => errors.map(({ path, code }) => `${path} ${code}`).toSorted()

const oauth2 = {
  type: 'oauth2',
  clientId: 'the-client',
  clientSecret: 'planted-client-secret',
  authorizationUrl: 'https://login.example/oauth/authorize?x=1',
  tokenUrl: 'https://login.example/oauth/token',
}
const whole = {
  name: 'Books',
  auth: oauth2,
  scopes: ['books.read', 'books.write'],
  baseUrl: 'https://api.example/v1/',
  probe: { path: '/me' },
  headers: { 'X-Version': '3' },
  callbackId: 'callback-0123456789abcdef',
}

describe('the requests of a preview', () => {
  test('are those that will go out, from the sign-in page to the calls', async () => {
    const { requests, errors } = await preview(whole)
    expect(errors).toEqual([])
    expect(requests.map(({ title }) => title)).toEqual([
      'Authorization request',
      'Token request',
      'Refresh request',
      'Every request',
    ])
    const callback = encodeURIComponent(`${server.mooring.publicUrl}/oauth/callback/${whole.callbackId}`)
    expect(requests[0]?.lines[0]).toBe(
      `GET https://login.example/oauth/authorize?x=1&response_type=code&client_id=the-client&redirect_uri=${callback}` +
        '&scope=books.read%2Cbooks.write&state=<state>&code_challenge=<code challenge>&code_challenge_method=S256',
    )
    expect(requests[3]?.lines).toEqual([
      'GET https://api.example/v1/me',
      'X-Version: 3',
      'Authorization: Bearer ••••••',
    ])
  })

  test.each([
    ['space', 'scope=books.read%20books.write&'],
    ['plus', 'scope=books.read+books.write&'],
    ['semicolon', 'scope=books.read%3Bbooks.write&'],
  ])('R-176 R-177 join the scopes by %s as the wire has it', async (scopeDelimiter, joined) => {
    const { requests } = await preview({ ...whole, scopeDelimiter })
    expect(requests[0]?.lines[0]).toContain(joined)
  })

  test('show what is right while another field is half typed', async () => {
    const shown = await preview({
      ...whole,
      auth: { ...oauth2, tokenUrl: 'https:/', authorizationParams: { a: '1', '': '2' } },
    })
    expect(wrong(shown)).toEqual(['auth.authorizationParams. required', 'auth.tokenUrl invalid_url'])
    expect(shown.requests[0]?.lines[0]).toContain('&a=1')
    expect(shown.requests[1]?.lines[0]).toBe('POST <Token URL>')
    const rows = [
      { name: 'Key', key: 'k', location: 'query' },
      { name: '', location: 'header' },
    ]
    const key = await preview({ name: 'K', auth: { type: 'api_key', parameters: rows }, hosts: ['api.example'] })
    expect(key.requests[0]?.lines).toEqual(['GET https://api.example/…?k=••••••'])
  })

  test('of nothing at all are none, and of a type alone name what is to be filled in', async () => {
    expect((await preview({})).requests).toEqual([])
    expect((await preview({ auth: { type: 'none' } })).requests).toEqual([])
    const { requests } = await preview({ auth: { type: 'oauth2' } })
    expect(requests[0]?.lines[0]).toContain('GET <Authorization URL>?response_type=code&client_id=<Client ID>')
    expect(requests.at(-1)?.lines[0]).toBe('GET <Base URL>/…')
  })
})

test('a preview says whether connecting sends a person to the provider', async () => {
  const sends = async (auth: object): Promise<boolean> => (await preview({ auth })).redirects
  expect(await sends(oauth2)).toBe(true)
  expect(await sends({ ...oauth2, grantType: 'client_credentials' })).toBe(false)
  expect(await sends({ type: 'oauth1' })).toBe(true)
  expect(await sends({ type: 'basic' })).toBe(false)
  expect((await preview({})).redirects).toBe(false)
})

describe('the errors of a preview', () => {
  test('are those of the service as it stands, with everything that is missing', async () => {
    const shown = await preview({ nonsense: 1, linkName: '1', auth: { type: 'oauth2', tokenUrl: 'x', other: true } })
    expect(wrong(shown)).toEqual([
      'auth.authorizationUrl required',
      'auth.clientId required',
      'auth.clientSecret required',
      'auth.other unknown_field',
      'auth.tokenUrl invalid_url',
      'hosts required',
      'linkName invalid_format',
      'name required',
      'nonsense unknown_field',
    ])
    expect(wrong(await preview({ name: 'A', auth: 'no', baseUrl: 'half' }))).toEqual([
      'auth invalid_type',
      'baseUrl invalid_url',
    ])
    expect(wrong(await preview({ name: 'A', auth: { type: 'bearer' }, hosts: 7 }))).toEqual(['hosts invalid_type'])
  })

  // Whatever one of these says, creating says the same.
  const auth = fc.oneof(
    fc.constantFrom<unknown>(undefined, null, 7, {}, { type: 'x' }, { type: 'bearer' }, { type: 'api_key' }, oauth2),
    fc.record(
      {
        type: fc.constantFrom(...schemes.map(({ type }) => type)),
        clientId: fc.constantFrom('a', '', 'ü', 7),
        clientSecret: fc.constantFrom('a', { set: true }, null),
        grantType: fc.constantFrom('client_credentials', 'authorization_code_pkce', 'password'),
        authorizationUrl: fc.constantFrom('https://a.example/x', 'https://{who}.example/x'),
        tokenUrl: fc.constantFrom('https://a.example/x', 'ftp://x'),
        service: fc.constantFrom('s3', 'S3'),
        region: fc.constant('us-east-1'),
        delivery: fc.constantFrom('query', 'fax'),
      },
      { requiredKeys: ['type'] },
    ),
  )
  /** Right three times out of four, so that whole definitions come about too. */
  const mostly = (right: unknown, ...others: unknown[]): fc.Arbitrary<unknown> =>
    fc.oneof({ arbitrary: fc.constant(right), weight: 3 }, { arbitrary: fc.constantFrom(...others), weight: 1 })
  const definitions = fc.record({
    name: mostly('Books', '', 7, undefined),
    auth: fc.oneof(fc.constantFrom(oauth2, { type: 'bearer' }, { type: 'basic', delivery: 'query' }), auth),
    scopes: mostly(undefined, ['a'], ['a', 'a'], 'a'),
    hosts: mostly(['api.example'], ['*'], [], [7], undefined),
    baseUrl: mostly(undefined, 'https://api.example', 'api', null),
    anyHost: mostly(undefined, true, 'yes'),
    probe: mostly(undefined, { path: '/x' }, {}, null),
    headers: mostly({ 'X-A': 'b' }, { Authorization: 'x' }),
    placeholders: mostly([{ name: 'who', label: 'Who' }], [], [{ name: '1' }]),
    colour: mostly(undefined, 'red'),
  })

  test('are none exactly where creating it as ready succeeds', async () => {
    let ready = 0
    await fc.assert(
      fc.asyncProperty(definitions, async (definition) => {
        const shown = await preview(definition)
        const made = await server.call('POST', '/v1/services', { ...definition, stage: 'ready' })
        expect(made.status, JSON.stringify(shown.errors)).toBe(shown.errors.length === 0 ? 201 : 422)
        expect(shown.errors).toEqual(expect.arrayContaining((made.body['errors'] ?? []) as Preview['errors']))
        if (made.status === 201) ready++
      }),
      { numRuns: 200 },
    )
    expect(ready).toBeGreaterThan(0)
  })

  test('come with 200 whatever is in the definition', async () => {
    const names = ['name', 'auth', 'scopes', 'hosts', 'baseUrl', 'probe', 'headers', 'placeholders', 'callbackId']
    const someAuth = fc.constantFrom(...schemes).chain(({ type, fields }) => {
      const some = fc.constantFrom(...Object.keys(fields.shape), 'scopes')
      return fc.dictionary(some, fc.jsonValue({ maxDepth: 3 })).map((rest) => ({ ...rest, type }))
    })
    const junk = fc.dictionary(fc.constantFrom(...names), fc.jsonValue({ maxDepth: 3 }))
    await fc.assert(
      fc.asyncProperty(junk, someAuth, async (rest, given) => {
        await preview(rest)
        await preview({ ...rest, auth: given })
      }),
      { numRuns: 200 },
    )
  })

  test('are none for a definition that comes near, and one with one thing missing', async () => {
    for (const key of ['name', 'auth', 'baseUrl'] as const) {
      const { [key]: _, ...rest } = { ...whole, probe: null }
      expect(wrong(await preview(rest))).not.toEqual([])
    }
    expect(wrong(await preview({ ...whole, probe: null }))).toEqual([])
  })
})

describe('a preview of a stored service', () => {
  test('counts its secrets as set, and shows what the change makes of it', async () => {
    await server.call('POST', '/v1/services', { ...whole, linkName: 'stored', callbackId: undefined })
    const kept = await preview({ auth: { ...oauth2, clientSecret: { set: true } } }, 'stored')
    expect(wrong(kept)).toEqual([])
    const changed = await preview({ auth: { type: 'oauth2', parameterLocation: 'query' }, baseUrl: null }, 'stored')
    expect(wrong(changed)).toEqual(['hosts required', 'probe.path invalid'])
    expect(wrong(await preview({ auth: { ...oauth2, clientSecret: null } }, 'stored'))).toEqual([
      'auth.clientSecret required',
    ])
    const { body } = await server.call('GET', '/v1/services/stored')
    expect(kept.requests[0]?.lines[0]).toContain(encodeURIComponent(String(body['callbackUrl'])))
    expect(body).toMatchObject({ stage: 'draft', auth: { parameterLocation: 'header' }, baseUrl: whole.baseUrl })
  })

  test('without one of that name is 404', async () => {
    const { status } = await server.call('POST', '/v1/services/preview', { service: 'nobody', definition: {} })
    expect(status).toBe(404)
  })

  test('a secret of no stored service is missing, however it is said to be set', async () => {
    expect(wrong(await preview({ ...whole, auth: { ...oauth2, clientSecret: { set: true } } }))).toEqual([
      'auth.clientSecret required',
    ])
  })
})

test('S-44 no preview holds a secret, stored or on its way', async () => {
  const planted = 'planted-1f0b6a77'
  const types = [
    { ...oauth2, clientSecret: planted },
    { ...oauth2, grantType: 'client_credentials', clientAuthentication: 'header', clientSecret: planted },
    { ...oauth2, clientAuthentication: 'query', tokenRequestFormat: 'json', clientSecret: planted },
    { type: 'basic', delivery: 'query', expected: { username: planted, password: planted } },
    {
      type: 'oauth1',
      consumerKey: planted,
      consumerSecret: `${planted}ü`,
      requestTokenUrl: 'https://a.example/r',
      authorizationUrl: 'https://a.example/a',
      tokenUrl: 'https://a.example/t',
      parameterLocation: 'query',
    },
  ]
  for (const [index, auth] of types.entries()) {
    const linkName = `planted_${index}`
    const body = {
      name: 'Planted',
      linkName,
      auth: { ...auth, consumerSecret: auth.type === 'oauth1' ? planted : undefined },
    }
    expect((await server.call('POST', '/v1/services', body)).status).toBe(201)
    for (const input of [
      { definition: { auth } },
      { definition: { ...whole, auth } },
      { service: linkName, definition: {} },
      { service: linkName, definition: { auth: { type: auth.type, tokenUrl: 'x', clientAuthentication: 'form' } } },
      { service: linkName, definition: { auth: { type: 'oauth2' } } },
    ]) {
      const { text, status } = await server.call('POST', '/v1/services/preview', input)
      expect(status, text).toBe(200)
      expect(text).not.toContain('1f0b6a77')
    }
  }
  expect(server.logged()).not.toContain('1f0b6a77')
})

test('R-075 every type comes with a form that the contract can describe', async () => {
  const { body } = await server.call('GET', '/v1/auth-types')
  const { items } = routes.listAuthTypes.reply.parse(body)
  expect(items).toEqual(body['items'])
  expect(items.map(({ type, fields }) => [type, fields.length > 0])).toContainEqual(['oauth2', true])
  expect(JSON.stringify(items.map(({ schema }) => schema))).not.toContain('"form":{')
})

describe('hints', () => {
  test('R-144 name what a known host wants for a refresh token, and the change that does it', async () => {
    const auth = { ...oauth2, authorizationUrl: 'https://accounts.zoho.eu/oauth/v2/auth' }
    const { hints } = await preview({ ...whole, auth })
    expect(hints).toEqual([
      {
        path: 'auth.authorizationUrl',
        message: expect.stringContaining('no refresh token without access_type=offline') as string,
        fix: { 'auth.authorizationParams.access_type': 'offline' },
        fixLabel: 'Add it for me',
      },
    ])
    const fixed = { ...auth, authorizationParams: { access_type: 'offline' } }
    expect((await preview({ ...whole, auth: fixed })).hints).toEqual([])
  })

  test('R-143 see what the URL has in its own query, and a host behind a placeholder', async () => {
    const asked = { ...oauth2, authorizationUrl: 'https://accounts.zoho.com/oauth/v2/auth?access_type=offline' }
    expect((await preview({ ...whole, auth: asked })).hints).toEqual([])
    const auth = { ...oauth2, authorizationUrl: 'https://accounts.zoho.{dc}/oauth/v2/auth' }
    const placeholders = [{ name: 'dc', label: 'Data centre', example: 'in' }]
    expect((await preview({ ...whole, auth, placeholders })).hints).toHaveLength(1)
  })

  test('have nothing to say of other hosts and of grants without a person', async () => {
    expect((await preview(whole)).hints).toEqual([])
    const machine = {
      ...oauth2,
      grantType: 'client_credentials',
      authorizationUrl: 'https://accounts.google.com/o/oauth2/v2/auth',
    }
    expect((await preview({ ...whole, auth: machine })).hints).toEqual([])
  })
})
