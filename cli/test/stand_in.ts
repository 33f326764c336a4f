/** A server on a free port that answers as the API page says, as far as the commands ask, and records what it is asked. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import type { Attempt, Connection, Job, Problem, PromptField, Service } from '@mooring/contract'

export interface Seen {
  method: string
  target: string
  headers: IncomingMessage['headers']
  body: string
}

export interface StandIn extends AsyncDisposable {
  url: string
  seen: Seen[]
  /** By link name. */
  services: Map<string, Service>
  connections: Map<string, Connection>
  /** What `authorize` answers; a redirect where it is not set. */
  prompts: Map<string, PromptField[]>
  /** What each further look at the attempt finds; the last one stays. */
  attempts: Attempt[]
  /** What each further look at the job finds; the last one stays. */
  jobs: Job[]
  /** Answers a proxied call. */
  upstream: (seen: Seen, response: ServerResponse) => void
  /** Answers before anything else does, where it answers true. */
  first: (seen: Seen, response: ServerResponse) => boolean
}

export const apiKey = 'mk_test_0123456789abcdef0123456789abcdef'

const at = '2026-01-01T00:00:00Z'

export const aService = (linkName: string, more: Partial<Service> = {}): Service => ({
  id: `svc_${linkName}`,
  name: linkName,
  linkName,
  description: '',
  stage: 'ready',
  origin: 'custom',
  logoUrl: null,
  auth: { type: 'bearer', tokenPrefix: 'Bearer' },
  scopes: [],
  scopeDelimiter: 'comma',
  hosts: ['api.example.com'],
  anyHost: false,
  baseUrl: 'https://api.example.com',
  probe: null,
  headers: {},
  placeholders: [],
  callbackId: 'abcdefghijklmnopqrstuvwx',
  callbackUrl: 'http://localhost:4280/oauth/callback/abcdefghijklmnopqrstuvwx',
  jwksUrl: null,
  connectionCount: 0,
  warnings: [],
  createdAt: at,
  updatedAt: at,
  readyAt: at,
  ...more,
})

export const aConnection = (linkName: string, more: Partial<Connection> = {}): Connection => ({
  id: `con_${linkName}`,
  name: linkName,
  linkName,
  service: { linkName: 'books', name: 'Books', authType: 'bearer' },
  status: 'created',
  authorizationLevel: 'shared',
  scopes: [],
  grantedScopes: null,
  parameters: {},
  enabled: true,
  autoRefresh: false,
  expiresAt: null,
  nextRefreshAt: null,
  lastRefreshedAt: null,
  lastUsedAt: null,
  lastError: null,
  reauthorizationNeeded: false,
  account: null,
  verifiedAt: null,
  createdAt: at,
  updatedAt: at,
  ...more,
})

export const anAttempt = (state: Attempt['state'], more: Partial<Attempt> = {}): Attempt => ({
  id: 'att_1',
  state,
  user: null,
  steps: [],
  diagnosis: null,
  question: null,
  device: null,
  createdAt: at,
  expiresAt: '2126-01-01T00:10:00Z',
  ...more,
})

export const aJob = (state: Job['state'], more: Partial<Job> = {}): Job => ({
  id: 'job_1',
  kind: 'key_rotation',
  state,
  done: 0,
  total: 1340,
  failed: 0,
  failures: [],
  detail: '',
  startedBy: 'user:Olga Owner',
  startedAt: at,
  updatedAt: at,
  finishedAt: null,
  ...more,
})

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

export function sendProblem(response: ServerResponse, status: number, code: string, more: Partial<Problem> = {}): void {
  const problem = {
    type: 'about:blank',
    title: code,
    status,
    detail: `It was ${code}.`,
    code,
    requestId: 'req_1',
    ...more,
  }
  response.writeHead(status, { 'content-type': 'application/problem+json', 'mooring-error': code })
  response.end(JSON.stringify(problem))
}

