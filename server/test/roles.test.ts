import { type Role, type RouteName, routes } from '@mooring/contract'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Answer, startServer, type TestServer } from './harness.ts'
import { invited, type Person, setUpOwner } from './people.ts'
import { withinASecond } from './within_a_second.ts'

let server: TestServer
/** How far the server's clock is ahead, in milliseconds. */
let ahead = 0
/** Signed in, by role. */
const people = new Map<Role, Person>()
/** Keys by name. */
const keys = new Map<string, { id: string; key: string }>()

type Call = (method: string, path: string, body?: unknown) => Promise<Answer>

/** Calls with the key of this name. */
function as(name: string): Call {
  return async (method, path, body) =>
    server.call(method, path, body, { authorization: `Bearer ${keys.get(name)?.key}` })
}

async function makeKey(name: string, role: Role, more: object = {}): Promise<void> {
  const { body, text } = await server.call('POST', '/v1/api-keys', { name, role, ...more })
  if (typeof body['key'] !== 'string') throw new Error(text)
  keys.set(name, { id: String(body['id']), key: body['key'] })
}

async function makeConnection(name: string): Promise<void> {
  const made = await server.call('POST', '/v1/connections', {
    name,
    service: 'plain',
    credentials: { token: `token-of-${name}` },
  })
  if (made.status !== 201) throw new Error(made.text)
}

const roles = ['owner', 'admin', 'developer', 'viewer', 'invoke'] as const

beforeAll(async () => {
  server = await startServer({ now: () => Date.now() + ahead })
  await server.call('POST', '/v1/services', {
    name: 'Plain',
    stage: 'ready',
    auth: { type: 'bearer' },
    baseUrl: 'http://127.0.0.1:9/api',
  })
  const owner = await setUpOwner(server)
  people.set('owner', owner)
  for (const role of ['admin', 'developer', 'viewer'] as const)
    people.set(role, await invited(server, owner, role, role))
  for (const name of ['mine', 'also_mine', 'theirs']) await makeConnection(name)
  for (const role of roles) await makeKey(role, role, role === 'invoke' ? { connections: ['mine'] } : {})
  for (const role of roles) await makeKey(`limited ${role}`, role, { connections: ['mine', 'also_mine'] })
})
afterAll(() => server.stop())

/** `open`: nobody need be known; `session`: for people, whatever their role. */
type Permission =
  | 'open'
  | 'session'
  | 'any'
  | 'read'
  | 'invoke'
  | 'manage'
  | 'credentials'
  | 'keys'
  | 'people'
  | 'audit'
  | 'encryption'

/** What each route asks for (S-50), and a body that it can read. */
const asks: Record<RouteName, [Permission, body?: unknown]> = {
  createService: ['manage', {}],
  listServices: ['read'],
  getService: ['read'],
  exportService: ['read'],
  exportConnection: ['read'],
  updateService: ['manage', {}],
  deleteService: ['manage'],
  readyService: ['manage'],
  cloneService: ['manage'],
  replaceServiceSecrets: ['manage', {}],
  rollServiceKeys: ['manage'],
  addScope: ['manage', { value: 'x' }],
  listScopes: ['read'],
  updateScope: ['manage', {}],
  deleteScope: ['manage'],
  deleteScopes: ['manage', { ids: ['x'] }],
  listAuthTypes: ['read'],
  previewService: ['manage', { definition: {} }],
  importServices: ['manage', { curl: 'curl https://api.example.com' }],
  listCatalogue: ['read'],
  listCatalogueCategories: ['read'],
  getCatalogueEntry: ['read'],
  createConnection: ['manage', {}],
  listConnections: ['read'],
  getConnection: ['read'],
  updateConnection: ['manage', {}],
  deleteConnection: ['manage'],
  promptConnection: ['read'],
  authorizeConnection: ['manage', {}],
  refreshConnection: ['manage'],
  testConnection: ['invoke'],
  revokeConnection: ['manage', {}],
  getCredentials: ['credentials'],
  invokeConnection: ['invoke', { url: 'x' }],
  listAuthorizations: ['read'],
  listAttempts: ['read'],
  getAttempt: ['read'],
  answerAttempt: ['manage', { replace: true }],
  cancelAttempt: ['manage'],
  createConnectSession: ['manage', { user: { id: 'ana' } }],
  listActivity: ['read'],
  getUsage: ['read'],
  listWorkspaceActivity: ['read'],
  listAuditLog: ['audit'],
  verifyAuditLog: ['audit'],
  getSignInOptions: ['open'],
  setUp: ['open', {}],
  signIn: ['open', {}],
  getSession: ['session'],
  signOut: ['session'],
  updateProfile: ['session', {}],
  listSessions: ['session'],
  deleteSession: ['session'],
  listUsers: ['read'],
  updateUser: ['people', {}],
  deleteUser: ['people'],
  createPasswordLink: ['people'],
  resetPassword: ['open', {}],
  createInvitation: ['people', {}],
  listInvitations: ['people'],
  deleteInvitation: ['people'],
  viewInvitation: ['open', {}],
  acceptInvitation: ['open', {}],
  createApiKey: ['keys', {}],
  listApiKeys: ['keys'],
  deleteApiKey: ['keys'],
  rollApiKey: ['keys'],
  whoami: ['any'],
  listEvents: ['read'],
  getSystem: ['read'],
  getEncryption: ['encryption'],
  rotateKeys: ['encryption'],
  verifyKeys: ['encryption'],
  listJobs: ['encryption'],
  getJob: ['encryption'],
  pauseJob: ['encryption'],
  resumeJob: ['encryption'],
}

