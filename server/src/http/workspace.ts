/** API keys, who is calling, events, the system, metrics. */
import type { ServerResponse } from 'node:http'
import { type Event, routes } from '@mooring/contract'
import type { FastifyInstance, FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify'
import { type Caller, demand, demandUnlimited } from '../access/caller.ts'
import type { Door } from '../access/door.ts'
import type { Keys } from '../access/key.ts'
import type { PausedProvider } from '../connection/gate.ts'
import { MooringError } from '../errors.ts'
import type { Metrics } from '../metrics.ts'
import { type EventRecord, type Store, StoreAwayError } from '../store.ts'
import { placeIn } from './place.ts'
import { asMooringError } from './problem.ts'
import type { Serve } from './route.ts'

export interface WorkspaceRouteParts {
  keys: Keys
  store: Store
  now: () => number
  startedAt: number
  version: string
  publicUrl: () => string
  retentionDays: { calls: number; events: number }
  /** Providers at which no token is renewed at the moment. */
  pausedProviders: () => Promise<PausedProvider[]>
}

export function workspaceRoutes(
  serve: Serve,
  { keys, store, now, startedAt, version, publicUrl, retentionDays, pausedProviders }: WorkspaceRouteParts,
): void {
  const manageKeys = { permission: 'keys' } as const
  serve(routes.createApiKey, manageKeys, async ({ caller, body, reply }) => {
    void reply.header('Cache-Control', 'no-store')
    return keys.create(caller, body)
  })
  serve(routes.listApiKeys, manageKeys, async ({ caller, query }) => {
    await keys.flush(true)
    return keys.list(caller, query)
  })
  serve(routes.rollApiKey, manageKeys, async ({ caller, params, body, reply }) => {
    void reply.header('Cache-Control', 'no-store')
    return keys.roll(caller, params.id, body.graceSeconds)
  })
  serve(routes.deleteApiKey, manageKeys, async ({ caller, params }) => {
    await keys.delete(caller, params.id)
    return undefined
  })
  serve(routes.whoami, { permission: null, ofConnection: true }, async ({ caller }) => ({
    kind: caller.kind,
    id: caller.id,
    name: caller.name,
    role: caller.role,
    workspace: (await store.workspaces.list()).find((one) => one.id === caller.workspaceId)?.name ?? '',
  }))
  serve(routes.getSystem, { permission: 'read' }, async ({ caller }) => {
    const [services, connections, apiKeys] = await Promise.all([
      store.services.count(caller.workspaceId),
      store.connections.count(caller.workspaceId),
      store.apiKeys.count(caller.workspaceId),
    ])
    return {
      version,
      storage: store.engine,
      uptimeSeconds: Math.floor((now() - startedAt) / 1000),
      counts: { services, connections, apiKeys },
      publicUrl: publicUrl(),
      retentionDays,
      pausedProviders: (await pausedProviders()).map(({ origin, failures, until }) => ({
        origin,
        failures,
        until: new Date(until).toISOString(),
      })),
    }
  })
}

function eventReply(record: EventRecord): Event {
  const { sequence, type, at, actor, serviceId, connectionId, cause, detail } = record
  return {
    id: String(sequence),
    type,
    at: new Date(at).toISOString(),
    actor,
    service: serviceId,
    connection: connectionId,
    cause,
    detail,
  }
}

const lookEvery = 500
/** A line that keeps the stream open through proxies is sent when this many looks found nothing. */
const quietLooks = 30
/** Streams open at once; each costs a query every half second. */
const streamLimit = 100

const placeOf = (path: string, text: string | null | undefined): number => placeIn(path, text, 'an event')

/** `/v1/events`: a page after an id, or a stream that goes on. */
export function eventRoutes(app: FastifyInstance, serve: Serve, { door, store }: { door: Door; store: Store }): void {
  const streams = new Set<ServerResponse>()
  serve(routes.listEvents, { permission: 'read' }, async ({ caller, query, reply }) => {
    const from = Math.max(placeOf('after', query.after), placeOf('cursor', query.cursor))
    const records = await store.events.after(caller.workspaceId, from, query.limit)
    void reply.header('Cache-Control', 'no-store')
    return {
      items: records.map(eventReply),
      nextCursor: records.length === query.limit ? String(records.at(-1)?.sequence ?? from) : null,
    }
  })

  app.addHook('onRequest', (request, reply, next) => {
    const url =
      request.method === 'GET' && request.headers.accept?.includes('text/event-stream') === true
        ? URL.parse(request.url, 'http://localhost')
        : null
    if (url?.pathname !== '/v1/events') next()
    else void stream(url, request, reply, next)
  })
  const stream = async (
    url: URL,
    request: FastifyRequest,
    reply: FastifyReply,
    next: HookHandlerDoneFunction,
  ): Promise<void> => {
    try {
      await open(url, request, reply)
    } catch (error) {
      next(error instanceof Error ? error : asMooringError(error))
      return
    }
    next()
  }
  const open = async (url: URL, request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const enter = async (use: boolean): Promise<Caller> => {
      const caller = await door.authenticate(request, use)
      demand(caller, 'read')
      demandUnlimited(caller)
      return caller
    }
    const { workspaceId } = await enter(true)
    const last = request.headers['last-event-id']
    let sequence =
      typeof last === 'string' ? placeOf('Last-Event-ID', last) : placeOf('after', url.searchParams.get('after'))
    if (streams.size >= streamLimit) {
      throw new MooringError('rate_limited', {
        detail: `There are ${streamLimit} event streams open already.`,
        hint: 'Close one, or read pages: GET /v1/events?after=….',
        retryAfterSeconds: 30,
      })
    }
    reply.hijack()
    const { raw } = reply
    streams.add(raw)
    raw.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store', 'X-Request-Id': request.id })
    raw.write(': open\n\n')
    let quiet = 0
    const look = async (): Promise<void> => {
      // A reader that does not keep up is waited for, not buffered for.
      if (raw.writableNeedDrain) return
      // Whoever's key or session has ended reads no further; a page that is left open does not keep its session alive.
      await enter(false)
      const records = await store.events.after(workspaceId, sequence, 100)
      for (const record of records) {
        sequence = record.sequence
        raw.write(`id: ${record.sequence}\nevent: ${record.type}\ndata: ${JSON.stringify(eventReply(record))}\n\n`)
      }
      quiet = records.length > 0 ? 0 : quiet + 1
      if (quiet >= quietLooks) {
        quiet = 0
        raw.write(': still here\n\n')
      }
    }
    let timer: NodeJS.Timeout | undefined
    const again = (): void => {
      if (streams.has(raw)) timer = setTimeout(turn, lookEvery)
    }
    const turn = (): void => {
      look().then(again, (error: unknown) => {
        // Who listens misses nothing by waiting for a database that is away or busy.
        if (error instanceof StoreAwayError) again()
        else raw.end()
      })
    }
    raw.on('close', () => {
      clearTimeout(timer)
      streams.delete(raw)
    })
    turn()
  }
  // A stream never ends by itself, and a stop would wait for it.
  app.addHook('preClose', async () => {
    for (const stream of streams) stream.end()
  })
}

/** A store that does not answer for this long is out of reach, in milliseconds. */
const pingPatience = 3000

/** Liveness, readiness, Prometheus text. */
export function healthRoutes(
  app: FastifyInstance,
  {
    door,
    store,
    metrics,
    draining,
  }: { door: Door; store: Store; metrics: Pick<Metrics, 'text'>; draining: () => boolean },
): void {
  app.get('/healthz', async () => ({ status: 'ok' }))
  app.get('/readyz', async (_request, reply) => {
    if (draining()) return reply.code(503).send({ status: 'draining' })
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<false>((resolve) => {
      timer = setTimeout(() => resolve(false), pingPatience)
    })
    const answers = store.ping().then(
      () => true,
      () => false,
    )
    const reached = await Promise.race([answers, late])
    clearTimeout(timer)
    return reached ? { status: 'ready' } : reply.code(503).send({ status: 'storage unreachable' })
  })
  app.get('/metrics', async (request, reply) => {
    demand(await door.authenticate(request), 'read')
    const { type, text } = await metrics.text()
    return reply.type(type).send(text)
  })
}
