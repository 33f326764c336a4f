/**
 * One renewal with the lease in hand: asks the provider, stores what it answers, ends the lease. Whatever happens here,
 * the lease is given back, or its holder can be seen to have left it behind.
 */
import { MooringError, notFound } from '../errors.ts'
import { event } from '../events/event.ts'
import type { Grant } from '../schemes/scheme.ts'
import { type AuthorizationRecord, type InFlight, restoredFence, type Settlement, type Store } from '../store.ts'
import { type Bound, bind, openCredential, outgoingScopes, sealCredential } from './bind.ts'
import { pausedCode, ProviderPaused } from './gate.ts'
import { usableLearned } from './learned.ts'
import { giveBack, isNewer, type Leased, type LeasedRenewal, reach, type Undertaking, whileLeased } from './lease.ts'
import { planRenewal } from './plan.ts'
import type { RenewalCause } from './renewal.ts'
import { recordFailure } from './renewal_failure.ts'
import { refusal, syncStatus } from './status.ts'

/**
 * Resolves with the record that holds a token newer than that of `seen`; undefined where the lease got too old to ask
 * the provider under it. Throws as `Renewals.renew`.
 */
export async function renewLeased(
  renewal: LeasedRenewal,
  leased: Leased,
  seen: AuthorizationRecord,
  cause: RenewalCause,
): Promise<AuthorizationRecord | undefined> {
  const { record, abandoned } = leased
  const free = { leaseOwner: null, leaseUntil: null, inFlight: abandoned }
  if (isNewer(record, seen) && abandoned === null) {
    await giveBack(renewal, record, free)
    return { ...record, ...free }
  }
  let bound: Bound
  try {
    bound = await load(renewal, record)
  } catch (error) {
    await giveBack(renewal, record, free)
    throw error
  }
  if (!bound.connection.enabled) {
    // Nothing is planned until somebody enables it.
    await giveBack(renewal, record, { ...free, refreshAt: null })
    throw new MooringError('connection_not_active', { detail: `${bound.connection.name} is disabled.` })
  }
  const undertaking: Undertaking = { ...leased, cause, bound }
  const exchange = whileLeased(renewal, leased)
  const { workspaceId } = record
  const guarded = renewal.gates?.guard(exchange, { workspaceId, asked: cause === 'asked for' }) ?? exchange
  let grant: Grant<unknown>
  try {
    grant = await bound.scheme.refresh(
      bound.auth,
      openCredential(renewal.vault, record),
      outgoingScopes(bound, record.requestedScopes),
      guarded,
    )
  } catch (error) {
    if (error instanceof ProviderPaused) {
      // Not a failure of this connection. Its turn comes a little after the try, so that not all come at once.
      const spread = (error.until - renewal.now()) * 0.25 * renewal.random()
      const lastError = { at: renewal.now(), code: pausedCode, detail: error.message, hint: error.hint ?? null }
      await giveBack(renewal, record, { ...free, refreshAt: Math.round(error.until + spread), lastError })
      throw error
    }
    if (exchange.tooLate()) {
      await giveBack(renewal, record, free)
      return undefined
    }
    return recordFailure(renewal, undertaking, error, exchange.asked())
  }
  return storeAnswer(renewal, undertaking, grant)
}

/** Loads what a renewal needs; a connection or service that is gone ends it. */
async function load({ store, vault }: LeasedRenewal, record: AuthorizationRecord): Promise<Bound> {
  const connection = await reach(store.connections.find(record.workspaceId, record.connectionId))
  const service =
    connection === undefined ? undefined : await reach(store.services.find(record.workspaceId, connection.serviceId))
  if (connection === undefined || service === undefined) throw notFound('connection')
  return bind(vault, service, connection, record.learned)
}