/** Routes outside the contract's table. */
const others: [method: string, path: string, Permission][] = [
  ['GET', '/v1/proxy/{connection}/x', 'invoke'],
  ['POST', '/v1/proxy/{connection}/x', 'invoke'],
  ['PUT', '/v1/services/{service}/logo', 'manage'],
  ['GET', '/v1/services/{service}/logo', 'read'],
  ['GET', '/v1/openapi.json', 'any'],
  ['GET', '/metrics', 'read'],
]

const may: Record<Role, readonly Permission[]> = {
  owner: ['open', 'any', 'read', 'invoke', 'manage', 'credentials', 'keys', 'people', 'audit', 'encryption'],
  admin: ['open', 'any', 'read', 'invoke', 'manage', 'credentials', 'keys', 'people', 'audit', 'encryption'],
  developer: ['open', 'any', 'read', 'invoke', 'manage'],
  viewer: ['open', 'any', 'read'],
  invoke: ['open', 'any', 'invoke'],
}

interface Asked {
  name: string
  method: string
  path: string
  permission: Permission
  body?: unknown
}

const all: Asked[] = [
  ...Object.entries(routes).map(([name, { method, path }]) => {
    const [permission, body] = asks[name as RouteName]
    return { name, method, path, permission, body }
  }),
  ...others.map(([method, path, permission]) => ({
    name: `${method} ${path}`,
    method,
    path,
    permission,
    body: undefined,
  })),
]

const filled = (path: string, connection: string): string =>
  path.replace('{connection}', connection).replace('{service}', 'nothing').replace('{id}', 'nothing')

describe('S-50 what a role may do', () => {
  test.each(all)('$name takes $permission', async ({ method, path, permission, body }) => {
    for (const role of roles) {
      const { status, body: said } = await as(role)(method, filled(path, 'nothing'), body)
      const limited = role === 'invoke' && permission !== 'open' && !/\{connection\}|whoami|openapi/.test(path)
      if (may[role].includes(permission) && !limited) expect([401, 403], `${role}: ${status}`).not.toContain(status)
      else expect([role, status, said['code']]).toEqual([role, 403, 'forbidden'])
    }
  })

  test.each(all.filter(({ path }) => !path.includes('/proxy/')))(
    '$name takes $permission of people, too',
    async ({ name, method, path, permission, body }) => {
      // Would end the session that the other tests go on with.
      if (name === 'signOut') return
      for (const [role, person] of people) {
        const { status, body: said } = await person.call(method, filled(path, 'nothing'), body)
        if (permission === 'session' || may[role].includes(permission))
          expect([401, 403], `${role}: ${status}`).not.toContain(status)
        else expect([role, status, said['code']]).toEqual([role, 403, 'forbidden'])
      }
    },
  )

  test('who calls can always ask who they are', async () => {
    for (const role of roles) {
      const { body } = await as(role)('GET', '/v1/whoami')
      expect(body).toMatchObject({ kind: 'api_key', id: keys.get(role)?.id, name: role, role, workspace: 'Main' })
    }
  })

  test('an admin neither makes nor deletes an owner’s key; an owner does both', async () => {
    const owner = keys.get('owner')?.id
    expect((await as('admin')('POST', '/v1/api-keys', { name: 'Up', role: 'owner' })).body).toMatchObject({
      status: 403,
    })
    expect((await as('admin')('DELETE', `/v1/api-keys/${owner}`)).body).toMatchObject({ status: 403 })
    const made = await as('owner')('POST', '/v1/api-keys', { name: 'Second', role: 'owner' })
    expect(made.body).toMatchObject({ role: 'owner', connections: null, expiresAt: null })
    expect((await as('owner')('DELETE', `/v1/api-keys/${String(made.body['id'])}`)).status).toBe(204)
    expect((await as('admin')('POST', '/v1/api-keys', { name: 'Peer', role: 'admin' })).status).toBe(201)
  })

  test('raw credentials take a permission of their own, and each reading is noted', async () => {
    expect((await as('developer')('GET', '/v1/connections/mine/credentials')).status).toBe(403)
    const read = await as('admin')('GET', '/v1/connections/mine/credentials')
    expect([read.body['headers'], read.headers.get('cache-control')]).toEqual([
      { authorization: 'Bearer token-of-mine' },
      'no-store',
    ])
    const { body } = await as('viewer')('GET', '/v1/connections/mine/activity')
    expect((body['items'] as object[])[0]).toMatchObject({
      type: 'connection.credentials_read',
      actor: 'api_key:admin',
      cause: 'asked for',
    })
  })

  test('whoever may not read credentials cannot have them sent elsewhere', async () => {
    const patch = (name: string, body: object): Promise<Answer> => as(name)('PATCH', '/v1/services/plain', body)
    for (const body of [
      { hosts: ['evil.example.com'] },
      { anyHost: true },
      { baseUrl: 'https://evil.example.com/api' },
      { baseUrl: 'http://127.0.0.1:10/api' },
    ])
      expect((await patch('developer', body)).body).toMatchObject({ status: 403, code: 'forbidden' })
    expect((await patch('developer', { description: 'Plain', baseUrl: 'http://127.0.0.1:9/api/' })).status).toBe(200)
    expect((await patch('admin', { hosts: ['good.example.com'] })).status).toBe(200)
    expect((await patch('developer', { hosts: [] })).status).toBe(200)
    expect((await as('developer')('POST', '/v1/services/plain/clone?secrets=true')).status).toBe(403)
    expect((await as('developer')('POST', '/v1/services/plain/clone')).status).toBe(201)
    expect((await as('admin')('POST', '/v1/services/plain/clone?secrets=true')).status).toBe(201)
  })
})

