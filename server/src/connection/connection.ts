/** Connections: authorized uses of a service (R-210 … R-219, "States"). */
import {
  type Activity,
  type Attempt,
  type Authorization,
  type Connection,
  type ConnectionInput,
  type ConnectionPatch,
  type FieldError,
  linkNameFrom,
  type PromptField,
} from '@mooring/contract'
import { actorOf, type Caller, demandConnection } from '../access/caller.ts'
import { invalid, MooringError, notFound } from '../errors.ts'
import { event, type EventType } from '../events/event.ts'
import { newId } from '../ids.ts'
import { parameterizedBy } from '../service/learned.ts'
import { checkParameters, withDefaults } from '../service/placeholders.ts'
import type { NewService } from '../service/prepare.ts'
import type { Services } from '../service/service.ts'
import {
  type AuthorizationRecord,
  type ConnectionRecord,
  type EventRecord,
  type PageOf,
  type PageRequest,
  type ServiceRecord,
  type Store,
  type StoredError,
} from '../store.ts'
import { insertNamed } from '../link_name.ts'
import type { Vault } from '../vault/vault.ts'
import { attemptReply } from './attempt.ts'
import { bind, type Bound } from './bind.ts'
import { planRenewal } from './plan.ts'

export interface ConnectionParts {
  store: Store
  vault: Vault
  now: () => number
  services: Services
}

export interface Connections {
  /** Stores a connection without authorizing it; with a whole service, both or neither. */
  create(caller: Caller, input: ConnectionInput): Promise<Bound>
  /** Throws not_found, also for one the caller may not see. */
  find(caller: Caller, handle: string): Promise<ConnectionRecord>
  bound(caller: Caller, handle: string): Promise<Bound>
  get(caller: Caller, handle: string): Promise<Connection>
  list(
    caller: Caller,
    filter: { query?: string | undefined; service?: string | undefined; status?: string | undefined },
    page: PageRequest,
  ): Promise<PageOf<Connection>>
  update(caller: Caller, handle: string, patch: ConnectionPatch): Promise<Connection>
  /** Deletes what is stored; revoking comes before. */
  remove(caller: Caller, record: ConnectionRecord): Promise<void>
  prompt(caller: Caller, handle: string): Promise<{ redirects: boolean; fields: PromptField[] }>
  authorizations(caller: Caller, handle: string, page: PageRequest): Promise<PageOf<Authorization>>
  attempts(caller: Caller, handle: string, page: PageRequest): Promise<PageOf<Attempt>>
  attempt(caller: Caller, handle: string, id: string): Promise<Attempt>
  activity(caller: Caller, handle: string, page: PageRequest): Promise<PageOf<Activity>>
}

