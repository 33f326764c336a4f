/**
 * Keeping tokens live (S-20 … S-27). One renewal at a time per authorization over all processes and nodes, held by a
 * lease with a fencing number. Nothing else asks a provider for a new token.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { MooringError, notFound } from '../errors.ts'
import { event } from '../events/event.ts'
import type { Exchange, Grant } from '../schemes/scheme.ts'
import type { AuthorizationRecord, InFlight, Settlement, Store, StoredError } from '../store.ts'
import type { Vault } from '../vault/vault.ts'
import { bind, type Bound, openCredential, sealCredential } from './bind.ts'
import { diagnose } from './diagnosis.ts'
import { exchangeTimeout } from './exchange.ts'
import { leaseOwner, ownerHasEnded } from './owner.ts'
import { backOff, planRenewal } from './plan.ts'
import { syncStatus } from './status.ts'

/** Outlives the whole exchange, so that no second process calls while the first may still be answered (S-20). */
const leaseTime = exchangeTimeout + 10_000

export interface RenewalParts {
  store: Store
  vault: Vault
  exchange: Exchange
  now: () => number
  /** In [0, 1). */
  random: () => number
  /** Told of every answer or failure of a provider. */
  count: (outcome: 'renewed' | 'failed') => void
  log: { warn: (facts: object, message: string) => void; error: (facts: object, message: string) => void }
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
  /** A renewed record whose write is still outstanding (S-23). */
  unwritten(authorizationId: string): AuthorizationRecord | undefined
  /** Renewals under way here. */
  running(): number
  /** Resolves when renewals under way have ended and every answer is stored (S-23). */
  settled(): Promise<void>
}

export function createRenewals(parts: RenewalParts): Renewals {
  const { store, now } = parts
  const flights = new Map<string, Promise<AuthorizationRecord>>()
  const unwritten: Unwritten = new Map()

  const run = async (seen: AuthorizationRecord, cause: RenewalCause): Promise<AuthorizationRecord> => {
    const giveUpAt = Date.now() + leaseTime + 5000
    for (let turn = 0; ; turn++) {
      const at = now()
      const taken = await store.authorizations.lease(seen.id, { owner: leaseOwner(), now: at, until: at + leaseTime })
      if (taken !== undefined) {
        if (isNewer(taken.record, seen)) return release(store, taken.record, now())
        return perform(parts, unwritten, taken.record, taken.abandoned, cause)
      }
      // Another holds the lease, or there is nothing to renew: read again (S-21).
      const record = await store.authorizations.findById(seen.id)
      if (record === undefined) throw notFound('authorization')
      if (record.status !== 'active') throw refusal(record)
      if (isNewer(record, seen)) return record
      if (record.leaseOwner === null && record.failures > seen.failures && record.lastError !== null) {
        // The holder tried and failed while we waited: its error is ours.
        throw new MooringError('provider_error', {
          detail: record.lastError.detail,
          hint: record.lastError.hint ?? undefined,
        })
      }
      if (record.leaseOwner !== null && ownerHasEnded(record.leaseOwner)) {
        await store.authorizations.breakLease(record.id, record.leaseOwner)
        continue
      }
      if (Date.now() > giveUpAt) {
        throw new MooringError('unavailable', {
          detail: 'Another process is renewing this connection and has not finished.',
          hint: 'Repeat the call.',
          retryAfterSeconds: 5,
        })
      }
      await wait(Math.min(250, 20 + turn * 20) * (0.75 + parts.random() * 0.5))
    }
  }

  return {
    renew(seen, cause) {
      const flying = flights.get(seen.id)
      if (flying !== undefined) return flying
      const flight = run(seen, cause).finally(() => flights.delete(seen.id))
      flights.set(seen.id, flight)
      return flight
    },
    unwritten: (id) => unwritten.get(id)?.record,
    running: () => flights.size,
    async settled() {
      while (flights.size > 0 || unwritten.size > 0) {
        await Promise.allSettled([...flights.values(), ...[...unwritten.values()].map((one) => one.writing)])
      }
    },
  }
}

/** Answers that are in use but not stored yet, by authorization. */
type Unwritten = Map<string, { record: AuthorizationRecord; writing: Promise<void> }>