describe('keys that are limited to connections', () => {
  const ofConnection = all.filter(({ path }) => path.includes('{connection}'))
  const withoutId = ({ body, headers }: Answer): object => {
    const { requestId, ...rest } = body
    expect(requestId).toEqual(headers.get('x-request-id'))
    return { ...rest, error: headers.get('mooring-error'), type: headers.get('content-type') }
  }

  test.each(ofConnection)('S-51 $name tells a connection that is not theirs from none in nothing', async (route) => {
    const { id } = (await server.call('GET', '/v1/connections/theirs')).body
    for (const role of roles.filter((one) => may[one].includes(route.permission))) {
      const ask = async (connection: string): Promise<Answer> =>
        as(`limited ${role}`)(route.method, filled(route.path, connection), route.body)
      const unknown = await ask('nothing')
      expect([unknown.status, unknown.body['code']]).toEqual([404, 'not_found'])
      expect(withoutId(await ask('theirs'))).toEqual(withoutId(unknown))
      expect(withoutId(await ask(String(id)))).toEqual(withoutId(unknown))
    }
  })

  test('S-51 and after others have warmed what is kept in memory', async () => {
    await as('owner')('GET', '/v1/proxy/theirs/x')
    expect((await as('limited developer')('GET', '/v1/proxy/theirs/x')).status).toBe(404)
    expect((await as('limited developer')('GET', '/v1/proxy/mine/x')).body).toMatchObject({
      code: 'upstream_unreachable',
    })
  })

  test.each(
    all.filter(
      ({ path, permission }) =>
        permission !== 'open' && !/\{connection\}|whoami|openapi|metrics|\/v1\/connections$/.test(path),
    ),
  )('$name is not theirs', async ({ method, path, body }) => {
    for (const role of roles) {
      const answer = await as(`limited ${role}`)(method, filled(path, ''), body)
      expect([role, answer.status]).toEqual([role, 403])
    }
  })

  test('make no connections, and see theirs alone, page by page', async () => {
    expect((await as('limited owner')('POST', '/v1/connections', { name: 'New', service: 'plain' })).status).toBe(403)
    const seen: unknown[] = []
    for (let cursor = '', pages = 0; pages < 5; pages++) {
      const { body } = await as('limited viewer')('GET', `/v1/connections?limit=1${cursor}`)
      const items = body['items'] as { linkName: string }[]
      // A page is short only where it is the last.
      expect(items).toHaveLength(1)
      seen.push(...items.map((item) => item.linkName))
      if (typeof body['nextCursor'] !== 'string') break
      cursor = `&cursor=${body['nextCursor']}`
    }
    expect(seen).toEqual(['also_mine', 'mine'])
    const search = await as('limited viewer')('GET', '/v1/connections?query=theirs')
    expect(search.body).toEqual({ items: [], nextCursor: null })
  })

  test('for invoking name their connections', async () => {
    const made = await server.call('POST', '/v1/api-keys', { name: 'Loose', role: 'invoke' })
    expect(made.body).toMatchObject({ code: 'validation_failed', errors: [{ path: 'connections' }] })
  })
})

