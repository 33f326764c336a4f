import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { tokenHash } from '../src/ids.ts'
import { type Answer, ownerKey, startServer, type TestServer } from './harness.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.stop())

let count = 0
/** A draft, or whatever `more` makes of it; gives its link name. */
async function make(more: object = {}): Promise<string> {
  const linkName = `made_${++count}`
  const { status, text } = await server.call('POST', '/v1/services', { name: 'Made', linkName, ...more })
  if (status !== 201) throw new Error(text)
  return linkName
}

const get = async (name: string): Promise<Record<string, unknown>> =>
  (await server.call('GET', `/v1/services/${name}`)).body
const patch = async (name: string, body: object): Promise<Answer> => server.call('PATCH', `/v1/services/${name}`, body)
/** `path code` of every wrong field. */
const wrongIn = ({ status, body, text }: Answer): string[] => {
  expect([status, body['code']], text).toEqual([422, 'validation_failed'])
  return (body['errors'] as { path: string; code: string }[]).map(({ path, code }) => `${path} ${code}`).toSorted()
}
const refusedFor = async (body: object): Promise<string[]> =>
  wrongIn(await server.call('POST', '/v1/services', { name: 'Refused', ...body }))

const urls = { authorizationUrl: 'https://p.example/a', tokenUrl: 'https://p.example/t' }
const oauth2 = { type: 'oauth2', clientId: 'id', clientSecret: 'secret', ...urls }
const oauth1 = {
  type: 'oauth1',
  consumerKey: 'key',
  consumerSecret: 'secret',
  requestTokenUrl: 'https://p.example/r',
  ...urls,
}
const bearer = { type: 'bearer' }
const somewhere = { hosts: ['api.example.com'] }

describe('the type in a draft', () => {
  test('R-236 changing it drops what belonged to the old one, scopes included', async () => {
    const name = await make({ auth: oauth2, scopes: ['read'], ...somewhere, description: 'Stays' })
    const { body } = await patch(name, { auth: { type: 'api_key' } })
    expect(body).toMatchObject({
      auth: { type: 'api_key' },
      scopes: [],
      hosts: ['api.example.com'],
      description: 'Stays',
    })
    expect(body['auth']).not.toHaveProperty('tokenUrl')
    const back = await patch(name, { auth: { type: 'oauth2' } })
    expect(back.body['auth']).not.toHaveProperty('clientSecret')
    expect(back.body['auth']).toMatchObject({ tokenUrl: null })
  })

  test('R-236 scopes that come with the new type are taken', async () => {
    const name = await make({ auth: oauth1 })
    const { body } = await patch(name, { auth: { type: 'oauth2' }, scopes: ['fresh'] })
    expect(body['scopes']).toMatchObject([{ value: 'fresh' }])
  })

  test('an unknown one is refused with those there are', async () => {
    const answer = await server.call('POST', '/v1/services', { name: 'X', auth: { type: 'saml' } })
    expect(wrongIn(answer)).toEqual(['auth.type invalid_value'])
    expect(answer.body['detail']).toContain('api_key, aws, basic, bearer, oauth1, oauth2')
  })
})

describe('S-44 secrets', () => {
  test('never come back, the consumer key among them', async () => {
    const one = await make({ auth: oauth1 })
    const two = await make({ auth: oauth2 })
    const three = await make({ auth: { type: 'basic', expected: { username: 'u-u-u', password: 'p-p-p' } } })
    expect((await get(one))['auth']).toMatchObject({ consumerKey: { set: true }, consumerSecret: { set: true } })
    expect((await get(two))['auth']).toMatchObject({ clientId: 'id', clientSecret: { set: true } })
    expect((await get(three))['auth']).toMatchObject({ expected: { set: true } })
  })

  test('{"set": true} keeps one, a new value replaces it, an empty one removes it', async () => {
    const name = await make({ auth: oauth2, ...somewhere })
    const auth = { ...oauth2, clientSecret: { set: true }, tokenUrl: 'https://p.example/other' }
    expect((await patch(name, { auth })).body['auth']).toMatchObject({
      clientSecret: { set: true },
      tokenUrl: 'https://p.example/other',
    })
    // What is left out stays as well.
    expect((await patch(name, { auth: { type: 'oauth2', clientId: 'b' } })).body['auth']).toMatchObject({
      clientId: 'b',
      clientSecret: { set: true },
    })
    for (const clientSecret of ['', null]) {
      await patch(name, { auth: { type: 'oauth2', clientSecret: 'again' } })
      const { body } = await patch(name, { auth: { type: 'oauth2', clientSecret } })
      expect(body['auth']).not.toHaveProperty('clientSecret')
    }
    expect(wrongIn(await server.call('POST', `/v1/services/${name}/ready`))).toEqual(['auth.clientSecret required'])
  })

  test('{"set": true} where none is stored sets nothing', async () => {
    const name = await make({ auth: { ...oauth2, clientSecret: { set: true } }, ...somewhere })
    expect((await get(name))['auth']).not.toHaveProperty('clientSecret')
    expect(wrongIn(await server.call('POST', `/v1/services/${name}/ready`))).toEqual(['auth.clientSecret required'])
  })

  test('a form may send back what it was shown', async () => {
    const name = await make({ auth: oauth1, ...somewhere })
    const { auth } = await get(name)
    expect((await patch(name, { auth })).status).toBe(200)
    expect((await server.call('POST', `/v1/services/${name}/ready`)).status).toBe(200)
  })
})

