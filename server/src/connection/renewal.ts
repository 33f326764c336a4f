/**
 * Keeping tokens live (S-20 … S-27). One renewal at a time per authorization over all processes and nodes, held by a
 * lease with a fencing number. Nothing else asks a provider for a new token.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { MooringError, notFound } from '../errors.ts'
import type { Exchange } from '../schemes/scheme.ts'
import type { AuthorizationRecord, Store } from '../store.ts'
import type { Vault } from '../vault/vault.ts'
import type { Gates } from './gate.ts'
import { isNewer, type Leased, type LeasedRenewal, leaseTime, reach, storeIsOut } from './lease.ts'
import { type LeaseHolder, leaseHolder } from './owner.ts'
import { renewLeased } from './renew_leased.ts'
import { createStanding, type HeldLease } from './standing.ts'
import { refusal } from './status.ts'

/** Those who wait for another's renewal do so longer than its lease lasts. */
const longestWait = leaseTime + 5000
/** How long a call waits for the store to take an answer whose own token has ended as well. */
const unwrittenWait = 2000
/** Leases that are looked at in one go, the longest due first. */
const standingAtOnce = 1000

export interface RenewalParts {
  store: Store
  vault: Vault
  exchange: Exchange
  now: () => number
  /** Milliseconds that have passed, whatever the wall clock is set to; left out, by this process's own clock. */
  elapsed?: () => number
  /** In [0, 1). */
  random: () => number
  /** Keeps renewals away from hosts that fail; left out, none is. */
  gates?: Pick<Gates, 'guard'>
  /** Told of every answer or failure of a provider. */
  count: (outcome: 'renewed' | 'failed') => void
  log: { warn: (facts: object, message: string) => void; error: (facts: object, message: string) => void }
  /** Who takes the leases; left out, a holder of its own in this process. */
  holder?: LeaseHolder
  /** Resolves after this many milliseconds; left out, a timer. */
  wait?: (milliseconds: number) => Promise<unknown>
}

/** Why a renewal is made; told in the activity list. */
export type RenewalCause = 'due' | 'expired' | 'refused by the API' | 'asked for'

export interface Renewals {
  /**
   * A token newer than that of `seen`: one request to the provider however many ask, here and elsewhere. Resolves with
   * the record that holds it. Throws reauthorization_required, connection_not_active, provider_error,
   * provider_rate_limited, provider_timeout, upstream_unreachable, unavailable.
   */
  renew(seen: AuthorizationRecord, cause: RenewalCause): Promise<AuthorizationRecord>
  /**
   * Begins renewals of what is due, each under a lease taken with the looking, so that several nodes share the work: at
   * most `limit`. `ended` is rejected as `renew` throws.
   */
  beginDue(limit: number): Promise<{ authorization: AuthorizationRecord; ended: Promise<AuthorizationRecord> }[]>
  /** Frees leases on what is due whose holders have ended, or are seen to have had them for longer than any may. */
  breakStanding(): Promise<void>
  /** A renewed record whose write is still outstanding (S-23). */
  unwritten(authorizationId: string): AuthorizationRecord | undefined
  /** Renewals under way here. */
  running(): number
  /** Resolves when renewals under way have ended and every answer is stored (S-23). */
  settled(): Promise<void>
}

