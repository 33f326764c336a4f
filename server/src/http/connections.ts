/** `/v1/connections`. */
import { type Connection, type FieldError, routes } from '@mooring/contract'
import { actorOf } from '../access/caller.ts'
import type { Invoker } from '../call/invoke.ts'
import type { LiveConnections } from '../call/live.ts'
import type { Authorizer } from '../connection/authorize.ts'
import type { Connections } from '../connection/connection.ts'
import { connectionFile } from '../connection/export.ts'
import type { ConnectSessions } from '../connection/connect_session.ts'
import type { Renewals } from '../connection/renewal.ts'
import type { Revoker } from '../connection/revoke.ts'
import { invalid, MooringError } from '../errors.ts'
import { event } from '../events/event.ts'
import type { Services } from '../service/service.ts'
import { wrongIn } from '../service/written.ts'
import type { Store } from '../store.ts'
import { type ReadCredentials, untold } from './credentials.ts'
import { goneWith } from './gone.ts'
import type { Serve } from './route.ts'

export interface ConnectionRouteParts {
  services: Services
  connections: Connections
  authorizer: Authorizer
  connectSessions: ConnectSessions
  revoker: Revoker
  renewals: Renewals
  invoker: Invoker
  live: LiveConnections
  readCredentials: ReadCredentials
  store: Store
  now: () => number
}

