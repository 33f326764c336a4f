/** The HTTP side: what is served, as a table of contents. */
import { createServer, type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import cookie from '@fastify/cookie'
import { routes } from '@mooring/contract'
import fastify, { type FastifyInstance, type FastifyReply } from 'fastify'
import { type Caller, demand } from '../access/caller.ts'
import type { Door } from '../access/door.ts'
import type { Keys } from '../access/key.ts'
import type { Limits } from '../access/limits.ts'
import type { People } from '../access/people.ts'
import type { AuditLog } from '../audit/log.ts'
import type { Proxy } from '../call/proxy.ts'
import { callFault } from '../call/faults.ts'
import { MooringError, notFound } from '../errors.ts'
import { requestIds } from '../ids.ts'
import type { Log } from '../log.ts'
import type { Metrics } from '../metrics.ts'
import { type AccountRouteParts, accountRoutes } from './account.ts'
import { type ActivityRouteParts, activityRoutes } from './activity.ts'
import { auditRoutes } from './audit.ts'
import { createAuditor } from './auditor.ts'
import { bodyLimits, takeJson } from './body.ts'
import { consoleRoutes } from './console.ts'
import { createPlainRead, createReadCredentials, type PlainRead } from './credentials.ts'
import { catalogueRoutes } from './catalogue.ts'
import { type ConnectionRouteParts, connectionRoutes } from './connections.ts'
import { type ConnectRouteParts, connectRoutes } from './connect.ts'
import { documentRoutes } from './documents.ts'
import { type EncryptionRouteParts, encryptionRoutes } from './encryption.ts'
import type { Idempotency } from './idempotency.ts'
import { type IdentityProvider, type OidcRouteParts, oidcRoutes } from './oidc.ts'
import { peopleRoutes } from './people.ts'
import { asMooringError, problemHeaders, problemOf, writeProblem } from './problem.ts'
import { createServe } from './route.ts'
import { jwksRoute, logoRoutes, serviceRoutes } from './services.ts'
import { cutStalled, limitBodyTime, type Patience, patience } from './slow_clients.ts'
import type { Importer } from '../import/index.ts'
import type { Previewer } from '../service/preview.ts'
import type { Services } from '../service/service.ts'
import { eventRoutes, healthRoutes, type WorkspaceRouteParts, workspaceRoutes } from './workspace.ts'

export interface AppParts
  extends
    AccountRouteParts,
    ActivityRouteParts,
    Omit<ConnectionRouteParts, 'readCredentials'>,
    ConnectRouteParts,
    EncryptionRouteParts,
    OidcRouteParts {
  /** null: none is set up. */
  identityProvider: IdentityProvider | null
  log: Log
  keys: Keys
  door: Door
  people: People
  limits: Limits
  /** With callers that take their time; left out, what suits networks as they are. */
  patience?: Patience | undefined
  services: Services
  preview: Previewer
  importer: Importer
  proxy: Proxy
  idempotency: Idempotency
  audit: AuditLog
  metrics: Pick<Metrics, 'text'>
  draining: () => boolean
  pausedProviders: WorkspaceRouteParts['pausedProviders']
  startedAt: number
  retentionDays: { calls: number; events: number }
  version: string
  /** The folder of the built console; undefined: none is served. */
  consoleFolder: string | undefined
}

const proxyPrefix = '/v1/proxy/'
/** A connection that sent what is not HTTP is open for this long after the answer to it, in milliseconds. */
const lingerAfterError = 1000

export async function createApp(parts: AppParts): Promise<FastifyInstance> {
  const { log, keys, door, limits } = parts
  const newRequestId = requestIds()
  const auditor = createAuditor({ audit: parts.audit, store: parts.store, log })
  const readCredentials = createReadCredentials(parts)
  const plainRead = createPlainRead({
    read: readCredentials,
    keys,
    limits,
    auditor,
    newRequestId,
    refuse(response, requestId, error) {
      const known = noted(log, error, requestId, routes.getCredentials.path)
      if (response.headersSent) response.destroy()
      // As the framework writes it.
      else writeProblem(response, known, requestId, { 'Content-Type': 'application/problem+json; charset=utf-8' })
    },
  })
  const app: FastifyInstance = fastify({
    // Of what is no route of the contract; those say theirs.
    bodyLimit: bodyLimits({ open: true }).bytes,
    // With a function the framework also reads the other X-Forwarded headers.
    trustProxy: limits.trusts ?? false,
    genReqId: newRequestId,
    // A link name is at most 50 characters; a connect token and a callback id are longer.
    routerOptions: { maxParamLength: 200 },
    forceCloseConnections: 'idle',
    // What still comes over an open connection during a stop is served, so that no caller loses a request to it.
    return503OnClosing: false,
    // Before there is a route, and so before any hook.
    frameworkErrors: (error, request, reply) => {
      void sendProblem(reply.header('X-Request-Id', request.id), asMooringError(error), request.id)
    },
    // Bodies and replies are checked against the contract, not by the framework, whose compilers need not be loaded.
    schemaController: { compilersFactory: { buildValidator: noCompiler, buildSerializer: noCompiler } },
    serverFactory: (handler) => hotServer(parts, newRequestId, plainRead, handler),
  })
  await app.register(cookie)
  const slow = parts.patience ?? patience
  limitBodyTime(app, (reply, error) => sendProblem(reply, error, reply.request.id), slow)

  app.removeAllContentTypeParsers()
  takeJson(app)
  // By a plain call: a promise for each hook costs a request more than what the hook does.
  app.addHook('onRequest', (request, reply, next) => {
    void reply.header('X-Request-Id', request.id)
    // Pages and their parts, which anybody may open. Under /v1 each route counts for itself; probes are never refused.
    if (!/^\/(?:v1\/|healthz|readyz|metrics)/.test(request.url)) limits.stranger(request)
    next()
  })
  const serveConsole = await consoleRoutes(app, parts.consoleFolder)
  app.setNotFoundHandler(async (request, reply) => {
    if (serveConsole(request, reply)) return reply
    if (request.url.startsWith('/v1/')) await door.authenticate(request)
    // Elsewhere a path may hold the token of a sign-in.
    const path = request.url.startsWith('/v1/') ? ` as ${request.method} ${request.url.split('?', 1)[0]}` : ''
    return sendProblem(reply, notFound(`route${path}`), request.id)
  })
  app.setErrorHandler(async (error, request, reply) =>
    sendProblem(reply, noted(log, error, request.id, request.routeOptions.url), request.id),
  )

  const serve = createServe({
    app,
    door,
    limits,
    publicUrl: parts.publicUrl,
    idempotency: parts.idempotency,
    auditor,
    written: parts.written,
    reading: parts.reading,
  })
  healthRoutes(app, { door, store: parts.store, metrics: parts.metrics, draining: parts.draining })
  serviceRoutes(serve, {
    services: parts.services,
    preview: parts.preview,
    importer: parts.importer,
    revoker: parts.revoker,
    store: parts.store,
  })
  catalogueRoutes(app, serve, { door, publicUrl: parts.publicUrl })
  await logoRoutes(app, { services: parts.services, door, auditor })
  jwksRoute(app, parts.services)
  connectionRoutes(serve, { ...parts, readCredentials })
  activityRoutes(serve, parts)
  auditRoutes(serve, parts)
  encryptionRoutes(serve, parts)
  workspaceRoutes(serve, {
    keys,
    store: parts.store,
    now: parts.now,
    startedAt: parts.startedAt,
    version: parts.version,
    publicUrl: parts.publicUrl,
    retentionDays: parts.retentionDays,
    pausedProviders: parts.pausedProviders,
  })
  eventRoutes(app, serve, { door, store: parts.store })
  accountRoutes(serve, parts)
  peopleRoutes(serve, parts.people)
  await connectRoutes(app, parts, auditor)
  await oidcRoutes(app, parts)
  documentRoutes(app, { door, version: parts.version, publicUrl: parts.publicUrl })
  await app.ready()
  return app
}

function noCompiler(): () => never {
  return () => {
    throw new Error('no route has a schema for the framework')
  }
}

/** The error as one of ours. What is the fault of this server is logged. */
function noted(log: Log, error: unknown, request: string, route: string | undefined): MooringError {
  const known = asMooringError(error)
  if (known.status >= 500 && known.code !== 'provider_error' && known.code !== 'upstream_unreachable')
    log.error({ err: error, request, route }, 'a request failed')
  return known
}

async function sendProblem(reply: FastifyReply, error: MooringError, requestId: string): Promise<FastifyReply> {
  return reply
    .code(error.status)
    .headers(problemHeaders(error))
    .send(JSON.stringify(problemOf(error, requestId)))
}

/** The proxy and plain reads of a credential take the raw request and reply; everything else goes to the framework. */
function hotServer(
  parts: AppParts,
  newRequestId: () => string,
  plainRead: PlainRead,
  handler: (request: IncomingMessage, response: ServerResponse) => void,
): Server {
  const { keys, limits, log, proxy } = parts
  const server = createServer(
    { keepAliveTimeout: 72_000, headersTimeout: 20_000, requestTimeout: 0 },
    (request, response) => {
      setAnswering(request.socket, response)
      const url = request.url ?? ''
      if (parts.draining()) response.shouldKeepAlive = false
      if (!url.startsWith(proxyPrefix)) {
        if (!plainRead(url, request, response)) handler(request, response)
        return
      }
      const requestId = newRequestId()
      const begin = (): void => proxied(url, request, response, requestId)
      // A transfer coding that is none is told apart right after this, and is not to be passed on before.
      if (request.headers['transfer-encoding'] === undefined) begin()
      else queueMicrotask(() => !request.socket.writableEnded && begin())
    },
  )
  const refuse = (error: unknown, request: IncomingMessage, response: ServerResponse, requestId: string): void => {
    try {
      request.resume()
      if (response.headersSent) response.destroy()
      else writeProblem(response, callFault(asMooringError(error)), requestId)
    } catch (failure) {
      log.error({ err: failure, request: requestId }, 'a call could not be answered')
      response.destroy()
    }
  }
  const proxied = (url: string, request: IncomingMessage, response: ServerResponse, requestId: string): void => {
    const admit = (caller: Caller): void => {
      limits.calling(caller)
      demand(caller, 'invoke')
      const { connection, rest } = namedIn(url)
      if (connection === '') throw notFound('connection')
      proxy(caller, connection, rest, request, response, requestId)
    }
    try {
      // Keys only, never a session: what an API answers must not run with the rights of whoever is signed in here.
      const known = keys.authenticate(request.headers.authorization, request)
      if (known instanceof Promise)
        known.then(admit).catch((error: unknown) => refuse(error, request, response, requestId))
      else admit(known)
    } catch (error) {
      refuse(error, request, response, requestId)
    }
  }
  // RFC 9110 section 10.1.1 knows 100-continue alone, which node answers.
  server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
    const { body, headers } = wireProblem(417, 'Expect asks for what this server does not know.', newRequestId())
    response.writeHead(417, headers).end(body)
    request.resume()
  })
  cutStalled(server, answering, parts.patience ?? patience)
  server.on('clientError', (error, socket) => {
    // Answered already: what more it sends is cut off below.
    if (socket.writableEnded && !socket.destroyed) return
    const code = 'code' in error ? error.code : undefined
    const current = answering(socket)
    // In the middle of an answer that has begun, another would be read as a part of it.
    if (!socket.writable || code === 'ECONNRESET' || (current?.headersSent === true && !current.writableFinished)) {
      socket.destroy()
      return
    }
    const [status, detail] =
      code === 'HPE_HEADER_OVERFLOW'
        ? [431, 'The request headers are larger than 16 KiB.']
        : code === 'ERR_HTTP_REQUEST_TIMEOUT'
          ? [408, 'The request did not come within 20 s.']
          : [400, 'This is not a readable HTTP request.']
    const { body, headers } = wireProblem(status, detail, newRequestId())
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
    socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}Connection: close\r\n\r\n${body}`)
    // Whoever goes on sending does not keep the connection. Not at once: a reset would take the answer along.
    const cut = setTimeout(() => socket.destroy(), lingerAfterError)
    socket.once('close', () => clearTimeout(cut))
  })
  return server
}

const newest = Symbol('newest response')

/** On the socket itself: a weak map's entries cost the collector's every round. */
function setAnswering(socket: Duplex & { [newest]?: ServerResponse }, response: ServerResponse): void {
  socket[newest] = response
}

/** The newest response of a connection. */
function answering(socket: Duplex & { [newest]?: ServerResponse }): ServerResponse | undefined {
  return socket[newest]
}

/** The connection that a proxy URL names, and what follows its slash. */
function namedIn(url: string): { connection: string; rest: string } {
  const from = proxyPrefix.length
  const slash = url.indexOf('/', from)
  const question = url.indexOf('?', from)
  const end = slash === -1 || (question !== -1 && question < slash) ? (question === -1 ? url.length : question) : slash
  return { connection: url.slice(from, end), rest: end === slash ? url.slice(end + 1) : url.slice(end) }
}

/** For what is wrong before there is a request to route; its status says more than the code. */
function wireProblem(
  status: number,
  detail: string,
  requestId: string,
): { body: string; headers: Record<string, string> } {
  const problem = new MooringError('malformed_request', { detail })
  const body = JSON.stringify({ ...problemOf(problem, requestId), status })
  const headers = {
    'Content-Type': 'application/problem+json',
    'Content-Length': String(Buffer.byteLength(body)),
    'X-Request-Id': requestId,
    'Mooring-Error': problem.code,
  }
  return { body, headers }
}
