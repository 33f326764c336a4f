/** S-15: values that a provider sends while somebody connects, and where they lead. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Answer, startServer, type TestServer } from './harness.ts'
import { type ParticularProvider, particularProvider } from './particular_provider.ts'
import { consent } from './sandbox.ts'

let server: TestServer
/** Where everybody signs in, and two of its data centres. */
let home: ParticularProvider
let near: ParticularProvider
let far: ParticularProvider
let made = 0

const api: Record<string, () => { body: unknown }> = {
  '/api/me': () => ({ body: { me: true } }),
}

beforeAll(async () => {
  server = await startServer()
  home = await particularProvider({})
  near = await particularProvider(api)
  far = await particularProvider(api)
})
afterAll(async () => {
  await server.stop()
  await Promise.all([home.stop(), near.stop(), far.stop()])
})

beforeEach(() => {
  for (const provider of [home, near, far]) {
    provider.asked.length = 0
    for (const name of Object.keys(provider.callback)) delete provider.callback[name]
    provider.parts['/token'] = ({ form }) => ({
      body: {
        access_token: `token of ${provider === home ? 'home' : provider === near ? 'near' : 'far'}`,
        refresh_token: form['refresh_token'] ?? 'refresh-1',
        expires_in: 3600,
        instance_url: `${near.origin}/`,
      },
    })
  }
})

/** Just these two ports of this machine. */
const places = (): string => `^http://127\\.0\\.0\\.1:(${near.port}|${far.port})$`

function definition(auth: object, more: object = {}): Record<string, unknown> {
  made++
  return {
    name: `Learning ${made}`,
    linkName: `learning_${made}`,
    stage: 'ready',
    baseUrl: `${near.origin}/api`,
    auth: {
      type: 'oauth2',
      clientId: 'client',
      clientSecret: 'client-secret',
      authorizationUrl: `${home.origin}/authorize`,
      tokenUrl: `${home.origin}/token`,
      ...auth,
    },
    ...more,
  }
}

async function service(auth: object, more: object = {}): Promise<string> {
  const answer = await server.call('POST', '/v1/services', definition(auth, more))
  expect(answer.text).toContain(`"stage":"ready"`)
  return String(answer.body['linkName'])
}

async function connect(of: string, more: object = {}): Promise<Answer> {
  made++
  const name = `connection_${made}`
  const created = await server.call('POST', '/v1/connections', { name, linkName: name, service: of, ...more })
  expect(created.status).toBe(201)
  const begun = await server.call('POST', `/v1/connections/${name}/authorize`, {})
  if (begun.body['kind'] === 'redirect') await consent(begun)
  return server.call('GET', `/v1/connections/${name}`)
}

async function attempt(connection: Answer): Promise<Record<string, unknown>> {
  const answer = await server.call('GET', `/v1/connections/${String(connection.body['linkName'])}/attempts`)
  const [newest] = Array.isArray(answer.body['items']) ? answer.body['items'] : []
  return newest
}

const fromCallback = { from: 'callback', name: 'accounts-server', to: 'accountsServer' }
const fromToken = { from: 'token', name: 'instance_url', to: 'instanceUrl' }

