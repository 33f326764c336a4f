/**
 * Connections ready to be used: definition, hosts, opened credential and injector in memory, so that a call touches the
 * disk only when something changed. Bounded; dropped when a change row names the connection or its service.
 */
import { isDeepStrictEqual } from 'node:util'
import { type Caller, demandConnection } from '../access/caller.ts'
import { bind, type Bound, openCredential } from '../connection/bind.ts'
import { refusal } from '../connection/status.ts'
import { invalid, MooringError, notFound } from '../errors.ts'
import type { Applied } from '../schemes/scheme.ts'
import type { AuthorizationRecord, Store } from '../store.ts'
import type { Vault } from '../vault/vault.ts'
import { type Expiry, expiryOf } from './expired.ts'
import { compileTargets, type Targets } from './target.ts'

export interface Live {
  bound: Bound
  authorization: AuthorizationRecord
  applied: Applied
  targets: Targets
  /** The service's constant headers, flat. */
  constants: string[]
  /** Which answers mean that the access token is no longer good and renewing may help. */
  expiry: Expiry
}

export interface LiveConnections {
  /**
   * Throws not_found, connection_not_active, reauthorization_required, user_not_authorized, validation_failed.
   * `user`: undefined where the call names none.
   */
  get(caller: Caller, handle: string, user: string | undefined): Promise<Live> | Live
  /** The same connection with a renewed authorization, kept for the next call. */
  renewed(live: Live, authorization: AuthorizationRecord): Live
  dropConnection(id: string): void
  dropService(id: string): void
  clear(): void
  size(): number
}

interface Entry {
  live: Live
  workspaceId: string
}

export function createLiveConnections(parts: {
  store: Store
  vault: Vault
  limit: number
  /** A renewed authorization whose write is still outstanding (S-23). */
  unwritten: (authorizationId: string) => AuthorizationRecord | undefined
}): LiveConnections {
  const { store, vault, limit } = parts
  const entries = new Map<string, Entry>()
  const byConnection = new Map<string, Set<string>>()
  const byService = new Map<string, Set<string>>()
  /** Counts what was dropped, so that a load that began before is not kept. */
  let drops = 0

  const keyOf = (workspaceId: string, handle: string, user: string | undefined): string =>
    `${workspaceId}\n${handle}\n${user ?? ''}`

  const forget = (key: string): void => {
    const entry = entries.get(key)
    if (entry === undefined) return
    entries.delete(key)
    remove(byConnection, entry.live.bound.connection.id, key)
    remove(byService, entry.live.bound.service.id, key)
  }

  const keep = (key: string, entry: Entry): void => {
    if (entries.size >= limit) {
      const oldest = entries.keys().next().value
      if (oldest !== undefined) forget(oldest)
    }
    entries.set(key, entry)
    add(byConnection, entry.live.bound.connection.id, key)
    add(byService, entry.live.bound.service.id, key)
  }

  const load = async (caller: Caller, handle: string, user: string | undefined, key: string): Promise<Live> => {
    const begun = drops
    const connection = await store.connections.find(caller.workspaceId, handle)
    if (connection === undefined) throw notFound('connection')
    demandConnection(caller, connection.linkName)
    if (!connection.enabled) {
      throw new MooringError('connection_not_active', {
        detail: `${connection.name} is disabled.`,
        hint: `Enable it: PATCH /v1/connections/${connection.linkName} {"enabled": true}.`,
      })
    }
    const perUser = connection.authorizationLevel === 'per_user'
    if (perUser && user === undefined) {
      throw invalid([
        {
          path: 'user',
          code: 'required',
          message: 'Each user authorizes this connection for themself: name the user (Mooring-User in the proxy).',
        },
      ])
    }
    const found = await store.authorizations.find(connection.id, perUser ? (user ?? '') : '')
    const authorization = found === undefined ? undefined : (parts.unwritten(found.id) ?? found)
    const authorize = `Authorize it: POST /v1/connections/${connection.linkName}/authorize.`
    if (authorization === undefined || (perUser && authorization.status === 'revoked')) {
      throw perUser
        ? new MooringError('user_not_authorized', {
            detail: `This user has not authorized ${connection.name}.`,
            hint: authorize,
          })
        : new MooringError('connection_not_active', {
            detail: `${connection.name} has not been authorized yet.`,
            hint: authorize,
          })
    }
    if (authorization.status !== 'active') throw refusal(authorization)
    const service = await store.services.find(caller.workspaceId, connection.serviceId)
    if (service === undefined) throw notFound('connection')
    const live = build(vault, bind(vault, service, connection, authorization.learned), authorization)
    // A change since the load began may be one of these records: then this is used once and not kept.
    if (drops === begun) keep(key, { live, workspaceId: caller.workspaceId })
    return live
  }

  const dropAll = (index: Map<string, Set<string>>, id: string): void => {
    drops++
    for (const key of index.get(id) ?? []) forget(key)
  }

  return {
    get(caller, handle, user) {
      const key = keyOf(caller.workspaceId, handle, user)
      const entry = entries.get(key)
      if (entry === undefined) return load(caller, handle, user, key)
      demandConnection(caller, entry.live.bound.connection.linkName)
      return entry.live
    },
    renewed(live, authorization) {
      const { service, connection } = live.bound
      const { learned } = authorization
      // What a renewal has learned changes where calls go.
      const told = !isDeepStrictEqual(learned, live.authorization.learned)
      const next = build(vault, told ? bind(vault, service, connection, learned) : live.bound, authorization)
      for (const key of byConnection.get(live.bound.connection.id) ?? []) {
        const entry = entries.get(key)
        if (entry?.live.authorization.id === authorization.id) entries.set(key, { ...entry, live: next })
      }
      return next
    },
    dropConnection: (id) => dropAll(byConnection, id),
    dropService: (id) => dropAll(byService, id),
    clear() {
      drops++
      entries.clear()
      byConnection.clear()
      byService.clear()
    },
    size: () => entries.size,
  }
}