/** Whether a record holds another token than the one that was seen. */
function isNewer(record: AuthorizationRecord, seen: AuthorizationRecord): boolean {
  return record.lastRefreshedAt !== seen.lastRefreshedAt || record.authorizedAt !== seen.authorizedAt
}

/** Gives a lease back without having called: nothing changes but that. */
async function release(store: Store, record: AuthorizationRecord, at: number): Promise<AuthorizationRecord> {
  const { status, refreshAt, failures, lastError } = record
  await store.authorizations.settle(record.id, record.fence, { status, refreshAt, failures, lastError }, at)
  return { ...record, leaseOwner: null, leaseUntil: null, inFlight: null }
}

/** Why a connection's authorization cannot be used. */
export function refusal(record: {
  status: AuthorizationRecord['status']
  lastError: StoredError | null
}): MooringError {
  if (record.status === 'revoked') {
    return new MooringError('connection_not_active', {
      detail: 'The connection was revoked.',
      hint: 'Authorize it again to use it.',
    })
  }
  return new MooringError('reauthorization_required', {
    detail: record.lastError?.detail ?? 'The provider no longer accepts this authorization.',
    hint: record.lastError?.hint ?? 'Authorize the connection again.',
  })
}

/** With the lease in hand: asks the provider and stores what it answers. */
async function perform(
  parts: RenewalParts,
  unwritten: Unwritten,
  record: AuthorizationRecord,
  abandoned: InFlight | null,
  cause: RenewalCause,
): Promise<AuthorizationRecord> {
  const { store, vault, exchange, now } = parts
  let bound: Bound
  let grant: Grant<unknown>
  const startedAt = now()
  const context = await load(parts, record)
  try {
    bound = context.bound
    grant = await bound.scheme.refresh(
      bound.auth,
      openCredential(vault, record),
      { ...bound.scopes, scopes: record.requestedScopes },
      exchange,
    )
  } catch (error) {
    throw await fail(parts, context.bound, record, error, abandoned, cause)
  }

  parts.count('renewed')
  const at = now()
  const { refreshable } = { refreshable: bound.scheme.refreshable(bound.auth, grant.credential) }
  const outcome: Settlement = {
    status: 'active',
    credential: sealCredential(vault, record, grant.credential),
    grantedScopes: grant.grantedScopes ?? record.grantedScopes,
    account: grant.account ?? record.account,
    refreshable,
    expiresAt: grant.expiresAt,
    refreshAt: planRenewal({
      now: at,
      expiresAt: grant.expiresAt,
      refreshable,
      marginSeconds: bound.scheme.refreshMarginSeconds(bound.auth),
      random: parts.random(),
    }),
    failures: 0,
    lastRefreshedAt: at,
    lastError: null,
  }
  const renewed: AuthorizationRecord = {
    ...record,
    ...withoutUndefined(outcome),
    leaseOwner: null,
    leaseUntil: null,
    inFlight: null,
    version: record.version + 1,
    updatedAt: at,
  }
  const notes = [...(abandoned === null ? [] : ['a renewal that was cut short is made good']), ...grant.notes]
  const write = async (): Promise<boolean> =>
    store.transaction(async (inside) => {
      if (!(await inside.authorizations.settle(record.id, record.fence, outcome, at))) return false
      await syncStatus(inside, record.workspaceId, record.connectionId, at)
      await inside.events.append([
        event(record.workspaceId, at, 'connection.refreshed', {
          connectionId: record.connectionId,
          serviceId: bound.service.id,
          user: record.user || null,
          cause,
          detail: [`A new token after ${at - startedAt} ms.`, ...notes].join(' '),
        }),
      ])
      return true
    })

  let written: boolean
  try {
    written = await write()
  } catch (error) {
    // The provider has answered and the store is out of reach: the answer is used from memory and written as soon as the
    // store returns (S-23). The old token may be dead, so losing this one would lose the connection.
    parts.log.error(
      { err: error, connection: record.connectionId },
      'the store is out of reach; a new token is kept in memory until it returns',
    )
    const writing = persist(parts, record, write).finally(() => unwritten.delete(record.id))
    unwritten.set(record.id, { record: renewed, writing })
    return renewed
  }
  if (written) return renewed
  return overtaken(parts, bound, record, grant)
}