export function createConnections({ store, vault, now, services }: ConnectionParts): Connections {
  const find = async (caller: Caller, handle: string): Promise<ConnectionRecord> => {
    const record = await store.connections.find(caller.workspaceId, handle)
    if (record === undefined) throw notFound('connection')
    demandConnection(caller, record.linkName)
    return record
  }

  const serviceOf = async (record: ConnectionRecord): Promise<ServiceRecord> => {
    const service = await store.services.find(record.workspaceId, record.serviceId)
    if (service === undefined) throw notFound('service')
    return service
  }

  const bound = async (caller: Caller, handle: string): Promise<Bound> => {
    const connection = await find(caller, handle)
    return bind(vault, await serviceOf(connection), connection)
  }

  const connections: Connections = {
    find,
    bound,

    async create(caller, input) {
      const at = now()
      const whole = typeof input.service === 'string' ? undefined : withStage(input.service)
      const prepared = whole === undefined ? undefined : services.prepare(caller, whole, 'service.')
      const service =
        prepared ??
        (await services.find(caller, typeof input.service === 'string' ? input.service : '').catch(namedService))
      if (service.stage !== 'ready') throw draft(service)
      const parameters = withDefaults(service.document.placeholders, input.parameters ?? {})
      const errors = [
        ...checkScopes(service, input.scopes),
        ...checkParameters(parameterizedBy(service.document), parameters),
      ]
      if (errors.length > 0) throw invalid(errors)
      const record: ConnectionRecord = {
        id: newId('con', at),
        workspaceId: caller.workspaceId,
        serviceId: service.id,
        linkName: input.linkName ?? linkNameFrom(input.name),
        name: input.name,
        authorizationLevel: input.authorizationLevel ?? 'shared',
        status: 'created',
        scopes: input.scopes ?? service.document.scopes.map((scope) => scope.value),
        parameters,
        enabled: true,
        version: 1,
        createdAt: at,
        updatedAt: at,
      }
      return store.transaction(async (inside) => {
        const stored =
          prepared === undefined
            ? service
            : await services.insert(inside, caller, prepared, whole?.linkName !== undefined, 'service.')
        const named = await insertNamed(inside.connections, record, input.linkName !== undefined)
        await inside.events.append([
          event(caller.workspaceId, at, 'connection.created', {
            serviceId: stored.id,
            actor: actorOf(caller),
            cause: 'asked for',
            connectionId: named.id,
            detail: `${named.name} was created.`,
          }),
        ])
        return bind(vault, stored, named)
      })
    },

    async get(caller, handle) {
      const record = await find(caller, handle)
      const [service, shared] = await Promise.all([serviceOf(record), store.authorizations.find(record.id, '')])
      return connectionReply(record, service, shared)
    },

    async list(caller, filter, page) {
      const service =
        filter.service === undefined ? undefined : await store.services.find(caller.workspaceId, filter.service)
      if (filter.service !== undefined && service === undefined) return { items: [], nextCursor: null }
      const found = await store.connections.list(
        caller.workspaceId,
        {
          query: filter.query,
          serviceId: service?.id,
          status: filter.status,
          // Asked of the store, so that neither pages nor cursors tell of connections that are not the caller's to see.
          linkNames: caller.connections === null ? undefined : [...caller.connections],
        },
        page,
      )
      const shared = new Map(
        (await store.authorizations.sharedOf(found.items.map((item) => item.id))).map((one) => [one.connectionId, one]),
      )
      const known = new Map<string, ServiceRecord>()
      for (const item of found.items) {
        if (!known.has(item.serviceId)) known.set(item.serviceId, service ?? (await serviceOf(item)))
      }
      const items = found.items.flatMap((item) => {
        const its = known.get(item.serviceId)
        return its === undefined ? [] : [connectionReply(item, its, shared.get(item.id))]
      })
      return { items, nextCursor: found.nextCursor }
    },

    async update(caller, handle, patch) {
      for (;;) {
        const record = await find(caller, handle)
        const service = await serviceOf(record)
        const { placeholders } = service.document
        const parameters = patch.parameters && withDefaults(placeholders, patch.parameters)
        const errors = [
          ...(patch.scopes === undefined ? [] : checkScopes(service, patch.scopes)),
          ...(parameters === undefined ? [] : checkParameters(parameterizedBy(service.document), parameters)),
        ]
        if (errors.length > 0) throw invalid(errors)
        const at = now()
        const changed: ConnectionRecord = {
          ...record,
          name: patch.name ?? record.name,
          scopes: patch.scopes ?? record.scopes,
          parameters: parameters ?? record.parameters,
          enabled: patch.enabled ?? record.enabled,
          version: record.version + 1,
          updatedAt: at,
        }
        const type: EventType =
          changed.enabled === record.enabled
            ? 'connection.updated'
            : changed.enabled
              ? 'connection.enabled'
              : 'connection.disabled'
        const written = await store.transaction(async (inside) => {
          if (!(await inside.connections.update(changed))) return false
          if (type === 'connection.enabled') await planAgain(inside, bind(vault, service, changed), at)
          await inside.events.append([
            event(record.workspaceId, at, type, {
              connectionId: record.id,
              serviceId: service.id,
              actor: actorOf(caller),
              cause: 'asked for',
              detail: `Changed: ${Object.keys(patch).join(', ') || 'nothing'}.`,
            }),
          ])
          return true
        })
        if (written) return connectionReply(changed, service, await store.authorizations.find(record.id, ''))
      }
    },

    async remove(caller, record) {
      const at = now()
      await store.transaction(async (inside) => {
        if (!(await inside.connections.delete(record.workspaceId, record.id))) throw notFound('connection')
        await inside.events.append([
          event(record.workspaceId, at, 'connection.deleted', {
            connectionId: record.id,
            serviceId: record.serviceId,
            actor: actorOf(caller),
            cause: 'asked for',
            detail: `${record.name} (${record.linkName}) was deleted.`,
          }),
        ])
      })
    },

    async prompt(caller, handle) {
      const { scheme, auth } = await bound(caller, handle)
      return { redirects: scheme.flow(auth) === 'redirect', fields: scheme.prompt(auth) }
    },

    async authorizations(caller, handle, page) {
      const record = await find(caller, handle)
      const { items, nextCursor } = await store.authorizations.list(record.id, page)
      return { items: items.map(authorizationReply), nextCursor }
    },

    async attempts(caller, handle, page) {
      const record = await find(caller, handle)
      await store.attempts.expire(now())
      const { items, nextCursor } = await store.attempts.list(record.id, page)
      return { items: items.map((one) => attemptReply(vault, one)), nextCursor }
    },

    async attempt(caller, handle, id) {
      const record = await find(caller, handle)
      await store.attempts.expire(now())
      const attempt = await store.attempts.find(record.id, id)
      if (attempt === undefined) throw notFound('attempt')
      return attemptReply(vault, attempt)
    },

    async activity(caller, handle, page) {
      const record = await find(caller, handle)
      const { items, nextCursor } = await store.events.ofConnection(record.id, page)
      return { items: items.map(activityReply), nextCursor }
    },
  }
  return connections
}

