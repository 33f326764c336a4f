/** `/v1/activity` and who calls: what happened in the workspace. */
import { routes } from '@mooring/contract'
import type { Connections } from '../connection/connection.ts'
import { usageOf } from '../call/usage.ts'
import { activityReply } from '../connection/connection.ts'
import { typesOf } from '../events/event.ts'
import type { Store } from '../store.ts'
import type { Serve } from './route.ts'

export interface ActivityRouteParts {
  connections: Connections
  store: Store
  now: () => number
  /** What calls left in memory is written. */
  reading: () => Promise<void>
}

export function activityRoutes(serve: Serve, { connections, store, now, reading }: ActivityRouteParts): void {
  serve(routes.listWorkspaceActivity, { permission: 'read' }, async ({ caller: { workspaceId }, query }) => {
    const [connection, service] = await Promise.all([
      query.connection === undefined ? undefined : store.connections.find(workspaceId, query.connection),
      query.service === undefined ? undefined : store.services.find(workspaceId, query.service),
    ])
    const unknown = (query.connection !== undefined && !connection) || (query.service !== undefined && !service)
    if (unknown) return { items: [], nextCursor: null }
    await reading()
    const { items, nextCursor } = await store.events.newest(
      workspaceId,
      {
        connectionId: connection?.id,
        serviceId: service?.id,
        types: query.type === undefined ? undefined : typesOf(query.type),
        ok: query.ok,
        actor: query.actor,
        from: query.from === undefined ? undefined : Date.parse(query.from),
        to: query.to === undefined ? undefined : Date.parse(query.to),
      },
      query,
    )
    return {
      items: items.map((item) => ({ ...activityReply(item), connection: item.connection, service: item.service })),
      nextCursor,
    }
  })
  serve(routes.getUsage, { permission: 'read', ofConnection: true }, async ({ caller, params }) => {
    const { id } = await connections.find(caller, params.connection)
    return usageOf(store, id, now())
  })
}