/** Loads what a renewal needs; a connection or service that is gone ends it. */
async function load({ store, vault }: RenewalParts, record: AuthorizationRecord): Promise<{ bound: Bound }> {
  const connection = await store.connections.find(record.workspaceId, record.connectionId)
  const service =
    connection === undefined ? undefined : await store.services.find(record.workspaceId, connection.serviceId)
  if (connection === undefined || service === undefined) throw notFound('connection')
  return { bound: bind(vault, service, connection) }
}

async function persist(parts: RenewalParts, record: AuthorizationRecord, write: () => Promise<boolean>): Promise<void> {
  for (let turn = 0; ; turn++) {
    await wait(Math.min(2000, 100 * 2 ** Math.min(turn, 5)))
    try {
      if (!(await write()))
        parts.log.warn({ connection: record.connectionId }, 'a token kept in memory was overtaken and is dropped')
      return
    } catch (error) {
      if (turn % 30 === 29)
        parts.log.error({ err: error, connection: record.connectionId }, 'the store is still out of reach')
    }
  }
}

/** The fence no longer fits: somebody revoked or authorized anew while the provider was asked. */
async function overtaken(
  parts: RenewalParts,
  bound: Bound,
  record: AuthorizationRecord,
  grant: Grant<unknown>,
): Promise<AuthorizationRecord> {
  const current = await parts.store.authorizations.findById(record.id)
  if (current?.status === 'active') return current
  // Revoked meanwhile: the token that has just been made must not outlive the revocation.
  await bound.scheme.revoke(bound.auth, grant.credential, parts.exchange).catch((error: unknown) => {
    parts.log.warn(
      { err: error, connection: record.connectionId },
      'the provider did not confirm that a late token is revoked',
    )
  })
  throw current === undefined ? notFound('connection') : refusal(current)
}

/** Stores why a renewal failed, by class (S-26), and gives the error to throw. */
async function fail(
  parts: RenewalParts,
  bound: Bound,
  record: AuthorizationRecord,
  error: unknown,
  abandoned: InFlight | null,
  cause: RenewalCause,
): Promise<unknown> {
  const { store, now } = parts
  parts.count('failed')
  const at = now()
  const failure = error instanceof MooringError ? error.provider : undefined
  const kind = failure?.kind ?? 'transient'
  const diagnosis = diagnose(error, {
    service: bound.service.name,
    scopes: record.requestedScopes,
    scopeDelimiter: bound.scopes.scopeDelimiter,
    moment: 'renew',
  })
  const lost = kind === 'permanent' && abandoned !== null
  const stored: StoredError = {
    at,
    code: diagnosis.code,
    detail: lost
      ? `Possibly lost rotation: a renewal was cut short at ${new Date(abandoned.startedAt).toISOString()} after the provider may have replaced the refresh token. ${diagnosis.detail}`
      : diagnosis.detail,
    hint: diagnosis.hint,
  }
  const failures = record.failures + 1
  const outcome: Settlement = {
    status: kind === 'permanent' ? 'reauthorization_required' : 'active',
    // A permanent refusal and a wrong configuration stop the renewals; only a passing fault is tried again by itself.
    refreshAt: kind === 'transient' ? at + backOff(failures, failure?.retryAfterSeconds ?? null, parts.random()) : null,
    failures,
    lastError: stored,
  }
  try {
    await store.transaction(async (inside) => {
      if (!(await inside.authorizations.settle(record.id, record.fence, outcome, at))) return
      await syncStatus(inside, record.workspaceId, record.connectionId, at)
      const facts = {
        connectionId: record.connectionId,
        serviceId: bound.service.id,
        user: record.user || null,
        ok: false,
        detail: stored.detail,
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
    })
  } catch (storeError) {
    parts.log.error(
      { err: storeError, connection: record.connectionId },
      'a failed renewal could not be recorded; its lease ends by itself',
    )
  }
  if (kind === 'permanent')
    return new MooringError('reauthorization_required', {
      detail: stored.detail,
      hint: stored.hint ?? undefined,
      provider: failure,
      cause: error,
    })
  return error
}

function withoutUndefined<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>
  }
}