describe('drafts', () => {
  test('empty strings count as absent', async () => {
    const name = await make({
      auth: { ...oauth2, authorizationUrl: '', tokenUrl: '', refreshTokenUrl: '', bearerName: '' },
    })
    const { auth } = await get(name)
    for (const field of ['authorizationUrl', 'tokenUrl']) expect(auth).not.toMatchObject({ [field]: '' })
    const ready = await server.call('POST', `/v1/services/${name}/ready`)
    expect(wrongIn(ready)).toEqual(['auth.authorizationUrl required', 'auth.tokenUrl required', 'hosts required'])
  })

  test('R-194 an empty token prefix says that there is none', async () => {
    const name = await make({ auth: { type: 'bearer', tokenPrefix: '' } })
    expect((await get(name))['auth']).toMatchObject({ tokenPrefix: '' })
  })

  test('a PATCH may complete a draft and make it ready in one step, or neither', async () => {
    const name = await make()
    expect(wrongIn(await patch(name, { stage: 'ready', description: 'Lost' }))).toEqual([
      'auth required',
      'hosts required',
    ])
    expect(await get(name)).toMatchObject({ stage: 'draft', description: '' })
    const { body } = await patch(name, { stage: 'ready', auth: bearer, ...somewhere })
    expect(body).toMatchObject({ stage: 'ready', readyAt: expect.any(String) })
  })

  test('a draft’s link name may change, to one that is free', async () => {
    const [name, other] = [await make(), await make()]
    expect((await patch(name, { linkName: other })).body).toMatchObject({ code: 'link_name_taken', status: 409 })
    expect((await patch(name, { linkName: `${name}_b` })).body).toMatchObject({ linkName: `${name}_b` })
    expect((await server.call('GET', `/v1/services/${name}`)).status).toBe(404)
  })
})

describe('R-233 ready tells all that is missing at once', () => {
  test.each<[string, object, string[]]>([
    [
      'oauth2',
      {},
      [
        'auth.authorizationUrl required',
        'auth.clientId required',
        'auth.clientSecret required',
        'auth.tokenUrl required',
      ],
    ],
    [
      'oauth2',
      { grantType: 'authorization_code_pkce' },
      ['auth.authorizationUrl required', 'auth.clientId required', 'auth.tokenUrl required'],
    ],
    [
      'oauth2',
      { grantType: 'client_credentials' },
      ['auth.clientId required', 'auth.clientSecret required', 'auth.tokenUrl required'],
    ],
    [
      'oauth1',
      {},
      ['auth.authorizationUrl', 'auth.consumerKey', 'auth.consumerSecret', 'auth.requestTokenUrl', 'auth.tokenUrl'].map(
        (path) => `${path} required`,
      ),
    ],
    ['api_key', {}, ['auth.parameters required']],
    ['aws', {}, ['auth.region required', 'auth.service required']],
    ['basic', {}, []],
    ['bearer', {}, []],
  ])('%s %o', async (type, more, missing) => {
    const all = [...missing, 'hosts required'].toSorted()
    const name = await make({ auth: { type, ...more } })
    expect(wrongIn(await server.call('POST', `/v1/services/${name}/ready`))).toEqual(all)
    expect(await refusedFor({ stage: 'ready', auth: { type, ...more } })).toEqual(all)
  })

  test('and what is wrong beside it, when created ready', async () => {
    const auth = { type: 'oauth2', clientId: 'id', tokenUrl: 'ftp://x/y', expiryTime: 60 }
    expect(await refusedFor({ stage: 'ready', auth, baseUrl: 'x', description: '<b>', nonsense: 1 })).toEqual([
      'auth.authorizationUrl required',
      'auth.clientSecret required',
      'auth.expiryTime too_small',
      'auth.tokenUrl invalid_url',
      'baseUrl invalid_url',
      'description invalid_format',
      'nonsense unknown_field',
    ])
  })
})