export async function standIn(): Promise<StandIn> {
  const server = createServer((request, response) => {
    void (async () => {
      const { method = '', url = '', headers } = request
      const seen: Seen = { method, target: url, headers, body: (await buffer(request)).toString() }
      standing.seen.push(seen)
      if (standing.first(seen, response)) return
      if (headers.authorization === `Bearer ${apiKey}`) answer(standing, seen, response)
      else sendProblem(response, 401, 'unauthenticated', { detail: 'The API key is not known.' })
    })()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const standing: StandIn = {
    seen: [],
    services: new Map(),
    connections: new Map(),
    prompts: new Map(),
    attempts: [],
    jobs: [],
    upstream: (_, reply) => void reply.end(),
    first: () => false,
    url: `http://127.0.0.1:${address.port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  return standing
}

function answer(standing: StandIn, seen: Seen, response: ServerResponse): void {
  const { services, connections, prompts, attempts } = standing
  const { pathname } = new URL(seen.target, 'http://x')
  if (pathname.startsWith('/v1/system/')) return answerSystem(standing, seen, pathname, response)
  const [, , kind = '', name = '', action = '', id = ''] = pathname.split('/').map(decodeURIComponent)
  const page = (items: unknown[]): void => sendJson(response, 200, { items, nextCursor: null })
  const body = (): object => Object(seen.body === '' ? {} : JSON.parse(seen.body))

  if (kind === 'proxy') {
    standing.upstream(seen, response)
    return
  }
  switch (
    `${seen.method} ${kind}${name === '' ? '' : ' *'}${action === '' ? '' : ` ${action}`}${id === '' ? '' : ' *'}`
  ) {
    case 'GET whoami':
      return sendJson(response, 200, { kind: 'api_key', id: 'key_1', name: 'tests', role: 'owner', workspace: 'main' })
    case 'GET auth-types':
      return sendJson(response, 200, { items: authTypes })
    case 'GET services':
      return page([...services.values()])
    case 'POST services': {
      const service = aService('made', { stage: 'draft', ...body() })
      services.set(service.linkName, service)
      return sendJson(response, 201, service)
    }
    case 'GET connections':
      return page([...connections.values()])
    case 'POST connections': {
      const { service, ...more } = { service: '', ...body() }
      const made = aConnection(service, {
        ...more,
        service: { linkName: service, name: service, authType: '' },
      })
      connections.set(made.linkName, made)
      return sendJson(response, 201, made)
    }
    case 'GET api-keys':
      return page([{ ...key, expiresAt: null }])
    case 'POST api-keys':
      return sendJson(response, 201, { ...key, ...body(), key: 'mk_the_new_key' })
    case 'GET users':
      return page([user])
    case 'POST users * password-link':
      return sendJson(response, 201, { url: `http://localhost:4280/reset#token=${name}`, expiresAt: at })
    case 'DELETE api-keys *':
      return void response.writeHead(204).end()
    default:
  }
  const service = services.get(name)
  if (kind === 'services' && service !== undefined) {
    if (seen.method === 'DELETE') return void response.writeHead(204).end()
    if (action === 'scopes') return page(service.scopes)
    return sendJson(response, action === 'clone' ? 201 : 200, {
      ...service,
      ...(action === 'ready' ? { stage: 'ready' } : {}),
    })
  }
  const connection = connections.get(name)
  if (kind !== 'connections' || connection === undefined) {
    return sendProblem(response, 404, 'not_found', { detail: `There is nothing called ${name}.` })
  }
  if (seen.method === 'DELETE') return void response.writeHead(204).end()
  switch (action) {
    case 'prompt':
      return sendJson(response, 200, { redirects: !prompts.has(name), fields: prompts.get(name) ?? [] })
    case 'authorize': {
      if (prompts.has(name) || seen.body.includes('accessToken')) {
        const active = { ...connection, status: 'active' as const }
        connections.set(name, active)
        return sendJson(response, 200, { kind: 'done', connection: active })
      }
      const expiresAt = new Date(Date.now() + 600_000).toISOString()
      const authorizationUrl = 'http://localhost:4280/connect/tok?a=1&b=2'
      const device = attempts[0]?.device
      if (device)
        return sendJson(response, 200, { kind: 'device', ...device, authorizationUrl, attempt: 'att_1', expiresAt })
      return sendJson(response, 200, { kind: 'redirect', authorizationUrl, attempt: 'att_1', expiresAt })
    }
    case 'attempts':
      if (id === '') return page(attempts)
      if (attempts[0]?.state === 'succeeded') connections.set(name, { ...connection, status: 'active' })
      return sendJson(response, 200, attempts.length > 1 ? attempts.shift() : attempts[0])
    case 'test':
      return sendJson(response, 200, {
        ok: connection.status === 'active',
        status: 200,
        latencyMs: 12,
        detail: 'Tried.',
      })
    case 'credentials':
      return sendJson(response, 200, {
        headers: { Authorization: 'Bearer secret-token' },
        parameters: {},
        form: {},
        expiresAt: null,
      })
    case 'activity':
      return page([
        {
          id: 'a',
          at,
          type: 'invoke',
          ok: true,
          detail: '',
          cause: null,
          actor: null,
          user: null,
          method: 'GET',
          host: 'api.example.com',
          path: '/x',
          status: 200,
          ms: 9,
        },
      ])
    case 'revoke':
      return sendJson(response, 200, { ...connection, status: 'revoked', providerRevocation: 'done' })
    default:
      return sendJson(response, 200, { ...connection, ...(seen.method === 'PATCH' ? body() : {}) })
  }
}

function answerSystem({ jobs }: StandIn, { method }: Seen, path: string, response: ServerResponse): void {
  if (path === '/v1/system/keys')
    return sendJson(response, 200, {
      source: 'file',
      rootKeys: [
        { id: 'k2', fingerprint: '0123456789abcdef', seals: true, dataKeys: 1, removable: false },
        { id: 'k1', fingerprint: 'fedcba9876543210', seals: false, dataKeys: 0, removable: true },
      ],
      dataKeys: [
        {
          id: 'dky_1',
          fingerprint: '00112233aabbccdd',
          workspace: 'Main',
          rootKey: 'k2',
          active: true,
          values: 1340,
          createdAt: at,
        },
      ],
      values: 1340,
      rotation: jobs[0] ?? null,
      verification: null,
    })
  sendJson(response, method === 'POST' && path.includes('/keys/') ? 202 : 200, jobs.length > 1 ? jobs.shift() : jobs[0])
}

const key = {
  id: 'key_1',
  name: 'ci',
  role: 'viewer',
  prefix: 'mk_the',
  createdBy: null,
  replacedBy: null,
  connections: null,
  expiresAt: null,
  lastUsedAt: null,
  createdAt: at,
}

const user = {
  id: 'usr_1',
  name: 'Ana',
  email: 'Ana@example.com',
  role: 'owner',
  active: true,
  hasPassword: true,
  createdAt: at,
  lastSeenAt: null,
}

const authTypes = [
  {
    type: 'bearer',
    title: 'Bearer token',
    summary: 'A token in the Authorization header.',
    schema: {
      type: 'object',
      properties: { type: { const: 'bearer' }, tokenPrefix: { type: 'string', title: 'Token prefix' } },
      required: ['type'],
    },
    redirects: false,
    scopes: false,
  },
]