export function createRenewals(parts: RenewalParts): Renewals {
  const { now } = parts
  const wait = parts.wait ?? sleep
  const elapsed = parts.elapsed ?? (() => performance.now())
  const standing = createStanding(elapsed)
  const holder = parts.holder ?? leaseHolder()
  const store = answering(parts.store)
  const flights = new Map<string, Promise<AuthorizationRecord>>()
  /** Answers that are in use but not stored yet. */
  const unwritten = new Map<string, { record: AuthorizationRecord; writing: Promise<void> }>()
  /** Leases of what is due are being taken: until they are known here, no other renewal begins. */
  const picking = new Set<Promise<unknown>>()

  const renewal: LeasedRenewal = {
    ...parts,
    wait,
    elapsed,
    keep: (record, writing) =>
      unwritten.set(record.id, { record, writing: writing.finally(() => unwritten.delete(record.id)) }),
  }

  /** Whether nobody is behind a lease any more, so that it is broken at once in place of waiting for its end. */
  const isLeftBehind = (owner: string): boolean =>
    // One of ours without a renewal under way: its outcome could not be written.
    owner === holder.name || holder.hasEnded(owner)

  /** Frees the lease of somebody who does not work under it any more. */
  const breakWhereOver = async ({ id, leaseOwner: owner, fence }: HeldLease): Promise<void> => {
    if (owner !== null && (isLeftBehind(owner) || standing.tooLong({ id, leaseOwner: owner, fence })))
      await store.breakLease(id, owner, fence)
  }

  const take = async (record: AuthorizationRecord): Promise<Leased | undefined> => {
    await breakWhereOver(record)
    const since = elapsed()
    const at = now()
    const leased = await store.lease(record.id, { owner: holder.name, now: at, until: at + leaseTime })
    return leased && { ...leased, since }
  }

  const run = async (seen: AuthorizationRecord, cause: RenewalCause): Promise<AuthorizationRecord> => {
    const giveUpAt = elapsed() + longestWait
    for (let turn = 0; ; turn++) {
      const record = await store.findById(seen.id)
      if (record === undefined) throw notFound('authorization')
      if (record.status !== 'active') throw refusal(record)
      if (isNewer(record, seen)) return record
      // The holder tried and failed while we waited: its error is ours (S-21).
      if (turn > 0 && record.leaseOwner === null && record.failures > seen.failures) throw othersFailure(record)
      const taken = await take(record)
      if (taken !== undefined) {
        const renewed = await renewLeased(renewal, taken, seen, cause)
        if (renewed !== undefined) return renewed
      }
      if (elapsed() > giveUpAt) {
        throw new MooringError('unavailable', {
          detail: 'Another process is renewing this connection and has not finished.',
          hint: 'Repeat the call.',
          retryAfterSeconds: 5,
        })
      }
      await wait(Math.min(250, 20 + turn * 20) * (0.75 + parts.random() * 0.5))
    }
  }

  /** An answer that waits for the store: it is the newest token, and its refresh token must not be used before it is stored. */
  const fromMemory = async (seen: AuthorizationRecord): Promise<AuthorizationRecord | undefined> => {
    const held = unwritten.get(seen.id)
    if (held === undefined) return undefined
    if (isNewer(held.record, seen)) return held.record
    await Promise.race([held.writing, wait(unwrittenWait)])
    if (unwritten.has(seen.id)) throw storeIsOut(undefined)
    return undefined
  }

  const fly = (id: string, renewing: Promise<AuthorizationRecord>): Promise<AuthorizationRecord> => {
    const flight = renewing.finally(() => flights.delete(id))
    flights.set(id, flight)
    return flight
  }

  /** Under way here, or still to be written. */
  const busy = (): string[] => [...flights.keys(), ...unwritten.keys()]

  const pick = async (limit: number): Promise<Leased[]> => {
    const since = elapsed()
    const at = now()
    const leased = await store.leaseDue({ owner: holder.name, now: at, until: at + leaseTime }, limit, busy())
    return leased.map((one) => ({ ...one, since }))
  }

  return {
    async beginDue(limit) {
      const begun = pick(limit).then((leased) =>
        leased.map((taken) => {
          const { record } = taken
          const renewing = renewLeased(renewal, taken, record, 'due')
          // Where its lease got too old to ask under, from the beginning.
          return {
            authorization: record,
            ended: fly(
              record.id,
              renewing.then((renewed) => renewed ?? run(record, 'due')),
            ),
          }
        }),
      )
      picking.add(begun)
      return begun.finally(() => picking.delete(begun))
    },

    async renew(seen, cause) {
      for (;;) {
        while (picking.size > 0) await Promise.allSettled(picking)
        const held = await fromMemory(seen)
        if (held !== undefined) return held
        const flying = flights.get(seen.id)
        if (flying === undefined) break
        const record = await flying
        // Whoever saw a renewal's token before the renewal had quite ended asks for the one after.
        if (isNewer(record, seen)) return record
      }
      return fly(seen.id, run(seen, cause))
    },
    async breakStanding() {
      const held = await store.leasedDue(now(), standingAtOnce)
      while (picking.size > 0) await Promise.allSettled(picking)
      const here = new Set(busy())
      for (const lease of held) if (!here.has(lease.id)) await breakWhereOver(lease)
    },
    unwritten: (id) => unwritten.get(id)?.record,
    running: () => flights.size,
    async settled() {
      while (picking.size > 0 || flights.size > 0 || unwritten.size > 0) {
        const written = [...unwritten.values()].map((one) => one.writing)
        await Promise.allSettled([...picking, ...flights.values(), ...written])
      }
    },
  }
}

/** What leasing asks of the store; a store that is out of reach is a reason to come back, not a fault of ours (S-21). */
function answering({
  authorizations,
}: Store): Pick<Store['authorizations'], 'findById' | 'lease' | 'leaseDue' | 'leasedDue' | 'breakLease'> {
  return {
    findById: (id) => reach(authorizations.findById(id)),
    lease: (id, take) => reach(authorizations.lease(id, take)),
    leaseDue: (take, limit, except) => reach(authorizations.leaseDue(take, limit, except)),
    leasedDue: (now, limit) => reach(authorizations.leasedDue(now, limit)),
    breakLease: (...given) => reach(authorizations.breakLease(...given)),
  }
}

function othersFailure({ lastError }: AuthorizationRecord): MooringError {
  return new MooringError('provider_error', {
    detail: lastError?.detail ?? 'The token could not be renewed.',
    hint: lastError?.hint ?? undefined,
  })
}