describe('scopes', () => {
  const scopesOf = async (name: string, query = ''): Promise<{ id: string; name: string; value: string }[]> =>
    (await server.call('GET', `/v1/services/${name}/scopes${query}`)).body['items'] as never

  test('R-170 are added, changed, searched by name and value, and deleted one by one or together', async () => {
    const name = await make({ auth: { type: 'oauth2' } })
    const path = `/v1/services/${name}/scopes`
    const added = await server.call('POST', path, { name: 'All mail', value: 'https://mail.example/' })
    expect([added.status, added.body]).toEqual([
      201,
      { id: expect.any(String), name: 'All mail', value: 'https://mail.example/' },
    ])
    await server.call('POST', path, { value: 'calendar.read' })
    await server.call('POST', path, { value: 'Contacts' })
    expect((await scopesOf(name, '?query=MAIL')).map((one) => one.value)).toEqual(['https://mail.example/'])
    expect((await scopesOf(name, '?query=.READ')).map((one) => one.name)).toEqual(['calendar_read'])
    expect(await scopesOf(name, '?query=nothing')).toEqual([])
    const id = String(added.body['id'])
    const changed = await server.call('PATCH', `${path}/${id}`, { value: 'mail' })
    expect(changed.body).toEqual({ id, name: 'All mail', value: 'mail' })
    expect((await server.call('PATCH', `${path}/nothing`, { value: 'x' })).status).toBe(404)
    expect((await server.call('DELETE', `${path}/${id}`)).status).toBe(204)
    expect((await server.call('DELETE', `${path}/${id}`)).status).toBe(404)
    const ids = (await scopesOf(name)).map((one) => one.id)
    expect((await server.call('DELETE', path, { ids: [...ids, 'nothing'] })).status).toBe(404)
    expect(await scopesOf(name)).toHaveLength(2)
    expect((await server.call('DELETE', path, { ids })).status).toBe(204)
    expect(await scopesOf(name)).toEqual([])
    expect(wrongIn(await server.call('DELETE', path, { ids: [] }))).toEqual(['ids too_few'])
  })

  test('R-174 fifty are taken, the fifty-first is refused, however it comes', async () => {
    const fifty = Array.from({ length: 50 }, (_, n) => `scope.${n}`)
    const name = await make({ auth: { type: 'oauth2' }, scopes: fifty })
    expect(wrongIn(await server.call('POST', `/v1/services/${name}/scopes`, { value: 'one.more' }))).toEqual([
      'value too_many',
    ])
    expect(wrongIn(await patch(name, { scopes: [...fifty, 'one.more'] }))).toEqual(['scopes too_many'])
    expect(await scopesOf(name)).toHaveLength(50)
  })

  test('are unique by value, keep their ids where they stay, and get a name where they have none', async () => {
    const name = await make({ auth: { type: 'oauth2' }, scopes: ['a.b', { name: 'Second', value: 'b' }] })
    const before = await scopesOf(name)
    expect(before.map((one) => one.name)).toEqual(['a_b', 'Second'])
    expect(wrongIn(await server.call('POST', `/v1/services/${name}/scopes`, { value: 'b' }))).toEqual([
      'value duplicate',
    ])
    const first = before[0]?.id
    expect(wrongIn(await server.call('PATCH', `/v1/services/${name}/scopes/${first}`, { value: 'b' }))).toEqual([
      'value duplicate',
    ])
    expect(wrongIn(await patch(name, { scopes: ['x', 'y', 'x'] }))).toEqual(['scopes.2.value duplicate'])
    await patch(name, { scopes: ['c', 'a.b'] })
    expect((await scopesOf(name))[1]?.id).toBe(first)
  })

  test.each([
    [{ value: '' }, 'value required'],
    [{ value: 'a b' }, 'value invalid_format'],
    [{ value: 'a"b' }, 'value invalid_format'],
    [{ value: 'x'.repeat(501) }, 'value too_long'],
    [{ name: '_x', value: 'x' }, 'name invalid_format'],
    [{ name: 'a.b', value: 'x' }, 'name invalid_format'],
    [{ name: 'x'.repeat(101), value: 'x' }, 'name too_long'],
    [{ name: 'x' }, 'value required'],
    [{ value: 'x', colour: 'red' }, 'colour unknown_field'],
  ])('%o is refused', async (scope, error) => {
    const name = await make({ auth: { type: 'oauth2' } })
    expect(wrongIn(await server.call('POST', `/v1/services/${name}/scopes`, scope))).toEqual([error])
  })

  test('a type that has none refuses them', async () => {
    const name = await make({ auth: bearer })
    expect(wrongIn(await server.call('POST', `/v1/services/${name}/scopes`, { value: 'x' }))).toEqual([
      'scopes not_allowed',
    ])
    expect(await refusedFor({ auth: bearer, scopes: ['x'] })).toEqual(['scopes not_allowed'])
  })
})

