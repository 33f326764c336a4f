/** A connection's status: what its authorizations add up to. */
import { MooringError } from '../errors.ts'
import type { AuthorizationRecord, ConnectionRecord, Store } from '../store.ts'

/** For a shared connection its one authorization decides; for a per-user one, the best of all. */
export function statusOf(authorizations: readonly Pick<AuthorizationRecord, 'status'>[]): ConnectionRecord['status'] {
  const has = (status: AuthorizationRecord['status']): boolean => authorizations.some((one) => one.status === status)
  if (has('active')) return 'active'
  if (has('reauthorization_required')) return 'reauthorization_required'
  return has('revoked') ? 'revoked' : 'created'
}

/** Brings a connection's stored status in line with its authorizations, inside the transaction that changed one. */
export async function syncStatus(inside: Store, workspaceId: string, connectionId: string, at: number): Promise<void> {
  const connection = await inside.connections.find(workspaceId, connectionId)
  if (connection === undefined) return
  const status = statusOf(await inside.authorizations.ofConnection(connectionId, 10_000))
  if (status === connection.status) return
  const updated = await inside.connections.update({
    ...connection,
    status,
    version: connection.version + 1,
    updatedAt: at,
  })
  // Within one transaction the version fits; where an engine lets another writer in between, the whole is done again.
  if (!updated) throw new Error(`connection ${connectionId} changed while its status was written`)
}

/** Why a connection's authorization cannot be used. */
export function refusal({ status, lastError }: Pick<AuthorizationRecord, 'status' | 'lastError'>): MooringError {
  if (status === 'revoked') {
    return new MooringError('connection_not_active', {
      detail: 'The connection was revoked.',
      hint: 'Authorize it again to use it.',
    })
  }
  return new MooringError('reauthorization_required', {
    detail: lastError?.detail ?? 'The provider no longer accepts this authorization.',
    hint: lastError?.hint ?? 'Authorize the connection again.',
  })
}
