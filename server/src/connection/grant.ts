/** Storing a grant: the one way a connection becomes active, whoever brought it. */
import { event } from '../events/event.ts'
import { newId } from '../ids.ts'
import type { Grant } from '../schemes/scheme.ts'
import type { AuthorizationRecord, Store } from '../store.ts'
import type { Vault } from '../vault/vault.ts'
import { type Bound, sealCredential } from './bind.ts'
import { inUseFor, planRenewal } from './plan.ts'
import { syncStatus } from './status.ts'

export interface GrantInput {
  bound: Bound
  /** '' for the shared authorization. */
  user: string
  /** What was asked for (S-13): the connection's may be others by now. */
  scopes: string[]
  grant: Grant<unknown>
  actor: string | null
  cause: string
  /** Whether the provider gave it, or a probe proved it. */
  verified: boolean
}

/**
 * Writes a grant in one transaction with the connection's status and the event. A grant in the way is replaced; a
 * renewal of it that is under way finds its fence gone. The connection keeps its id, link name and history.
 */
export async function storeGrant(
  inside: Store,
  vault: Vault,
  input: GrantInput,
  at: number,
  random: number,
): Promise<AuthorizationRecord> {
  const { bound, user, grant } = input
  const { connection, scheme, auth } = bound
  const before = await inside.authorizations.find(connection.id, user)
  const id = before?.id ?? newId('aut', at)
  const refreshable = scheme.refreshable(auth, grant.credential)
  const record: AuthorizationRecord = {
    id,
    workspaceId: connection.workspaceId,
    connectionId: connection.id,
    user,
    status: 'active',
    credential: sealCredential(vault, { id, workspaceId: connection.workspaceId }, grant.credential),
    requestedScopes: input.scopes,
    grantedScopes: grant.grantedScopes,
    account: grant.account,
    learned: grant.learned ?? {},
    refreshable,
    expiresAt: grant.expiresAt,
    refreshAt: planRenewal({
      now: at,
      expiresAt: grant.expiresAt,
      refreshable,
      marginSeconds: scheme.refreshMarginSeconds(auth),
      random,
    }),
    eagerUntil: at + inUseFor,
    failures: 0,
    authorizedAt: at,
    lastRefreshedAt: before?.lastRefreshedAt ?? null,
    lastUsedAt: before?.lastUsedAt ?? null,
    verifiedAt: input.verified ? at : null,
    lastError: null,
    leaseOwner: null,
    leaseUntil: null,
    fence: (before?.fence ?? 0) + 1,
    inFlight: null,
    version: (before?.version ?? 0) + 1,
    createdAt: before?.createdAt ?? at,
    updatedAt: at,
  }
  if (before === undefined) await inside.authorizations.insert(record)
  else if (!(await inside.authorizations.update(record)))
    throw new Error(`authorization ${id} changed while it was replaced`)
  await syncStatus(inside, connection.workspaceId, connection.id, at)
  await inside.events.append([
    event(connection.workspaceId, at, 'connection.authorized', {
      connectionId: connection.id,
      serviceId: bound.service.id,
      actor: input.actor,
      user: user === '' ? null : user,
      cause: input.cause,
      detail: ['Authorized.', ...grant.notes].join(' '),
    }),
  ])
  return record
}