describe('a clone', () => {
  test('is a draft of its own, without the secrets unless they are asked for', async () => {
    const png = Buffer.concat([Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), Buffer.alloc(100)])
    const name = await make({ stage: 'ready', auth: oauth2, scopes: ['read'], ...somewhere })
    await fetch(`${server.url}/v1/services/${name}/logo`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${ownerKey}` },
      body: new Uint8Array(png),
    })
    const source = await get(name)
    const without = await server.call('POST', `/v1/services/${name}/clone`)
    expect([without.status, without.body]).toEqual([
      201,
      expect.objectContaining({
        name: 'Made copy',
        stage: 'draft',
        readyAt: null,
        hosts: ['api.example.com'],
        connectionCount: 0,
      }),
    ])
    expect(without.body['auth']).not.toHaveProperty('clientSecret')
    expect(without.body['auth']).toMatchObject({ clientId: 'id', tokenUrl: 'https://p.example/t' })
    const { callbackId, linkName, scopes, id } = without.body
    expect(source).not.toMatchObject({ callbackId })
    expect(source).not.toMatchObject({ id })
    expect((scopes as { id: string }[])[0]?.id).not.toBe((source['scopes'] as { id: string }[])[0]?.id)
    expect((await server.call('GET', `/v1/services/${String(linkName)}/logo`)).headers.get('content-type')).toBe(
      'image/png',
    )
    expect(wrongIn(await server.call('POST', `/v1/services/${String(linkName)}/ready`))).toEqual([
      'auth.clientSecret required',
    ])
    const withThem = await server.call('POST', `/v1/services/${name}/clone?secrets=true`)
    expect(withThem.body['auth']).toMatchObject({ clientSecret: { set: true } })
    expect(withThem.body['linkName']).not.toBe(linkName)
    expect((await server.call('POST', `/v1/services/${String(withThem.body['linkName'])}/ready`)).status).toBe(200)
    expect(wrongIn(await server.call('POST', `/v1/services/${name}/clone?secrets=yes`))).toEqual([
      'secrets invalid_value',
    ])
  })

  test('of the longest name keeps within fifty characters', async () => {
    const { linkName } = (await server.call('POST', '/v1/services', { name: 'n'.repeat(50) })).body
    const { body } = await server.call('POST', `/v1/services/${String(linkName)}/clone`)
    expect([String(body['name']).length, String(body['linkName']).length]).toEqual([50, 50])
  })
})

describe('replacing secrets', () => {
  const replace = async (name: string, body: unknown): Promise<Answer> =>
    server.call('PUT', `/v1/services/${name}/secrets`, body)

  test('works in any stage, and takes what the type has', async () => {
    const ready = await make({ stage: 'ready', auth: oauth1, ...somewhere })
    expect((await replace(ready, { consumerSecret: 'new', consumerKey: 'other' })).status).toBe(200)
    const draft = await make({ auth: { type: 'oauth2' } })
    expect((await replace(draft, { clientSecret: 'new' })).body['auth']).toMatchObject({ clientSecret: { set: true } })
  })

  test.each<[object, string[]]>([
    [{}, ['clientSecret required']],
    [{ clientSecret: '' }, ['clientSecret required']],
    [{ clientSecret: 'a  b' }, ['clientSecret invalid_format']],
    [{ clientSecret: 'ü' }, ['clientSecret invalid_format']],
    [{ consumerSecret: 'x' }, ['consumerSecret unknown_field']],
    [{ clientId: 'x' }, ['clientId unknown_field']],
    [{ clientSecret: 5 }, ['clientSecret invalid_type']],
  ])('%o is refused', async (body, errors) => {
    const name = await make({ stage: 'ready', auth: oauth2, ...somewhere })
    expect(wrongIn(await replace(name, body))).toEqual(errors)
  })

  test('is refused where there are none', async () => {
    expect(wrongIn(await replace(await make({ auth: bearer }), { token: 'x' }))).toEqual(['token unknown_field'])
    expect(wrongIn(await replace(await make(), { clientSecret: 'x' }))).toEqual(['clientSecret unknown_field'])
  })
})

describe('where a credential may go', () => {
  test.each([
    ['https://api.example.com', 'has a scheme'],
    ['api.example.com/v1', 'has a path'],
    ['user@api.example.com', 'has user-info'],
    ['*.com', 'unrelated owners'],
    ['*.co.uk', 'unrelated owners'],
    ['*', 'wrong place'],
    ['api.*.example.com', 'wrong place'],
    ['*.127.0.0.1', 'wildcard of an IP'],
    ['::1', 'without brackets'],
    ['api.example.com:0', 'port'],
    ['api.example.com:99999', 'port'],
    ['a b.example.com', 'space'],
    ['', 'empty'],
    ['{domain}/x', 'has a path'],
    ['https://{domain}', 'has a scheme'],
  ])('%s is no host', async (host, says) => {
    const placeholders = [{ name: 'domain', label: 'Domain' }]
    const answer = await server.call('POST', '/v1/services', {
      name: 'X',
      hosts: ['ok.example.com', host],
      placeholders,
    })
    expect(wrongIn(answer)).toEqual(['hosts.1 invalid_host'])
    expect(answer.body['detail']).toContain(says)
  })

  test('hosts are kept in one form, each once', async () => {
    const hosts = [
      'API.Example.com.',
      'api.example.com',
      '*.EXAMPLE.com:8443',
      'bücher.example',
      '[::1]:80',
      'localhost',
    ]
    const name = await make({ hosts })
    expect((await get(name))['hosts']).toEqual([
      'api.example.com',
      '*.example.com:8443',
      'xn--bcher-kva.example',
      '[::1]:80',
      'localhost',
    ])
  })

  test('one of hosts, base URL and any host is enough; any host is warned of, and plain http', async () => {
    for (const way of [somewhere, { baseUrl: 'https://api.example.com' }, { anyHost: true }])
      await make({ stage: 'ready', auth: bearer, ...way })
    const name = await make({
      anyHost: true,
      baseUrl: 'http://api.example.com',
      auth: { ...oauth2, tokenUrl: 'http://p.example/t' },
    })
    expect((await get(name))['warnings']).toEqual([
      expect.objectContaining({ path: 'auth.tokenUrl', code: 'plain_http' }),
      expect.objectContaining({ path: 'baseUrl', code: 'plain_http' }),
      expect.objectContaining({ path: 'anyHost', code: 'any_host' }),
    ])
  })

  test('R-143 an authorization URL keeps its query', async () => {
    const authorizationUrl = 'https://p.example:8443/a?access_type=offline&prompt=consent'
    const name = await make({ auth: { ...oauth2, authorizationUrl } })
    expect((await get(name))['auth']).toMatchObject({ authorizationUrl })
  })

  test.each([
    'https://p.example/',
    'https://p.example',
    'p.example/t',
    'https://u:p@p.example/t',
    'https://p.example/t#x',
    'ftp://p.example/t',
    `https://p.example/${'x'.repeat(2048)}`,
  ])('R-151 %s is no endpoint', async (tokenUrl) => {
    expect((await refusedFor({ auth: { ...oauth2, tokenUrl } }))[0]).toMatch(/^auth\.tokenUrl (invalid_url|too_long)$/)
  })
})

