/**
 * Leases, outcomes and plans of renewals (S-20, S-22). A lease is taken by one UPDATE, so the engine's own row or file
 * lock decides between two takers; an outcome is written only where its fencing number is still the newest.
 *
 * Taking, breaking and settling add 1 to `version` too: an `update` made from a record that was read before them must
 * not put back a lease or a fence.
 */
import { setImmediate } from 'node:timers/promises'
import { type Selectable, sql } from 'kysely'
import type { Store } from '../store.ts'
import { inFlight, toAuthorization } from './authorization_row.ts'
import { sealedColumns, toFlag, toJson, toJsonOrNull } from './columns.ts'
import { atomically, changed, type Context, type Db, inOrder, inParts, relaxed } from './engine.ts'
import type { AuthorizationTable } from './schema.ts'

type Renewals = Pick<
  Store['authorizations'],
  'lease' | 'leaseDue' | 'leasedDue' | 'breakLease' | 'settle' | 'due' | 'nextDueAt' | 'touch' | 'verified'
>

type Take = Parameters<Renewals['lease']>[1]

type Use = Parameters<Renewals['touch']>[0][number]

/** Literal, not bound: the planner must see that the partial index on due renewals holds these rows. */
const active = sql.lit('active' as const)

/** Rows rewritten at a time, with their credentials: some two milliseconds, then calls have their turn. */
const touchAtOnce = 50

function toLeased(row: Selectable<AuthorizationTable>) {
  return { record: toAuthorization(row), abandoned: inFlight(row.abandoned_fence, row.abandoned_at) }
}

export function renewals(context: Context): Renewals {
  const { db, engine } = context

  /** Active, planned for a moment when still in use, in use now. */
  const planned = (now: number) =>
    db
      .selectFrom('authorizations')
      .where('status', '=', active)
      .whereRef('refresh_at', '<', 'eager_until')
      .where('eager_until', '>', now)

  const due = (now: number, limit: number, lease: 'free' | 'held' = 'free') =>
    planned(now)
      .where('lease_owner', lease === 'free' ? 'is' : 'is not', null)
      .where('refresh_at', '<=', now)
      .orderBy('refresh_at')
      .orderBy('eager_until')
      .limit(limit)

  const leasing = ({ owner, now, until }: Take) =>
    db
      .updateTable('authorizations')
      .set((set) => ({
        lease_owner: owner,
        lease_until: until,
        fence: set('fence', '+', 1),
        // The right-hand sides are the values before this update, so what was in flight is kept and returned.
        abandoned_fence: set.ref('in_flight_fence'),
        abandoned_at: set.ref('in_flight_at'),
        in_flight_fence: set('fence', '+', 1),
        in_flight_at: now,
        version: set('version', '+', 1),
      }))
      .where('status', '=', active)
      .where('lease_owner', 'is', null)
      .returningAll()

  return {
    async lease(id, take) {
      const row = await leasing(take).where('id', '=', id).executeTakeFirst()
      return row && toLeased(row)
    },

    async leaseDue(take, limit, except) {
      let free = due(take.now, limit).select('id')
      if (except.length > 0) free = free.where('id', 'not in', except)
      if (engine.locksRows) {
        // As an array, so that the limit is kept: the planner could run a subquery more than once.
        const picked = sql<string>`any(array(${free.forUpdate().skipLocked()}))`
        const rows = await leasing(take).where('id', '=', picked).execute()
        return rows.map(toLeased)
      }
      // Looked at first, as a write that changes nothing would make others wait too.
      const found = await free.execute()
      if (found.length === 0) return []
      const ids = found.map(({ id }) => id)
      const rows = await leasing(take).where('id', 'in', ids).execute()
      return rows.map(toLeased)
    },

    async breakLease(id, owner, fence) {
      // What was in flight stays: whoever leases next must learn that a renewal was abandoned.
      const { numUpdatedRows } = await db
        .updateTable('authorizations')
        .set((set) => ({ lease_owner: null, lease_until: null, version: set('version', '+', 1) }))
        .where('id', '=', id)
        .where('lease_owner', '=', owner)
        .where('fence', '=', fence)
        .executeTakeFirst()
      return numUpdatedRows > 0n
    },

    async settle(id, fence, outcome, now) {
      const { credential, grantedScopes, account, learned, refreshable, expiresAt, lastRefreshedAt, verifiedAt } =
        outcome
      return atomically(context, async (trx) => {
        const row = await trx
          .updateTable('authorizations')
          .set((set) => ({
            status: outcome.status,
            // kysely leaves out columns that are undefined.
            ...(credential === undefined ? {} : sealedColumns('credential', credential)),
            granted_scopes: grantedScopes === undefined ? undefined : toJsonOrNull(grantedScopes),
            account,
            learned: learned === undefined ? undefined : toJson(learned),
            refreshable: refreshable === undefined ? undefined : toFlag(refreshable),
            expires_at: expiresAt,
            refresh_at: outcome.refreshAt,
            failures: outcome.failures,
            last_refreshed_at: lastRefreshedAt,
            verified_at: verifiedAt,
            last_error: toJsonOrNull(outcome.lastError),
            lease_owner: null,
            lease_until: null,
            in_flight_fence: null,
            in_flight_at: null,
            version: set('version', '+', 1),
            updated_at: now,
          }))
          .where('id', '=', id)
          .where('fence', '=', fence)
          .returning('connection_id')
          .executeTakeFirst()
        if (!row) return false
        await changed(trx, 'connection', row.connection_id)
        return true
      })
    },

    async due(now, limit) {
      const rows = await due(now, limit).selectAll().execute()
      return rows.map(toAuthorization)
    },

    async leasedDue(now, limit) {
      const rows = await due(now, limit, 'held').select(['id', 'lease_owner', 'fence']).execute()
      return rows.map((row) => ({ id: row.id, leaseOwner: row.lease_owner, fence: row.fence }))
    },

    async nextDueAt(now) {
      const row = await planned(now)
        .where('lease_owner', 'is', null)
        .select('refresh_at')
        .orderBy('refresh_at')
        .limit(1)
        .executeTakeFirst()
      return row?.refresh_at ?? undefined
    },

    async touch(uses) {
      for (const part of inParts(inOrder(uses), touchAtOnce)) {
        // A lost second of "last used" does no harm; a wait for the disk with every batch of uses would.
        await relaxed(context, async (trx) => {
          for (const use of part) await touchOne(trx, use)
        })
        await setImmediate()
      }
    },

    async verified(id, at) {
      await relaxed(context, async (trx) => {
        await trx.updateTable('authorizations').set({ verified_at: at }).where('id', '=', id).execute()
      })
    },
  }
}

/** Batches of several processes may arrive in any order: the later moment wins. */
async function touchOne(db: Db, { id, usedAt, eagerUntil, verifiedAt }: Use): Promise<void> {
  await db
    .updateTable('authorizations')
    .set((set) => ({
      last_used_at: set.case().when('last_used_at', '>', usedAt).then(set.ref('last_used_at')).else(usedAt).end(),
      eager_until: set.case().when('eager_until', '>', eagerUntil).then(set.ref('eager_until')).else(eagerUntil).end(),
      verified_at:
        verifiedAt === undefined
          ? undefined
          : set.case().when('verified_at', '>', verifiedAt).then(set.ref('verified_at')).else(verifiedAt).end(),
    }))
    .where('id', '=', id)
    .execute()
}