describe('S-45 a key', () => {
  const bad = (key: string): [string, string][] => [
    ['none', ''],
    ['no scheme', key],
    ['another scheme', `Basic ${key}`],
    ['the scheme alone', 'Bearer'],
    ['nothing behind it', 'Bearer '],
    ['two keys', `Bearer ${key}, Bearer ${key}`],
    ['a part of it', `Bearer ${key.slice(0, -1)}`],
    ['more than it', `Bearer ${key}x`],
    ['its hash', 'Bearer 0123456789abcdef'],
    ['another one', 'Bearer mk_unknown'],
    ['a long one', `Bearer mk_${'x'.repeat(10_000)}`],
  ]

  test('that is missing, malformed or unknown is refused on every route', async () => {
    const key = keys.get('owner')?.key ?? ''
    for (const [what, authorization] of bad(key)) {
      const closed = all.filter(({ permission }) => permission !== 'open')
      for (const { method, path, body } of closed.slice(0, what === 'none' ? undefined : 3)) {
        const answer = await server.call(method, filled(path, 'mine'), body, { authorization })
        expect([what, path, answer.status, answer.body['code']]).toEqual([what, path, 401, 'unauthenticated'])
        expect(answer.headers.get('www-authenticate')).toBe('Bearer')
        expect(answer.headers.get('content-type')).toContain('application/problem+json')
        expect(answer.headers.get('mooring-error')).toBe(path.includes('/proxy/') ? 'unauthenticated' : null)
      }
    }
    const small = await server.call('GET', '/v1/whoami', undefined, { authorization: `bearer  ${key} ` })
    expect(small.status).toBe(200)
  })

  test('is shown once and never again, and is kept hashed', async () => {
    await makeKey('shown', 'viewer')
    const key = keys.get('shown')?.key ?? ''
    expect(key).toMatch(/^mk_[A-Za-z0-9_-]{43}$/)
    const { text, body } = await server.call('GET', '/v1/api-keys?limit=100')
    expect(text).not.toContain(key.slice(8))
    expect(body['items']).toContainEqual(expect.objectContaining({ name: 'shown', prefix: key.slice(0, 7) }))
  })

  test('shows when it was last used', async () => {
    await makeKey('used', 'viewer')
    const lastUse = async (): Promise<unknown> => {
      const items = (await server.call('GET', '/v1/api-keys?limit=100')).body['items'] as { name: string }[]
      return items.map((item) => ({ lastUsedAt: null, ...item })).find((item) => item.name === 'used')?.lastUsedAt
    }
    expect(await lastUse()).toBeNull()
    const before = Date.now()
    await as('used')('GET', '/v1/whoami')
    const at = Date.parse(String(await lastUse()))
    expect(at).toBeGreaterThanOrEqual(before)
    expect(at).toBeLessThanOrEqual(Date.now())
  })

  test('ends at its time', async () => {
    const past = await server.call('POST', '/v1/api-keys', {
      name: 'X',
      role: 'viewer',
      expiresAt: '2020-01-01T00:00:00Z',
    })
    expect(past.body).toMatchObject({ code: 'validation_failed', errors: [{ path: 'expiresAt' }] })
    await makeKey('short', 'viewer', { expiresAt: new Date(Date.now() + 3_600_000).toISOString() })
    expect((await as('short')('GET', '/v1/whoami')).status).toBe(200)
    ahead = 3_600_000
    expect((await as('short')('GET', '/v1/whoami')).status).toBe(401)
    ahead = 0
    expect((await as('short')('GET', '/v1/whoami')).status).toBe(200)
  })

  test('that is deleted is refused at once, here and within a second by another process', async () => {
    await makeKey('gone', 'viewer')
    const other = await startServer({ dir: server.dir })
    try {
      const there = async (): Promise<number> =>
        (await other.call('GET', '/v1/whoami', undefined, { authorization: `Bearer ${keys.get('gone')?.key}` })).status
      expect([(await as('gone')('GET', '/v1/whoami')).status, await there()]).toEqual([200, 200])
      expect((await server.call('DELETE', `/v1/api-keys/${keys.get('gone')?.id}`)).status).toBe(204)
      expect((await as('gone')('GET', '/v1/whoami')).status).toBe(401)
      await withinASecond(there, 401)
      expect((await server.call('DELETE', `/v1/api-keys/${keys.get('gone')?.id}`)).status).toBe(404)
    } finally {
      await other.stop()
    }
  })
})