describe('the probe', () => {
  test.each<[object, string[]]>([
    [{ probe: { path: '/me' } }, ['probe.path invalid']],
    [{ probe: {}, baseUrl: 'https://api.example.com' }, ['probe invalid']],
    [
      { probe: { path: '/me', url: 'https://api.example.com/me' }, baseUrl: 'https://api.example.com' },
      ['probe invalid'],
    ],
    [{ probe: { path: '/me', method: 'FETCH' }, baseUrl: 'https://api.example.com' }, ['probe.method invalid_value']],
    [{ probe: { url: 'api.example.com/me' } }, ['probe.url invalid_url']],
    [
      { probe: { path: '/me', headers: { 'a b': 'x' } }, baseUrl: 'https://x.example' },
      ['probe.headers.a b invalid_format'],
    ],
    [
      { probe: { path: '/me', headers: { a: 'x\ny' } }, baseUrl: 'https://x.example' },
      ['probe.headers.a invalid_format'],
    ],
  ])('%o is refused', async (body, errors) => {
    expect(await refusedFor(body)).toEqual(errors)
  })

  test('is a path under the base URL or a whole URL, and can be removed', async () => {
    const name = await make({ probe: { path: '/me' }, baseUrl: 'https://api.example.com' })
    expect((await get(name))['probe']).toEqual({ method: 'GET', path: '/me' })
    expect((await patch(name, { probe: { url: 'https://api.example.com/me', method: 'HEAD' } })).body['probe']).toEqual(
      {
        method: 'HEAD',
        url: 'https://api.example.com/me',
      },
    )
    expect(wrongIn(await patch(name, { probe: { path: '/me' }, baseUrl: null }))).toEqual(['probe.path invalid'])
    expect((await patch(name, { probe: null, baseUrl: null })).body).toMatchObject({ probe: null, baseUrl: null })
  })
})

