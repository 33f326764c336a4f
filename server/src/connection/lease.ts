/** What a renewal may do under its lease, and how the lease ends (S-20). */
import { MooringError } from '../errors.ts'
import type { Exchange } from '../schemes/scheme.ts'
import type { AuthorizationRecord, InFlight, Store } from '../store.ts'
import type { Bound } from './bind.ts'
import { exchangeTimeout } from './exchange.ts'
import type { RenewalCause, RenewalParts } from './renewal.ts'

/** Outlives the whole exchange, so that no second process calls while the first may still be answered (S-20). */
export const leaseTime = exchangeTimeout + 10_000

export interface LeasedRenewal extends RenewalParts {
  wait: (milliseconds: number) => Promise<unknown>
  elapsed: () => number
  /** Keeps a renewed record in memory until `writing` has ended (S-23). */
  keep: (record: AuthorizationRecord, writing: Promise<void>) => void
}

/** A lease in hand. `record` is as it left it. */
export interface Leased {
  record: AuthorizationRecord
  /** An earlier renewal that brought no answer, or none that was stored. */
  abandoned: InFlight | null
  /** `elapsed()` before it was asked for. */
  since: number
}

/** A renewal that is being made. */
export interface Undertaking extends Leased {
  cause: RenewalCause
  bound: Bound
}

/** What the store gives; where it is out of reach, a reason to come back rather than a fault of ours (S-21). */
export async function reach<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked
  } catch (error) {
    throw storeIsOut(error)
  }
}

export function storeIsOut(cause: unknown): MooringError {
  return new MooringError('unavailable', {
    detail: 'The token has to be renewed, and the store does not answer at the moment.',
    hint: 'Repeat the call.',
    retryAfterSeconds: 2,
    cause,
  })
}

/** Whether a record holds another token than the one that was seen. */
export function isNewer(record: AuthorizationRecord, seen: AuthorizationRecord): boolean {
  return record.lastRefreshedAt !== seen.lastRefreshedAt || record.authorizedAt !== seen.authorizedAt
}

/**
 * The exchange for as long as the lease covers a whole one. A process that stood still between taking the lease and
 * asking must not ask any more: another may have taken it over, and the refresh token would be used twice. Both clocks
 * have to agree: the wall clock may have been set, and the other stands still with a machine that sleeps.
 */
export function whileLeased(
  { exchange, now, elapsed }: LeasedRenewal,
  { record, since }: Leased,
): Exchange & { asked: () => boolean; tooLate: () => boolean } {
  const askFor = leaseTime - exchangeTimeout
  const askUntil = (record.leaseUntil ?? now() + leaseTime) - exchangeTimeout
  let asked = false
  let late = false
  return {
    ...exchange,
    fetch(url, init) {
      if (now() > askUntil || elapsed() > since + askFor) {
        late = true
        return Promise.reject(new MooringError('unavailable', { detail: 'The lease of this renewal is nearly over.' }))
      }
      asked = true
      return exchange.fetch(url, init)
    },
    asked: () => asked,
    tooLate: () => late && !asked,
  }
}

/** Ends a lease under which the provider was not asked. */
export async function giveBack(
  { store, now, log }: LeasedRenewal,
  record: AuthorizationRecord,
  change: Partial<AuthorizationRecord>,
): Promise<void> {
  try {
    await store.transaction((inside) => endLease(inside, record, change, now()))
  } catch (error) {
    log.warn(
      { err: error, connection: record.connectionId },
      'a lease could not be given back; the next call breaks it',
    )
  }
}

/** Writes a change and frees the lease, where the lease is still ours; false where it is not. */
export async function endLease(
  inside: Store,
  record: AuthorizationRecord,
  change: Partial<AuthorizationRecord>,
  at: number,
): Promise<boolean> {
  const current = await inside.authorizations.findById(record.id)
  if (current === undefined || current.fence !== record.fence) return false
  return inside.authorizations.update({
    ...current,
    leaseOwner: null,
    leaseUntil: null,
    ...change,
    version: current.version + 1,
    updatedAt: at,
  })
}
