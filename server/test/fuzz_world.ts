/** A server with something of everything in it, people and keys of every kind, and an API behind it that says little. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { ownerKey, startServer, type TestServer } from './harness.ts'
import { createNeedles, type Needles } from './needles.ts'
import { invited, type Person, setUpOwner } from './people.ts'

export interface Principal {
  name: string
  headers: Record<string, string>
}

export interface World {
  server: TestServer
  needles: Needles
  /** Of the API behind. */
  upstream: string
  principals: () => Principal[]
  /** What a parameter of this name may be in a path like this, among what is there. */
  known: (path: string, name: string) => string[]
  /** Puts back what a request may have taken away. */
  heal: () => Promise<void>
  /** What the API behind was sent that it must never be. */
  leaked: () => string[]
  close: () => Promise<void>
}

const services = ['fuzz_key', 'fuzz_basic', 'fuzz_token', 'fuzz_client', 'fuzz_code', 'fuzz_users'] as const

export async function openWorld(): Promise<World> {
  const needles = createNeedles()
  const leaked: string[] = []
  const tokens = [needles.plant('access token', plain), needles.plant('refresh token', plain)]
  const api = createServer((request, response) => {
    const said = [request.url, ...request.rawHeaders].join(' ')
    leaked.push(...needles.foundIn(said, shown).map((name) => `${name} in a request to the API`))
    request.resume()
    request.on('end', () => behave(request, response, tokens))
    request.on('error', () => undefined)
  })
  await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve))
  const upstream = `http://127.0.0.1:${(api.address() as AddressInfo).port}`
  const server = await startServer({
    environment: { MOORING_REQUESTS_PER_KEY: '0', MOORING_REQUESTS_PER_ADDRESS: '0' },
  })
  needles.watch('owner key', ownerKey)

  const must = async (method: string, path: string, body?: unknown): Promise<Record<string, unknown>> => {
    const answer = await server.call(method, path, body)
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.text}`)
    return answer.body
  }
  const keyOf = async (role: string, connections?: string[]): Promise<Principal> => {
    const made = await must('POST', '/v1/api-keys', { name: role, role, connections })
    needles.watch(`${role} key`, String(made['key']))
    return { name: `${role} key`, headers: { authorization: `Bearer ${String(made['key'])}` } }
  }
  const auth = oauth2(upstream, needles.plant('client secret'))
  const definitions: Record<(typeof services)[number], { auth: object; connection: object }> = {
    fuzz_key: {
      auth: { type: 'api_key', parameters: [{ name: 'Key', key: 'appid', location: 'query' }] },
      connection: { credentials: { appid: needles.plant('api key') } },
    },
    fuzz_basic: {
      auth: { type: 'basic' },
      connection: { credentials: { username: 'somebody', password: needles.plant('password', plain) } },
    },
    fuzz_token: {
      auth: { type: 'bearer' },
      connection: { credentials: { token: needles.plant('bearer token', plain) } },
    },
    fuzz_client: { auth: { ...auth, grantType: 'client_credentials' }, connection: {} },
    fuzz_code: { auth, connection: {} },
    fuzz_users: { auth, connection: { authorizationLevel: 'per_user' } },
  }
  const owner = await setUpOwner(server)
  const people: Person[] = [owner]
  for (const role of ['developer', 'viewer']) people.push(await invited(server, owner, role, role))
  const keys = [
    { name: 'owner key', headers: { authorization: `Bearer ${ownerKey}` } },
    await keyOf('admin'),
    await keyOf('developer'),
    await keyOf('viewer'),
    await keyOf('invoke', ['fuzz_key', 'fuzz_client']),
  ]
  const spare: Record<string, string[]> = {}

  const heal = async (): Promise<void> => {
    for (const name of services) {
      if ((await server.call('GET', `/v1/services/${name}`)).status === 404) {
        const { auth: given } = definitions[name]
        await must('POST', '/v1/services', {
          name,
          linkName: name,
          stage: 'ready',
          auth: given,
          baseUrl: `${upstream}/base`,
          probe: { path: '/me' },
        })
      }
      const { status } = await server.call('GET', `/v1/connections/${name}`)
      if (status === 404) {
        const made = await server.call('POST', '/v1/connections', {
          name,
          linkName: name,
          service: name,
          ...definitions[name].connection,
        })
        if (made.status !== 201) {
          // Its service was changed into something that these credentials do not fit.
          await must('DELETE', `/v1/services/${name}?force=true`)
          return heal()
        }
      }
    }
    if ((await server.call('GET', '/v1/services/fuzz_draft')).status === 404)
      await must('POST', '/v1/services', { name: 'Draft', linkName: 'fuzz_draft', scopes: ['a', 'b'] })
    const attempt = await server.call('POST', '/v1/connections/fuzz_code/authorize')
    const session = await must('POST', '/v1/connect-sessions', { user: { id: 'u1' }, connections: ['fuzz_users'] })
    spare['token'] = [textOf(attempt.body['authorizationUrl']).split('/').at(-1) ?? 'none', String(session['token'])]
    spare['attempt'] = [textOf(attempt.body['attempt'])]
    spare['api-keys'] = [String((await must('POST', '/v1/api-keys', { name: 'Spare', role: 'viewer' }))['id'])]
    spare['invitations'] = [String((await must('POST', '/v1/invitations', { role: 'viewer' }))['id'])]
    const jobs = (await must('GET', '/v1/system/jobs'))['items'] as { id: string }[]
    spare['jobs'] = jobs.map(({ id }) => id).slice(0, 3)
    const scopes = (await must('GET', '/v1/services/fuzz_draft/scopes'))['items'] as { id: string }[]
    spare['scopes'] = scopes.map(({ id }) => id).slice(0, 3)
    spare['callbackId'] = [String((await must('GET', '/v1/services/fuzz_code'))['callbackId'])]
  }
  await heal()

  const principals = (): Principal[] => [
    { name: 'nobody', headers: {} },
    { name: 'a wrong key', headers: { authorization: `Bearer mk_${'wrong'.repeat(8)}` } },
    { name: 'a strange header', headers: { authorization: 'Negotiate \xff==' } },
    ...keys,
    ...people.flatMap((person, index): Principal[] => {
      const cookie = Array.from(person.cookies, (pair) => pair.join('=')).join('; ')
      return [
        { name: `session ${index}`, headers: { cookie, 'x-csrf-token': person.csrfToken() } },
        { name: `session ${index} without its token`, headers: { cookie } },
      ]
    }),
  ]

  return {
    server,
    needles,
    upstream,
    principals,
    heal,
    known(path, name) {
      if (name === 'service') return [...services, 'fuzz_draft']
      if (name === 'connection') return [...services]
      if (name === 'token' || name === 'callbackId') return spare[name] ?? []
      if (name === 'target')
        return [
          '',
          'me',
          '/a/b?c=d',
          `${upstream}/base/x`,
          encodeURIComponent(`${upstream}/x`),
          'redirect',
          'bomb',
          'status/500',
          'status/429',
        ]
      if (path.includes('/catalogue/')) return ['github', 'slack']
      const kind = ['attempts', 'api-keys', 'invitations', 'jobs', 'scopes'].find((one) => path.includes(`/${one}/`))
      return kind === undefined ? [] : (spare[kind === 'attempts' ? 'attempt' : kind] ?? [])
    },
    leaked: () => [...new Set(leaked)],
    async close() {
      await server.stop()
      api.closeAllConnections()
      await new Promise((resolve) => api.close(resolve))
    },
  }
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : 'none')

/** What a request to an API is made of, and therefore holds. */
const shown = ['access token', 'refresh token', 'client secret', 'api key', 'password', 'bearer token']

const plain = (random: string): string => `fz_${random}`

function oauth2(upstream: string, clientSecret: string): object {
  return {
    type: 'oauth2',
    clientId: 'a-client',
    clientSecret,
    authorizationUrl: `${upstream}/oauth/authorize`,
    tokenUrl: `${upstream}/oauth/token`,
    revokeTokenUrl: `${upstream}/oauth/revoke`,
  }
}

function behave(request: IncomingMessage, response: ServerResponse, [access, refresh]: string[]): void {
  const { pathname } = new URL(request.url ?? '/', 'http://x')
  const json = (status: number, body: object): void =>
    void response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body))
  if (pathname.endsWith('/oauth/token')) {
    json(200, { access_token: access, refresh_token: refresh, token_type: 'Bearer', expires_in: 3600 })
  } else if (pathname.endsWith('/redirect')) {
    response.writeHead(302, { Location: 'http://169.254.169.254/latest/meta-data/' }).end()
  } else if (pathname.endsWith('/bomb')) {
    response.writeHead(200, { 'Content-Encoding': 'gzip', 'Content-Type': 'application/json' }).end(bomb)
  } else if (/\/status\/\d{3}$/.test(pathname)) json(Number(pathname.slice(-3)), { error: 'as asked' })
  else json(200, { ok: true })
}

/** A kilobyte a megabyte. */
const bomb = gzipSync(Buffer.alloc(20_000_000))