describe('placeholders and parameters (R-214)', () => {
  const placeholders = [
    { name: 'domain', label: 'Domain', example: 'acme' },
    { name: 'region', label: 'Region', pattern: 'eu|us' },
  ]
  const use = {
    baseUrl: 'https://{domain}.{region}.example.com/v1',
    hosts: ['{domain}.{region}.example.com'],
    placeholders,
  }

  test('what is used is declared, once', async () => {
    expect(await refusedFor({ ...use, placeholders: placeholders.slice(0, 1) })).toEqual([
      'baseUrl unknown_placeholder',
      'hosts.0 unknown_placeholder',
    ])
    expect(await refusedFor({ placeholders: [...placeholders, placeholders[0]] })).toEqual([
      'placeholders.2.name duplicate',
    ])
    expect(await refusedFor({ placeholders: [{ name: '1x', label: 'x', pattern: '(' }] })).toEqual([
      'placeholders.0.name invalid_format',
      'placeholders.0.pattern invalid_format',
    ])
  })

  test.each<[object | undefined, string[]]>([
    [undefined, ['parameters.domain required', 'parameters.region required']],
    [{ domain: '', region: 'eu' }, ['parameters.domain required']],
    [{ domain: 'acme', region: 'asia' }, ['parameters.region invalid_format']],
    [{ domain: 'acme', region: 'eu\n' }, ['parameters.region invalid_format']],
    [{ domain: 'evil.com/', region: 'eu' }, ['parameters.domain invalid_format']],
    [{ domain: 'evil.com#', region: 'eu' }, ['parameters.domain invalid_format']],
    [{ domain: 'a.b', region: 'eu' }, ['parameters.domain invalid_format']],
    [{ domain: 'acme', region: 'us', other: 'x' }, ['parameters.other unknown_field']],
    [{ domain: 5, region: 'us' }, ['parameters.domain invalid_type']],
  ])('%o is refused', async (parameters, errors) => {
    const service = await make({ stage: 'ready', auth: bearer, ...use })
    const answer = await server.call('POST', '/v1/connections', { name: 'X', service, parameters })
    expect(wrongIn(answer)).toEqual(errors)
  })

  test('a connection fills them in, and can change them', async () => {
    const service = await make({ stage: 'ready', auth: bearer, ...use })
    const parameters = { domain: 'acme', region: 'eu' }
    const credentials = { token: 'x' }
    const { body } = await server.call('POST', '/v1/connections', { name: 'Filled', service, parameters, credentials })
    const path = `/v1/connections/${String(body['linkName'])}`
    const elsewhere = await server.call('POST', `${path}/invoke`, { url: 'https://other.eu.example.com/v1/x' })
    expect(elsewhere.body).toMatchObject({ code: 'host_not_allowed' })
    expect(elsewhere.body['detail']).toContain('acme.eu.example.com')
    const moved = await server.call('PATCH', path, { parameters: { domain: 'acme', region: 'us' } })
    expect(moved.body).toMatchObject({ parameters: { domain: 'acme', region: 'us' } })
    expect(wrongIn(await server.call('PATCH', path, { parameters: { domain: 'acme' } }))).toEqual([
      'parameters.region required',
    ])
  })

  test('a pattern that never comes to an end does not stop the server', async () => {
    const service = await make({
      stage: 'ready',
      auth: bearer,
      placeholders: [{ name: 'x', label: 'X', pattern: '(a+)+' }],
      anyHost: true,
    })
    const at = Date.now()
    const parameters = { x: `${'a'.repeat(60)}!` }
    const answer = await server.call('POST', '/v1/connections', { name: 'X', service, parameters })
    expect(wrongIn(answer)).toEqual(['parameters.x invalid_format'])
    expect(Date.now() - at).toBeLessThan(20_000)
  })
})

describe('constant headers', () => {
  test('may not be the credential’s own, nor steer the connection', async () => {
    const parameters = [{ name: 'Key', key: 'X-Key', location: 'header' }]
    const headers = {
      'x-key': 'a',
      'Notion-Version': '2022',
      Authorization: 'b',
      Cookie: 'c',
      Host: 'd',
      'Mooring-User': 'e',
    }
    expect(await refusedFor({ auth: { type: 'api_key', parameters }, headers })).toEqual(
      ['Authorization', 'Cookie', 'Host', 'Mooring-User', 'x-key']
        .map((name) => `headers.${name} not_allowed`)
        .toSorted(),
    )
    const own = { ...oauth2, header: { name: 'X-Shop-Token' } }
    expect(await refusedFor({ auth: own, headers: { 'X-SHOP-TOKEN': 'a' } })).toEqual([
      'headers.X-SHOP-TOKEN not_allowed',
    ])
    const aws = { type: 'aws', service: 's3', region: 'us-east-1' }
    expect(await refusedFor({ auth: aws, headers: { 'X-Amz-Date': 'a' } })).toEqual(['headers.X-Amz-Date not_allowed'])
    expect(await refusedFor({ headers: { 'a b': 'x', ok: 'x\r\ny' } })).toEqual([
      'headers.a b invalid_format',
      'headers.ok invalid_format',
    ])
    await make({ auth: bearer, headers: { 'Notion-Version': '2022-06-28', 'x-key': 'a' } })
  })
})

describe('the callback id', () => {
  test('is made, or brought along', async () => {
    const made = await get(await make())
    expect(made['callbackId']).toMatch(/^[A-Za-z0-9_-]{22,64}$/)
    expect(made['callbackUrl']).toBe(`${server.mooring.publicUrl}/oauth/callback/${String(made['callbackId'])}`)
    const callbackId = randomBytes(24).toString('base64url')
    expect(await get(await make({ callbackId }))).toMatchObject({ callbackId })
    expect(await refusedFor({ callbackId })).toEqual(['callbackId taken'])
  })

  test.each(['short', 'x'.repeat(65), `${'x'.repeat(30)}/`, `${'x'.repeat(30)} `, ''])(
    '%s is none',
    async (callbackId) => {
      expect((await refusedFor({ callbackId }))[0]).toMatch(/^callbackId /)
    },
  )

  test('never changes', async () => {
    expect(wrongIn(await patch(await make(), { callbackId: 'x'.repeat(30) }))).toEqual(['callbackId unknown_field'])
  })
})