/** Opens the credential and prepares the call. */
function build(vault: Vault, bound: Bound, authorization: AuthorizationRecord): Live {
  const credential = openCredential(vault, authorization)
  return buildWith(bound, authorization, credential)
}

function buildWith(bound: Bound, authorization: AuthorizationRecord, credential: unknown): Live {
  const { scheme, auth, document } = bound
  return {
    bound,
    authorization,
    applied: scheme.apply(auth, credential),
    targets: compileTargets(bound),
    constants: Object.entries(document.headers).flat(),
    expiry: expiryOf(bound, authorization.refreshable),
  }
}

function add(index: Map<string, Set<string>>, id: string, key: string): void {
  const keys = index.get(id)
  if (keys === undefined) index.set(id, new Set([key]))
  else keys.add(key)
}

function remove(index: Map<string, Set<string>>, id: string, key: string): void {
  const keys = index.get(id)
  keys?.delete(key)
  if (keys?.size === 0) index.delete(id)
}

/** A credential that is only being tried: nothing of it is stored, so its record says no more than whose it is. */
export function untried(bound: Bound, credential: unknown): Live {
  const { id: connectionId, workspaceId, scopes } = bound.connection
  const authorization: AuthorizationRecord = {
    id: '',
    workspaceId,
    connectionId,
    user: '',
    status: 'active',
    credential: null,
    requestedScopes: scopes,
    grantedScopes: null,
    account: null,
    learned: {},
    refreshable: false,
    expiresAt: null,
    refreshAt: null,
    eagerUntil: 0,
    failures: 0,
    authorizedAt: 0,
    lastRefreshedAt: null,
    lastUsedAt: null,
    verifiedAt: null,
    lastError: null,
    leaseOwner: null,
    leaseUntil: null,
    fence: 0,
    inFlight: null,
    version: 0,
    createdAt: 0,
    updatedAt: 0,
  }
  return buildWith(bound, authorization, credential)
}