/** A service that comes with its connection is meant to be used at once. */
function withStage(service: NewService): NewService {
  return 'from' in service ? service : { ...service, stage: service.stage ?? 'ready' }
}

/** Renewals that came due while the connection was disabled were left out; from here on they are made again. */
async function planAgain(inside: Store, { connection, scheme, auth }: Bound, at: number): Promise<void> {
  for (const one of await inside.authorizations.ofConnection(connection.id, 10_000)) {
    if (one.status !== 'active' || one.refreshAt !== null || one.expiresAt === null || !one.refreshable) continue
    const planned = planRenewal({
      now: at,
      expiresAt: one.expiresAt,
      refreshable: one.refreshable,
      marginSeconds: scheme.refreshMarginSeconds(auth),
      random: 0,
    })
    await inside.authorizations.update({ ...one, refreshAt: planned ?? at, version: one.version + 1, updatedAt: at })
  }
}

function namedService(error: unknown): never {
  if (error instanceof MooringError && error.code === 'not_found') {
    throw new MooringError('not_found', {
      detail: 'There is no such service.',
      hint: 'Name it by its link name, as GET /v1/services lists it.',
      errors: [{ path: 'service', code: 'not_found', message: 'There is no such service.' }],
    })
  }
  throw error
}

function draft(service: ServiceRecord): MooringError {
  return new MooringError('service_not_ready', {
    detail: `${service.name} is a draft, and a draft takes no connections.`,
    hint: `Complete it and mark it as ready: POST /v1/services/${service.linkName}/ready.`,
  })
}

/** a subset of the service's scopes. */
function checkScopes(service: ServiceRecord, scopes: string[] | undefined): FieldError[] {
  return (scopes ?? []).flatMap((scope, index) =>
    service.document.scopes.some((one) => one.value === scope)
      ? []
      : [
          {
            path: `scopes.${index}`,
            code: 'unknown_scope',
            message: `The service has no scope ${scope}; add it there first.`,
          },
        ],
  )
}

const instant = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString())

const errorReply = (error: StoredError | null): Connection['lastError'] =>
  error === null ? null : { ...error, at: new Date(error.at).toISOString() }

/** As the API shows a connection. The facts of its token are those of the shared authorization. */
export function connectionReply(
  record: ConnectionRecord,
  service: ServiceRecord,
  shared: AuthorizationRecord | undefined,
): Connection {
  const live = shared?.status === 'active' ? shared : undefined
  // A disabled connection is not renewed.
  const plan = record.enabled ? live?.refreshAt : undefined
  return {
    id: record.id,
    name: record.name,
    linkName: record.linkName,
    service: { linkName: service.linkName, name: service.name, authType: service.document.auth?.type ?? '' },
    status: record.enabled ? record.status : 'disabled',
    authorizationLevel: record.authorizationLevel,
    scopes: record.scopes,
    grantedScopes: shared?.grantedScopes ?? null,
    parameters: shared?.status === 'revoked' ? record.parameters : { ...record.parameters, ...shared?.learned },
    enabled: record.enabled,
    autoRefresh: live?.refreshable ?? false,
    expiresAt: instant(live?.expiresAt ?? null),
    nextRefreshAt: instant(plan ?? null),
    lastRefreshedAt: instant(shared?.lastRefreshedAt ?? null),
    lastUsedAt: instant(shared?.lastUsedAt ?? null),
    lastError: errorReply(shared?.lastError ?? null),
    reauthorizationNeeded:
      record.status === 'reauthorization_required' ||
      (live !== undefined && !sameSet(record.scopes, live.requestedScopes)),
    account: shared?.account ?? null,
    verifiedAt: instant(shared?.verifiedAt ?? null),
    createdAt: new Date(record.createdAt).toISOString(),
    updatedAt: new Date(record.updatedAt).toISOString(),
  }
}

/** S-13: request against request, never wanted against granted. */
function sameSet(wanted: readonly string[], requested: readonly string[]): boolean {
  return wanted.length === requested.length && wanted.every((scope) => requested.includes(scope))
}

function authorizationReply(record: AuthorizationRecord): Authorization {
  return {
    id: record.id,
    user: record.user === '' ? null : record.user,
    status: record.status,
    requestedScopes: record.requestedScopes,
    grantedScopes: record.grantedScopes,
    account: record.account,
    autoRefresh: record.status === 'active' && record.refreshable,
    expiresAt: instant(record.expiresAt),
    nextRefreshAt: instant(record.refreshAt),
    lastRefreshedAt: instant(record.lastRefreshedAt),
    lastUsedAt: instant(record.lastUsedAt),
    lastError: errorReply(record.lastError),
    authorizedAt: new Date(record.authorizedAt).toISOString(),
  }
}

export function activityReply(record: EventRecord): Activity {
  const { sequence, at, type, ok, detail, cause, actor, user, call } = record
  return { id: String(sequence), at: new Date(at).toISOString(), type, ok, detail, cause, actor, user, ...call }
}
