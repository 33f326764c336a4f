/** A token or a certificate that has ended and that nothing renews. */
import { event } from '../events/event.ts'
import type { AuthorizationRecord, Store, StoredError } from '../store.ts'
import { isNewer } from './lease.ts'
import { syncStatus } from './status.ts'

/** Stores that a person must authorize again, unless somebody has done so meanwhile; gives what is told of it. */
export async function noteRanOut(store: Store, authorization: AuthorizationRecord, at: number): Promise<StoredError> {
  const { workspaceId, connectionId } = authorization
  const lastError: StoredError = {
    at,
    code: 'expired',
    detail: 'The access token or certificate has ended, and there is nothing to renew it with.',
    hint: 'Authorize the connection again.',
  }
  await store.transaction(async (inside) => {
    const current = await inside.authorizations.findById(authorization.id)
    if (current === undefined || current.status !== 'active' || isNewer(current, authorization)) return
    await inside.authorizations.update({
      ...current,
      status: 'reauthorization_required',
      refreshAt: null,
      lastError,
      version: current.version + 1,
      updatedAt: at,
    })
    await syncStatus(inside, workspaceId, connectionId, at)
    await inside.events.append([
      event(workspaceId, at, 'connection.reauthorization_required', {
        ok: false,
        connectionId,
        user: authorization.user || null,
        cause: 'expired',
        detail: lastError.detail,
      }),
    ])
  })
  return lastError
}