describe('names and descriptions', () => {
  test.each([
    ['x'.repeat(50), true],
    ['_ * _ - @ / ! : | & ~ \\ +', true],
    ['9 lives', true],
    ['Überblick 数据', true],
    ['x'.repeat(51), false],
    ['', false],
    [' leading', false],
    ['-leading', false],
    ['dot.', false],
    ['a"b', false],
    ['a\nb', false],
  ])('R-061 R-062 R-063 the name %j: %s', async (name, good) => {
    const answer = await server.call('POST', '/v1/services', { name })
    if (good) expect(answer.body).toMatchObject({ name })
    else expect(wrongIn(answer)[0]).toMatch(/^name /)
  })

  test.each([
    ['x'.repeat(255), true],
    ['Two lines,\n(and) * _ @ / \\ ! : | ~ & .', true],
    ['x'.repeat(256), false],
    ['"quoted"', false],
    ['<b>', false],
  ])('R-067 R-068 the description %j: %s', async (description, good) => {
    const answer = await server.call('POST', '/v1/services', { name: 'Described', description })
    if (good) expect(answer.body).toMatchObject({ description })
    else expect(wrongIn(answer)[0]).toMatch(/^description /)
  })

  test.each(['1x', '_x', 'a-b', 'a b', 'ü', 'x'.repeat(51), ''])(
    'R-070 R-072 the link name %j is refused',
    async (linkName) => {
      expect((await refusedFor({ linkName }))[0]).toMatch(/^linkName /)
    },
  )

  test.each([
    ['My API!', 'my_api_'],
    ['9 to 5', 'to_5'],
    ['数据', 'c___'],
    ['Y'.repeat(50), 'y'.repeat(50)],
  ])('R-069 the link name of %s is made from it', async (name, linkName) => {
    const { body } = await server.call('POST', '/v1/services', { name })
    expect(String(body['linkName']).replace(/_\d+$/, '')).toBe(linkName.replace(/_\d+$/, ''))
  })

  test.each([
    ['POST', '/v1/services', { name: 'X', color: 'red' }, 'color'],
    ['POST', '/v1/services', { name: 'X', auth: { type: 'bearer', color: 'red' } }, 'auth.color'],
    ['POST', '/v1/services', { name: 'X', probe: { path: '/x', color: 'red' } }, 'probe.color'],
    ['POST', '/v1/connections', { name: 'X', service: 'x', color: 'red' }, 'color'],
    ['POST', '/v1/api-keys', { name: 'X', role: 'viewer', color: 'red' }, 'color'],
    ['GET', '/v1/services?color=red', undefined, 'color'],
  ])('unknown fields are refused: %s %s %o', async (method, path, body, field) => {
    expect(wrongIn(await server.call(method, path, body))).toContain(`${field} unknown_field`)
  })
})

describe('lists', () => {
  test('come page by page, newest first, searched and by stage', async () => {
    for (let n = 0; n < 5; n++)
      await server.call('POST', '/v1/services', {
        name: `Paged ${n}`,
        ...(n % 2 ? {} : { stage: 'ready', auth: bearer, anyHost: true }),
      })
    const names: string[] = []
    for (let cursor = ''; ;) {
      const { body } = await server.call('GET', `/v1/services?query=PAGED&limit=2${cursor}`)
      names.push(...(body['items'] as { name: string }[]).map((item) => item.name))
      if (typeof body['nextCursor'] !== 'string') break
      cursor = `&cursor=${body['nextCursor']}`
    }
    expect(names).toEqual(['Paged 4', 'Paged 3', 'Paged 2', 'Paged 1', 'Paged 0'])
    const drafts = await server.call('GET', '/v1/services?query=paged&stage=draft')
    expect((drafts.body['items'] as { name: string }[]).map((item) => item.name)).toEqual(['Paged 3', 'Paged 1'])
    expect((await server.call('GET', '/v1/services?query=%25')).body['items']).toEqual([])
  })

  test.each(['/v1/services', '/v1/connections', '/v1/api-keys'])(
    '%s refuses limits and cursors that are none',
    async (path) => {
      for (const limit of ['0', '101', '-1', 'x', '1.5', ''])
        expect(wrongIn(await server.call('GET', `${path}?limit=${limit}`))[0]).toMatch(/^limit /)
      for (const cursor of ['x', 'MTIz', Buffer.from('1.').toString('base64url'), 'ü', 'x'.repeat(501)])
        expect(wrongIn(await server.call('GET', `${path}?cursor=${encodeURIComponent(cursor)}`))[0]).toMatch(/^cursor /)
    },
  )

  test('refuse filters that are none', async () => {
    expect(wrongIn(await server.call('GET', '/v1/services?stage=done'))).toEqual(['stage invalid_value'])
    expect(wrongIn(await server.call('GET', '/v1/connections?status=done'))).toEqual(['status invalid_value'])
  })
})

describe('deleting', () => {
  test('takes force while there are connections, and takes them along', async () => {
    const service = await make({ stage: 'ready', auth: bearer, anyHost: true })
    for (const name of ['One', 'Two'])
      await server.call('POST', '/v1/connections', {
        name: `${name} of ${service}`,
        service,
        credentials: { token: 'x' },
      })
    expect((await get(service))['connectionCount']).toBe(2)
    expect((await server.call('DELETE', `/v1/services/${service}`)).body).toMatchObject({ code: 'service_in_use' })
    expect((await server.call('DELETE', `/v1/services/${service}?force=false`)).status).toBe(409)
    expect(wrongIn(await server.call('DELETE', `/v1/services/${service}?force=1`))).toEqual(['force invalid_value'])
    expect((await server.call('DELETE', `/v1/services/${service}?force=true`)).status).toBe(204)
    expect((await server.call('GET', `/v1/connections?query=${service}`)).body['items']).toEqual([])
    expect((await server.call('DELETE', `/v1/services/${service}`)).status).toBe(404)
  })
})