describe('from the callback', () => {
  test('is in force for the token request, stays for the refresh, and is shown', async () => {
    const learn = [{ ...fromCallback, pattern: places() }]
    const name = await service({ tokenUrl: '{accountsServer}/token', learn })
    home.callback['accounts-server'] = far.origin
    const connection = await connect(name)
    expect(connection.body).toMatchObject({ status: 'active', parameters: { accountsServer: far.origin } })
    expect(far.asked).toEqual(['POST /token'])
    expect([home.asked, near.asked]).toEqual([['GET /authorize'], []])
    const refreshed = await server.call('POST', `/v1/connections/${String(connection.body['linkName'])}/refresh`)
    expect(refreshed.status).toBe(200)
    expect(far.asked).toEqual(['POST /token', 'POST /token'])
  })

  test('a value outside its pattern ends the attempt before any request, with a diagnosis', async () => {
    const name = await service({ tokenUrl: '{accountsServer}/token', learn: [{ ...fromCallback, pattern: places() }] })
    home.callback['accounts-server'] = 'https://evil.example'
    const connection = await connect(name)
    expect(connection.body).toMatchObject({ status: 'created', parameters: {} })
    expect(await attempt(connection)).toMatchObject({
      state: 'failed',
      diagnosis: {
        code: 'learn_refused',
        title: 'The provider named a place that the service does not allow',
        detail:
          'The provider sent “https://evil.example” as accounts-server, and the pattern of {accountsServer} does not take it.',
      },
    })
    expect([near.asked, far.asked]).toEqual([[], []])
  })

  test('what does not come ends the attempt, unless the connection has a value', async () => {
    const name = await service({ tokenUrl: '{accountsServer}/token', learn: [{ ...fromCallback, pattern: places() }] })
    const without = await connect(name)
    expect(await attempt(without)).toMatchObject({ state: 'failed', diagnosis: { code: 'learn_missing' } })
    const given = await connect(name, { parameters: { accountsServer: near.origin } })
    expect(given.body['status']).toBe('active')
    expect(near.asked).toEqual(['POST /token'])
    home.callback['accounts-server'] = far.origin
    const other = await connect(name, { parameters: { accountsServer: near.origin } })
    expect(other.body).toMatchObject({ status: 'active', parameters: { accountsServer: far.origin } })
    expect(far.asked).toEqual(['POST /token'])
  })

  test('a refusal is told as one, although nothing was learned', async () => {
    const name = await service({ tokenUrl: '{accountsServer}/token', learn: [{ ...fromCallback, pattern: places() }] })
    home.callback['error'] = 'access_denied'
    expect(await attempt(await connect(name))).toMatchObject({ diagnosis: { code: 'access_denied' } })
  })
})

