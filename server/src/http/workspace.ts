/** API keys, who is calling, events, the system, metrics. */
import { type Event, routes } from '@mooring/contract'
import type { FastifyInstance } from 'fastify'
import type { Registry } from 'prom-client'
import { demand, demandUnlimited } from '../access/caller.ts'
import type { Keys } from '../access/key.ts'
import type { EventRecord, Store } from '../store.ts'
import type { Serve } from './route.ts'

export interface WorkspaceRouteParts {
  keys: Keys
  store: Store
  now: () => number
  startedAt: number
  version: string
}

export function workspaceRoutes(serve: Serve, { keys, store, now, startedAt, version }: WorkspaceRouteParts): void {
  const manageKeys = { permission: 'keys' } as const
  serve(routes.createApiKey, manageKeys, async ({ caller, body, reply }) => {
    void reply.header('Cache-Control', 'no-store')
    return keys.create(caller, body)
  })
  serve(routes.listApiKeys, manageKeys, async ({ caller, query }) => {
    await keys.flush(true)
    return keys.list(caller, query)
  })
  serve(routes.deleteApiKey, manageKeys, async ({ caller, params }) => {
    await keys.delete(caller, params.id)
    return undefined
  })
  serve(routes.whoami, { permission: 'invoke', ofConnection: true }, async ({ caller }) => ({
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
/** Streams open at once; each costs a query every half second. */
const streamLimit = 100

/** `/v1/events`: a page after an id, or a stream that goes on. */
export function eventRoutes(app: FastifyInstance, serve: Serve, { keys, store }: { keys: Keys; store: Store }): void {
  let streams = 0
  serve(routes.listEvents, { permission: 'read' }, async ({ caller, query, request, reply }) => {
    const after = Number(query.after ?? query.cursor ?? request.headers['last-event-id'] ?? 0)
    const from = Number.isSafeInteger(after) && after >= 0 ? after : 0
    const records = await store.events.after(caller.workspaceId, from, query.limit)
    void reply.header('Cache-Control', 'no-store')
    return {
      items: records.map(eventReply),
      nextCursor: records.length === query.limit ? String(records.at(-1)?.sequence ?? from) : null,
    }
  })

  app.addHook('onRequest', async (request, reply) => {
    if (
      request.method !== 'GET' ||
      !request.url.startsWith('/v1/events') ||
      !request.headers.accept?.includes('text/event-stream')
    )
      return
    const caller = await keys.authenticate(request.headers.authorization)
    demand(caller, 'read')
    demandUnlimited(caller)
    if (streams >= streamLimit) {
      return reply.code(429).header('Retry-After', '30').send()
    }
    streams++
    const url = new URL(request.url, 'http://localhost')
    let sequence = Number(request.headers['last-event-id'] ?? url.searchParams.get('after') ?? 0) || 0
    reply.hijack()
    const { raw } = reply
    raw.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store', 'X-Request-Id': request.id })
    raw.write(': open\n\n')
    let idle = 0
    const look = async (): Promise<void> => {
      // A reader that does not keep up is waited for, not buffered for.
      if (raw.writableNeedDrain) return
      const records = await store.events.after(caller.workspaceId, sequence, 100)
      for (const record of records) {
        sequence = record.sequence
        raw.write(`id: ${record.sequence}\nevent: ${record.type}\ndata: ${JSON.stringify(eventReply(record))}\n\n`)
      }
      idle = records.length > 0 ? 0 : idle + 1
      if (idle % 30 === 29) raw.write(': still here\n\n')
    }
    const timer = setInterval(() => void look().catch(() => raw.destroy()), lookEvery)
    raw.on('close', () => {
      clearInterval(timer)
      streams--
    })
  })
}

/** Liveness, readiness, Prometheus text. */
export function healthRoutes(
  app: FastifyInstance,
  { keys, store, registry, draining }: { keys: Keys; store: Store; registry: Registry; draining: () => boolean },
): void {
  app.get('/healthz', async () => ({ status: 'ok' }))
  app.get('/readyz', async (_request, reply) => {
    if (draining()) return reply.code(503).send({ status: 'draining' })
    try {
      await store.ping()
    } catch {
      return reply.code(503).send({ status: 'storage unreachable' })
    }
    return { status: 'ready' }
  })
  app.get('/metrics', async (request, reply) => {
    demand(await keys.authenticate(request.headers.authorization), 'read')
    return reply.type(registry.contentType).send(await registry.metrics())
  })
}