describe('logos (R-073, R-074)', () => {
  const put = async (name: string, bytes: Uint8Array): Promise<Response> =>
    fetch(`${server.url}/v1/services/${name}/logo`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${ownerKey}`, 'content-type': 'image/png' },
      body: new Uint8Array(bytes),
    })
  const png = (length: number): Buffer =>
    Buffer.concat([Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), Buffer.alloc(length - 16)])
  const jpeg = (length: number): Buffer => Buffer.concat([Buffer.from('ffd8ffe0', 'hex'), Buffer.alloc(length - 4)])

  test('are smaller than 1,048,576 bytes, to the byte', async () => {
    const name = await make()
    expect((await put(name, png(1_048_575))).status).toBe(204)
    expect((await put(name, jpeg(1_048_575))).status).toBe(204)
    expect((await server.call('GET', `/v1/services/${name}/logo`)).headers.get('content-type')).toBe('image/jpeg')
    for (const length of [1_048_576, 1_048_577, 2_000_000]) {
      const answer = await put(name, png(length))
      expect([answer.status, await answer.json()]).toEqual([413, expect.objectContaining({ code: 'too_large' })])
    }
    expect(await get(name)).toMatchObject({ logoUrl: `${server.mooring.publicUrl}/v1/services/${name}/logo` })
  })

  test.each([
    ['GIF', Buffer.from('GIF89a-and-more')],
    ['SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>')],
    ['the start of a PNG', Buffer.from('89504e470d0a1a0a', 'hex')],
    ['nothing', Buffer.alloc(0)],
  ])('%s is refused', async (_, bytes) => {
    const name = await make()
    expect((await put(name, bytes)).status).toBe(415)
    expect(await get(name)).toMatchObject({ logoUrl: null })
    expect((await server.call('GET', `/v1/services/${name}/logo`)).status).toBe(404)
  })
})

describe('Idempotency-Key', () => {
  const create = async (key: string, body: object, authorization?: string): Promise<Answer> =>
    server.call('POST', '/v1/services', body, {
      'idempotency-key': key,
      ...(authorization === undefined ? {} : { authorization }),
    })

  test('ten requests at once make one service and get one reply', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => create('ten', { name: 'Ten at once' })))
    expect(new Set(answers.map((answer) => answer.text)).size).toBe(1)
    expect(answers.map((answer) => answer.status)).toEqual(Array.from({ length: 10 }, () => 201))
    expect(answers.filter((answer) => answer.headers.get('idempotency-replayed') === null)).toHaveLength(1)
    expect((await server.call('GET', '/v1/services?query=ten%20at')).body['items']).toHaveLength(1)
  })

  test('a request that was refused may be mended under the same key', async () => {
    expect((await create('mended', { name: '!' })).status).toBe(422)
    expect((await create('mended', { name: 'Mended' })).status).toBe(201)
    expect(wrongIn(await create('mended', { name: 'Other' }))).toEqual(['Idempotency-Key reused'])
  })

  test('belongs to the caller, and has 1 to 255 characters', async () => {
    const other = (await server.call('POST', '/v1/api-keys', { name: 'Other', role: 'admin' })).body
    expect((await create('whose', { name: 'Mine' })).status).toBe(201)
    expect((await create('whose', { name: 'Theirs' }, `Bearer ${String(other['key'])}`)).body).toMatchObject({
      name: 'Theirs',
    })
    expect(wrongIn(await create('x'.repeat(256), { name: 'X' }))).toEqual(['Idempotency-Key invalid_format'])
  })

  test('is free again after a day, and after a minute where its request never ended', async () => {
    const { store, workspaceId } = server.installation
    const { id: caller } = (await server.call('GET', '/v1/whoami')).body
    const claim = async (key: string, age: number, status: number): Promise<void> => {
      const id = tokenHash(JSON.stringify([workspaceId, caller, key]))
      const record = { id, workspaceId, requestHash: 'x', status: 0, body: null, createdAt: Date.now() - age }
      await store.idempotency.claim(record)
      if (status !== 0) await store.idempotency.finish(id, status, Buffer.from('sealed once'))
    }
    await claim('yesterday', 86_400_000 + 1000, 201)
    expect((await create('yesterday', { name: 'Today' })).body).toMatchObject({ name: 'Today' })
    await claim('died', 61_000, 0)
    expect((await create('died', { name: 'Alive' })).body).toMatchObject({ name: 'Alive' })
    await claim('an hour ago', 3_600_000, 201)
    expect((await create('an hour ago', { name: 'Else' })).status).toBe(422)
  })
})