describe('from the token answer', () => {
  const instance = (): object => ({ learn: [{ ...fromToken, pattern: places() }] })
  const calls = { baseUrl: '{instanceUrl}/api', hosts: ['{instanceUrl}'], headers: { 'X-Instance': '{instanceUrl}' } }

  test('calls go there, with a slash less, and the header says so', async () => {
    near.parts['/api/me'] = ({ headers }) => ({ body: { instance: headers['x-instance'] } })
    const connection = await connect(await service(instance(), calls))
    expect(connection.body['parameters']).toEqual({ instanceUrl: near.origin })
    const call = await server.call('GET', `/v1/proxy/${String(connection.body['linkName'])}/me`)
    expect(call.body).toEqual({ instance: near.origin })
  })

  test('a refresh that names another place moves calls there; one outside the pattern is not followed', async () => {
    const connection = await connect(await service(instance(), calls))
    const name = String(connection.body['linkName'])
    await server.call('GET', `/v1/proxy/${name}/me`)
    home.parts['/token'] = () => ({ body: { access_token: 'two', expires_in: 3600, instance_url: far.origin } })
    expect((await server.call('POST', `/v1/connections/${name}/refresh`)).body['parameters']).toEqual({
      instanceUrl: far.origin,
    })
    await server.call('GET', `/v1/proxy/${name}/me`)
    expect(far.asked).toEqual(['GET /api/me'])
    home.parts['/token'] = () => ({
      body: { access_token: 'three', expires_in: 3600, instance_url: 'https://evil.example' },
    })
    expect((await server.call('POST', `/v1/connections/${name}/refresh`)).body).toMatchObject({
      status: 'active',
      parameters: { instanceUrl: far.origin },
    })
    await server.call('GET', `/v1/proxy/${name}/me`)
    expect(far.asked).toEqual(['GET /api/me', 'GET /api/me'])
  })

  test('a new authorization replaces it', async () => {
    const connection = await connect(await service(instance(), calls))
    const name = String(connection.body['linkName'])
    home.parts['/token'] = () => ({ body: { access_token: 'two', instance_url: far.origin } })
    await consent(await server.call('POST', `/v1/connections/${name}/authorize`, {}))
    expect((await server.call('GET', `/v1/connections/${name}`)).body['parameters']).toEqual({
      instanceUrl: far.origin,
    })
    await server.call('GET', `/v1/proxy/${name}/me`)
    expect(far.asked).toEqual(['GET /api/me'])
  })

  test('an attempt without it changes nothing', async () => {
    home.parts['/token'] = () => ({ body: { access_token: 'one' } })
    const connection = await connect(await service(instance(), calls))
    expect(connection.body).toMatchObject({ status: 'created', parameters: {} })
    expect(await attempt(connection)).toMatchObject({ diagnosis: { code: 'learn_missing' } })
  })

  test('what is optional may be absent, and a number is taken as it is written', async () => {
    home.parts['/token'] = () => ({ body: { access_token: 'one', team: { id: 17 } } })
    const learn = [
      { from: 'token', name: 'team.id', to: 'team', pattern: '[0-9]+' },
      { from: 'token', name: 'team.name', to: 'teamName', pattern: '.*', optional: true },
    ]
    const connection = await connect(await service({ learn }))
    expect(connection.body).toMatchObject({ status: 'active', parameters: { team: '17' } })
  })

  test('without a person it is learned too', async () => {
    const learn = [{ ...fromToken, pattern: places() }]
    const connection = await connect(await service({ grantType: 'client_credentials', learn }, calls))
    expect(connection.body).toMatchObject({ status: 'active', parameters: { instanceUrl: near.origin } })
  })

  test('each user of a per-user connection has their own', async () => {
    const of = await service(instance(), calls)
    const linkName = `per_user_${made}`
    await server.call('POST', '/v1/connections', {
      name: linkName,
      linkName,
      service: of,
      authorizationLevel: 'per_user',
    })
    for (const [user, place] of [
      ['ada', near],
      ['bob', far],
    ] as const) {
      home.parts['/token'] = () => ({ body: { access_token: user, instance_url: place.origin } })
      await consent(await server.call('POST', `/v1/connections/${linkName}/authorize`, { user }))
    }
    for (const user of ['ada', 'bob'])
      await server.call('GET', `/v1/proxy/${linkName}/me`, undefined, { 'mooring-user': user })
    expect([near.asked, far.asked]).toEqual([['GET /api/me'], ['GET /api/me']])
  })
})

describe('from a lookup', () => {
  test('is asked with the new token, and one answer gives several values', async () => {
    home.parts['/info'] = ({ headers, method }) =>
      method === 'GET' && headers.authorization === 'Bearer token of home'
        ? { body: [{ id: 'site-7', url: near.origin }] }
        : { status: 401 }
    const lookup = { from: 'lookup', url: `${home.origin}/info` }
    const learn = [
      { ...lookup, name: '0.id', to: 'site', pattern: '[a-z0-9-]+' },
      { ...lookup, name: '0.url', to: 'place', pattern: places() },
    ]
    near.parts['/api/site-7/me'] = () => ({ body: { site: 7 } })
    const connection = await connect(await service({ learn }, { baseUrl: '{place}/api/{site}' }))
    expect(connection.body['parameters']).toEqual({ site: 'site-7', place: near.origin })
    expect(home.asked).toEqual(['GET /authorize', 'POST /token', 'GET /info'])
    const call = await server.call('GET', `/v1/proxy/${String(connection.body['linkName'])}/me`)
    expect(call.body).toEqual({ site: 7 })
  })

  test('one that fails ends the attempt', async () => {
    home.parts['/info'] = () => ({ status: 403, body: { error: 'no_scope' } })
    const learn = [{ from: 'lookup', url: `${home.origin}/info`, name: 'id', to: 'site', pattern: '[a-z]+' }]
    const connection = await connect(await service({ learn }))
    expect(connection.body['status']).toBe('created')
    expect(await attempt(connection)).toMatchObject({ diagnosis: { code: 'no_scope' } })
  })
})