async function storeAnswer(
  renewal: LeasedRenewal,
  undertaking: Undertaking,
  grant: Grant<unknown>,
): Promise<AuthorizationRecord> {
  const { store, vault, now } = renewal
  const { record, abandoned, cause, bound } = undertaking
  renewal.count('renewed')
  const at = now()
  const refreshable = bound.scheme.refreshable(bound.auth, grant.credential)
  const settlement = {
    status: 'active',
    grantedScopes: grant.grantedScopes ?? record.grantedScopes,
    account: grant.account ?? record.account,
    learned: { ...record.learned, ...usableLearned(bound, grant) },
    refreshable,
    expiresAt: grant.expiresAt,
    refreshAt: planRenewal({
      now: at,
      expiresAt: grant.expiresAt,
      refreshable,
      marginSeconds: bound.scheme.refreshMarginSeconds(bound.auth),
      random: renewal.random(),
    }),
    failures: 0,
    lastRefreshedAt: at,
    verifiedAt: at,
    lastError: null,
  } as const satisfies Settlement
  // At each try anew: by the time the store returns, the data key may have been rotated away.
  const sealed = (): Uint8Array => sealCredential(vault, record, grant.credential)
  const renewed: AuthorizationRecord = {
    ...record,
    ...settlement,
    credential: sealed(),
    leaseOwner: null,
    leaseUntil: null,
    inFlight: null,
    version: record.version + 1,
    updatedAt: at,
  }
  const took = at - (record.inFlight?.startedAt ?? at)
  const notes = [...(abandoned === null ? [] : [madeGood(abandoned)]), ...grant.notes]
  const write = (): Promise<boolean> =>
    store.transaction(async (inside) => {
      const outcome = { ...settlement, credential: sealed() }
      const settled =
        (await inside.authorizations.settle(record.id, record.fence, outcome, at)) ||
        (await storeLate(inside, record, { ...renewed, ...outcome }))
      if (!settled) return false
      await syncStatus(inside, record.workspaceId, record.connectionId, at)
      await inside.events.append([
        event(record.workspaceId, at, 'connection.refreshed', {
          connectionId: record.connectionId,
          serviceId: bound.service.id,
          user: record.user || null,
          cause,
          detail: [`A new token after ${took} ms.`, ...notes].join(' '),
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
    renewal.log.error(
      { err: error, connection: record.connectionId },
      'the store is out of reach; a new token is kept in memory until it returns',
    )
    renewal.keep(renewed, persist(renewal, undertaking, grant, write))
    return renewed
  }
  return written ? renewed : overtaken(renewal, undertaking, grant)
}

function madeGood({ fence, startedAt }: InFlight): string {
  return fence === restoredFence
    ? `The provider still took the refresh token of the backup of ${new Date(startedAt).toISOString()}.`
    : 'An earlier renewal that was cut short is made good.'
}

/**
 * An answer that comes after the lease has gone to another (a machine that slept) is still the newest token as long as
 * nobody has stored one, authorized anew or revoked: dropping it could lose the connection.
 */
async function storeLate(inside: Store, record: AuthorizationRecord, renewed: AuthorizationRecord): Promise<boolean> {
  const current = await inside.authorizations.findById(record.id)
  if (current === undefined || current.status === 'revoked' || isNewer(current, record)) return false
  const { lastUsedAt, eagerUntil, createdAt } = current
  return inside.authorizations.update({
    ...renewed,
    lastUsedAt,
    eagerUntil,
    createdAt,
    // Whoever took the lease over may have used the old refresh token as well, which ends the grant at some providers:
    // the next renewal must know.
    inFlight: current.inFlight ?? record.inFlight,
    // Whoever has the lease by now finds its number gone.
    fence: current.fence + 1,
    version: current.version + 1,
  })
}

async function persist(
  renewal: LeasedRenewal,
  undertaking: Undertaking,
  grant: Grant<unknown>,
  write: () => Promise<boolean>,
): Promise<void> {
  const { log, wait } = renewal
  const { connectionId } = undertaking.record
  for (let turn = 0; ; turn++) {
    await wait(Math.min(1000, 50 * 2 ** Math.min(turn, 5)))
    try {
      if (await write()) return
      await overtaken(renewal, undertaking, grant).catch((error: unknown) => {
        if (!(error instanceof MooringError) || error.code === 'unavailable') throw error
      })
      log.warn({ connection: connectionId }, 'a token kept in memory was overtaken and is dropped')
      return
    } catch (error) {
      if (turn % 60 === 59) log.error({ err: error, connection: connectionId }, 'the store is still out of reach')
    }
  }
}

/** The answer is not wanted any more: somebody revoked or authorized anew while the provider was asked. */
async function overtaken(
  { store, exchange, log }: LeasedRenewal,
  { record, bound }: Undertaking,
  grant: Grant<unknown>,
): Promise<AuthorizationRecord> {
  const current = await reach(store.authorizations.findById(record.id))
  if (current?.status === 'active') return current
  if (current === undefined || current.status === 'revoked') {
    // The token that has just been made must not outlive the revocation.
    await bound.scheme.revoke(bound.auth, grant.credential, exchange).catch((error: unknown) => {
      log.warn(
        { err: error, connection: record.connectionId },
        'the provider did not confirm that a late token is revoked',
      )
    })
  }
  throw current === undefined ? notFound('connection') : refusal(current)
}