export function connectionRoutes(serve: Serve, parts: ConnectionRouteParts): void {
  const { connections, authorizer, revoker, renewals, invoker, readCredentials, live, services, store, now } = parts
  const read = { permission: 'read', ofConnection: true } as const
  const manage = { permission: 'manage', ofConnection: true } as const
  const invoke = { permission: 'invoke', ofConnection: true } as const

  serve(
    routes.createConnection,
    { permission: 'manage', alsoWrong: wrongInNew },
    async ({ caller, body, note }): Promise<Connection> => {
      if (body.credentials !== undefined && body.authorizationLevel === 'per_user') {
        throw invalid([
          {
            path: 'credentials',
            code: 'not_allowed',
            message: 'Each user authorizes a per-user connection for themself: create it, then authorize with a user.',
          },
        ])
      }
      const bound = await connections.create(caller, body)
      const { linkName, id, authorizationLevel } = bound.connection
      if (typeof body.service !== 'string') {
        const { warnings } = await services.get(caller, bound.service.id)
        note([`With its service ${bound.service.linkName}.`, ...warnings.map(({ message }) => message)].join(' '))
      }
      if (body.credentials !== undefined) {
        try {
          const reply = await authorizer.authorizeNew(caller, bound, { credentials: body.credentials })
          return reply.kind === 'done' ? reply.connection : await connections.get(caller, linkName)
        } catch (error) {
          // Nothing is half-stored: a connection whose credentials are wrong is not kept, nor a service that came along.
          await connections.remove(caller, bound.connection)
          if (typeof body.service !== 'string') await store.services.delete(caller.workspaceId, bound.service.id)
          throw error
        }
      }
      if (bound.scheme.flow(bound.auth) === 'acquire' && authorizationLevel === 'shared') {
        // No person is needed, so the token is fetched at once. Where that fails the attempts list says why, and the
        // connection waits to be authorized.
        await authorizer.authorizeNew(caller, bound, {}).catch((error: unknown) => {
          if (!(error instanceof MooringError)) throw error
        })
      }
      return connections.get(caller, id)
    },
  )
  serve(routes.listConnections, read, ({ caller, query }) => connections.list(caller, query, query))
  serve(routes.getConnection, read, ({ caller, params }) => connections.get(caller, params.connection))
  serve(routes.exportConnection, read, async ({ caller, params }) =>
    connectionFile(await connections.get(caller, params.connection)),
  )
  serve(routes.updateConnection, manage, ({ caller, params, body }) =>
    connections.update(caller, params.connection, body),
  )
  serve(routes.deleteConnection, manage, async ({ caller, params }) => {
    await revoker.delete(caller, params.connection)
    return undefined
  })
  serve(routes.promptConnection, read, ({ caller, params }) => connections.prompt(caller, params.connection))
  serve(routes.authorizeConnection, manage, ({ caller, params, body }) =>
    authorizer.authorize(caller, params.connection, body),
  )
  serve(routes.refreshConnection, manage, async ({ caller, params, query }) => {
    const connection = await connections.find(caller, params.connection)
    const current = await live.get(caller, connection.linkName, query.user)
    const { scheme, service } = current.bound
    if (!scheme.renews) {
      throw new MooringError('validation_failed', {
        detail: `${service.name} authenticates with ${scheme.title}, which has nothing to refresh.`,
        hint: 'Authorize the connection again to replace its credential.',
      })
    }
    if (!current.authorization.refreshable) {
      throw new MooringError('reauthorization_required', {
        detail: `The provider gave ${connection.name} no refresh token, so a new token needs a person.`,
        hint: 'Authorize the connection again.',
      })
    }
    try {
      live.renewed(current, await renewals.renew(current.authorization, 'asked for'))
    } finally {
      live.dropConnection(connection.id)
    }
    return connections.get(caller, connection.linkName)
  })
  serve(routes.testConnection, invoke, async ({ caller, params, query }) => {
    const current = await live.get(caller, params.connection, query.user)
    const { probe } = current.bound.document
    const { connection, service } = current.bound
    if (probe === null) {
      return {
        ok: false,
        status: null,
        latencyMs: 0,
        detail: `${service.name} has no probe, so there is nothing to test with.`,
        hint: `Give it one: PATCH /v1/services/${service.linkName} {"probe": {"path": "/me"}}.`,
      }
    }
    const startedAt = now()
    let result: { ok: boolean; status: number | null; latencyMs: number; detail: string; hint?: string }
    try {
      const answer = await invoker.probe(current, probe)
      const { status, ms } = answer
      const explained = status === 401 || status === 403 ? current.bound.scheme.explain(answer, now()) : undefined
      result = {
        ok: status >= 200 && status < 300,
        status,
        latencyMs: ms,
        detail: `${service.name} answered ${status}${explained === undefined ? '' : `: ${explained.title}`}.`,
        ...(explained === undefined ? hintFor(status) : { hint: explained.hint }),
      }
    } catch (error) {
      if (!(error instanceof MooringError)) throw error
      result = {
        ok: false,
        status: null,
        latencyMs: now() - startedAt,
        detail: error.message,
        ...(error.hint === undefined ? {} : { hint: error.hint }),
      }
    }
    await store.events.append([
      event(caller.workspaceId, now(), 'connection.tested', {
        ok: result.ok,
        connectionId: connection.id,
        serviceId: service.id,
        actor: actorOf(caller),
        user: query.user ?? null,
        cause: 'asked for',
        detail: result.detail,
      }),
    ])
    if (result.ok) await store.authorizations.verified(current.authorization.id, now())
    return result
  })
  serve(routes.revokeConnection, manage, ({ caller, params, body }) =>
    revoker.revoke(caller, params.connection, body.user),
  )
  serve(
    routes.getCredentials,
    { permission: 'credentials', ofConnection: true, timeless: true },
    async ({ caller, params, query, reply, along }) => {
      const read = await readCredentials(caller, params.connection, query)
      along(read.along)
      void reply.headers(untold)
      return read.told
    },
  )
  serve(routes.invokeConnection, invoke, ({ caller, params, body, reply }) =>
    invoker.invoke(caller, params.connection, body, goneWith(reply.raw)),
  )
  serve(routes.listAuthorizations, read, ({ caller, params, query }) =>
    connections.authorizations(caller, params.connection, query),
  )
  serve(routes.listAttempts, read, ({ caller, params, query }) =>
    connections.attempts(caller, params.connection, query),
  )
  serve(routes.getAttempt, read, ({ caller, params }) => connections.attempt(caller, params.connection, params.id))
  serve(routes.answerAttempt, manage, ({ caller, params, body }) =>
    authorizer.answer(caller, params.connection, params.id, body.replace),
  )
  serve(routes.cancelAttempt, manage, async ({ caller, params }) => {
    await authorizer.cancel(caller, params.connection, params.id)
    return undefined
  })
  serve(routes.createConnectSession, { permission: 'manage' }, ({ caller, body }) =>
    parts.connectSessions.create(caller, body),
  )
  serve(routes.listActivity, read, ({ caller, params, query }) =>
    connections.activity(caller, params.connection, query),
  )
}

/** A connection that brings its service brings the service's mistakes as well. */
function wrongInNew(body: unknown): FieldError[] {
  return typeof body === 'object' && body !== null && 'service' in body ? wrongIn(body.service, 'service.') : []
}

function hintFor(status: number): { hint?: string } {
  if (status === 401) return { hint: 'The credential is wrong or has expired: authorize the connection again.' }
  if (status === 403)
    return { hint: 'The credential is right but not allowed to do what the probe asks for: check the scopes.' }
  if (status === 404) return { hint: "The API does not know the probe's path: check it on the service." }
  if (status === 429) return { hint: 'The API asks to wait; test again later.' }
  return {}
}