describe('what a service may say', () => {
  const told = async (auth: object, more: object = {}): Promise<unknown> =>
    (await server.call('POST', '/v1/services', definition(auth, more))).body['errors']

  test('a pattern is needed, and one that lets any host in is refused where it would choose the host', async () => {
    expect(await told({ learn: [fromToken] })).toContainEqual(
      expect.objectContaining({ path: 'auth.learn.0.pattern', code: 'required' }),
    )
    expect(
      await told({ learn: [{ ...fromToken, pattern: '^https://.+$' }] }, { baseUrl: '{instanceUrl}/api' }),
    ).toContainEqual(expect.objectContaining({ path: 'auth.learn.0.pattern', code: 'invalid_value' }))
    expect(await told({ learn: [{ ...fromToken, pattern: '(' }] })).toContainEqual(
      expect.objectContaining({ path: 'auth.learn.0.pattern', code: 'invalid_format' }),
    )
  })

  test('names nobody declares are told in every text, and a value is not used before it is known', async () => {
    expect(await told({ tokenParams: { tenant: '{tenant}' } })).toContainEqual(
      expect.objectContaining({ path: 'auth.tokenParams.tenant', code: 'unknown_placeholder' }),
    )
    const learn = [{ ...fromToken, pattern: places() }]
    expect(await told({ learn, tokenUrl: '{instanceUrl}/token' })).toContainEqual(
      expect.objectContaining({ path: 'auth.tokenUrl', code: 'unknown_placeholder' }),
    )
    const early = [{ ...fromCallback, pattern: places() }]
    expect(await told({ learn: early, authorizationUrl: '{accountsServer}/authorize' })).toContainEqual(
      expect.objectContaining({ path: 'auth.authorizationUrl', code: 'unknown_placeholder' }),
    )
    expect(await told({ grantType: 'client_credentials', learn: early })).toContainEqual(
      expect.objectContaining({ path: 'auth.learn.0.from' }),
    )
  })

  test('nobody is asked for it, and who gives it is held to the pattern', async () => {
    const name = await service({ learn: [{ ...fromToken, pattern: places() }] }, { baseUrl: '{instanceUrl}/api' })
    const give = (instanceUrl: string): Promise<Answer> =>
      server.call('POST', '/v1/connections', { name: `Given ${++made}`, service: name, parameters: { instanceUrl } })
    expect((await give('https://evil.example')).body['errors']).toContainEqual(
      expect.objectContaining({ path: 'parameters.instanceUrl', code: 'invalid_format' }),
    )
    expect((await give(near.origin)).status).toBe(201)
  })

  test('a grant made elsewhere needs the value', async () => {
    const name = await service({ learn: [{ ...fromToken, pattern: places() }] }, { baseUrl: '{instanceUrl}/api' })
    const take = (more: object): Promise<Answer> =>
      server.call('POST', '/v1/connections', {
        name: `Taken ${++made}`,
        service: name,
        credentials: { accessToken: 'at' },
        ...more,
      })
    expect((await take({})).body['errors']).toContainEqual(
      expect.objectContaining({ path: 'parameters.instanceUrl', code: 'required' }),
    )
    expect((await take({ parameters: { instanceUrl: near.origin } })).body['status']).toBe('active')
  })

  test('what was read can be written back', async () => {
    const connection = await connect(await service({ learn: [{ ...fromToken, pattern: places() }] }))
    const { linkName, parameters } = connection.body
    const patched = await server.call('PATCH', `/v1/connections/${String(linkName)}`, { parameters })
    expect(patched.body['parameters']).toEqual({ instanceUrl: near.origin })
  })
})
