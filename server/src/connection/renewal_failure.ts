/** A renewal that failed: stored by class (S-26), with what it means for the next one. */
import { MooringError, notFound, type ProviderFailure } from '../errors.ts'
import { event } from '../events/event.ts'
import { type AuthorizationRecord, type InFlight, restoredFence, type StoredError } from '../store.ts'
import { circumstancesOf, diagnose } from './diagnosis.ts'
import { neverArrived } from './exchange.ts'
import { endLease, isNewer, type LeasedRenewal, reach, type Undertaking } from './lease.ts'
import { backOff } from './plan.ts'
import { refusal, syncStatus } from './status.ts'

/**
 * Stores why a renewal failed and throws the error for the caller. Resolves where somebody brought a new token meanwhile,
 * with the record that holds it. `asked`: whether the request went out.
 */
export async function recordFailure(
  renewal: LeasedRenewal,
  undertaking: Undertaking,
  error: unknown,
  asked: boolean,
): Promise<AuthorizationRecord> {
  const { store, now, log } = renewal
  const { record, bound, abandoned, cause } = undertaking
  renewal.count('failed')
  const at = now()
  if (!(error instanceof MooringError))
    log.error({ err: error, connection: record.connectionId }, 'a renewal ended for a reason of our own')
  const failure = error instanceof MooringError ? error.provider : undefined
  const kind = kindOf(error, failure)
  const diagnosis = diagnose(error, circumstancesOf(bound, record.requestedScopes, 'renew'))
  const lost = kind === 'permanent' && abandoned !== null && bound.scheme.flow(bound.auth) !== 'acquire'
  const lastError: StoredError = {
    at,
    code: diagnosis.code,
    detail: lost ? `${lostRotation(abandoned)} ${diagnosis.detail}` : diagnosis.detail,
    hint: diagnosis.hint,
  }
  const failures = record.failures + 1
  const change: Partial<AuthorizationRecord> = {
    status: kind === 'permanent' ? 'reauthorization_required' : 'active',
    // A permanent refusal and a wrong configuration stop the renewals; only a passing fault is tried again by itself.
    refreshAt:
      kind === 'transient' ? at + backOff(failures, failure?.retryAfterSeconds ?? null, renewal.random()) : null,
    failures,
    lastError,
    // Without a clear answer the provider may have replaced the refresh token: the next renewal must know (S-22).
    inFlight:
      kind === 'permanent' ? null : asked && isUnclear(error, failure) ? (abandoned ?? record.inFlight) : abandoned,
  }
  let ours: boolean
  try {
    ours = await store.transaction(async (inside) => {
      if (!(await endLease(inside, record, change, at))) return false
      await syncStatus(inside, record.workspaceId, record.connectionId, at)
      const facts = {
        connectionId: record.connectionId,
        serviceId: bound.service.id,
        user: record.user || null,
        ok: false,
        detail: lastError.detail,
      }
      await inside.events.append([
        event(record.workspaceId, at, 'connection.refresh_failed', { ...facts, cause: `${cause}; ${diagnosis.code}` }),
        ...(kind === 'permanent'
          ? [
              event(record.workspaceId, at, 'connection.reauthorization_required', {
                ...facts,
                cause: lost ? 'possibly lost rotation' : diagnosis.code,
              }),
            ]
          : []),
      ])
      return true
    })
  } catch (storeError) {
    log.error(
      { err: storeError, connection: record.connectionId },
      'a failed renewal could not be recorded; the next one breaks its lease',
    )
    ours = true
  }
  if (!ours) {
    const current = await reach(store.authorizations.findById(record.id))
    if (current === undefined) throw notFound('connection')
    if (current.status !== 'active') throw refusal(current)
    if (isNewer(current, record)) return current
  }
  throw kind === 'permanent'
    ? new MooringError('reauthorization_required', {
        detail: lastError.detail,
        hint: lastError.hint ?? undefined,
        provider: failure,
        cause: error,
      })
    : error
}

function kindOf(error: unknown, failure: ProviderFailure | undefined): ProviderFailure['kind'] {
  if (failure !== undefined) return failure.kind
  // There is nothing to renew with, so trying again brings nothing.
  return error instanceof MooringError && error.code === 'reauthorization_required' ? 'permanent' : 'transient'
}

/** Whether the provider may have done what was asked without our knowing: no answer, half of one, or a fault of its own. */
function isUnclear(error: unknown, failure: ProviderFailure | undefined): boolean {
  if (neverArrived(error)) return false
  const status = failure?.status ?? null
  if (status === null || status >= 500) return true
  return status < 300 && failure?.kind === 'transient'
}

function lostRotation({ fence, startedAt }: InFlight): string {
  const begun = new Date(startedAt).toISOString()
  if (fence === restoredFence)
    return `Possibly lost rotation: this connection was restored from a backup of ${begun}, and the provider may have replaced the refresh token since.`
  return `Possibly lost rotation: the renewal begun at ${begun} brought no answer that was stored, and the provider may have replaced the refresh token then.`
}
