import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { AuthorizationRecord, Store } from '../../store.ts'
import { authorization, bytes, changesOf, connections, day, ids, minute, now, settlement } from './fixtures.ts'

const take = { owner: 'p1', now, until: now + minute }

async function one(store: Store, fields: Partial<AuthorizationRecord> = {}): Promise<Store['authorizations']> {
  await connections(store, 'c1')
  await store.authorizations.insert(authorization('a1', fields))
  return store.authorizations
}

export function renewalSuite(use: () => Store): void {
  describe('a lease', () => {
    test('S-20 S-22 is taken where it is free: fence one higher, renewal in flight, nothing abandoned', async () => {
      const grants = await one(use(), { fence: 4 })
      const taken = await grants.lease('a1', take)
      expect(taken).toEqual({
        record: authorization('a1', {
          leaseOwner: 'p1',
          leaseUntil: now + minute,
          fence: 5,
          inFlight: { fence: 5, startedAt: now },
          version: 2,
        }),
        abandoned: null,
      })
      expect(await grants.findById('a1')).toEqual(taken?.record)
    })

    test('S-20 is refused while another or the same owner holds it, whatever the time is said to be', async () => {
      const grants = await one(use())
      const taken = await grants.lease('a1', take)
      for (const later of [now, now + minute, now + minute + 1, now + day, now - day]) {
        expect(await grants.lease('a1', { owner: 'p2', now: later, until: later + minute })).toBeUndefined()
        expect(await grants.lease('a1', { owner: 'p1', now: later, until: later + minute })).toBeUndefined()
      }
      expect(await grants.findById('a1')).toEqual(taken?.record)
    })

    test('S-22 that was broken is taken by another, with what the first taker left in flight', async () => {
      const grants = await one(use())
      await grants.lease('a1', take)
      await grants.breakLease('a1', 'p1', 1)
      const later = now + minute + 1
      const second = await grants.lease('a1', { owner: 'p2', now: later, until: later + minute })
      expect(second?.abandoned).toEqual({ fence: 1, startedAt: now })
      expect(second?.record).toMatchObject({ leaseOwner: 'p2', fence: 2, inFlight: { fence: 2, startedAt: later } })
    })

    test('finds nothing abandoned after a renewal that was settled', async () => {
      const grants = await one(use())
      await grants.lease('a1', take)
      await grants.breakLease('a1', 'p1', 1)
      const later = now + 2 * minute
      const second = await grants.lease('a1', { owner: 'p2', now: later, until: later + minute })
      await grants.settle('a1', second?.record.fence ?? 0, settlement(), later)
      expect((await grants.lease('a1', { ...take, now: later }))?.abandoned).toBeNull()
    })

    test.each(['revoked', 'reauthorization_required'] as const)('is refused on a grant that is %s', async (status) => {
      const grants = await one(use(), { status })
      expect(await grants.lease('a1', take)).toBeUndefined()
      expect(await grants.findById('a1')).toEqual(authorization('a1', { status }))
    })

    test('is refused where there is no such authorization', async () => {
      const grants = await one(use())
      expect(await grants.lease('a2', take)).toBeUndefined()
    })

    test('tells no other process anything: the credential did not change', async () => {
      const store = use()
      await one(store)
      expect(await changesOf(store, () => store.authorizations.lease('a1', take))).toEqual([])
    })

    test('makes an update from an older read fail, so that the fence never falls', async () => {
      const grants = await one(use())
      const read = await grants.findById('a1')
      const taken = await grants.lease('a1', take)
      expect(read && (await grants.update({ ...read, account: 'new', version: read.version + 1 }))).toBe(false)
      expect(await grants.findById('a1')).toEqual(taken?.record)
    })

    test('of a dead owner is broken once, and what was in flight stays for the next taker', async () => {
      const grants = await one(use())
      await grants.lease('a1', take)
      expect(await grants.breakLease('a1', 'p2', 1)).toBe(false)
      expect(await grants.breakLease('a2', 'p1', 1)).toBe(false)
      expect(await grants.breakLease('a1', 'p1', 2)).toBe(false)
      expect((await grants.findById('a1'))?.leaseOwner).toBe('p1')
      expect(await grants.breakLease('a1', 'p1', 1)).toBe(true)
      expect(await grants.breakLease('a1', 'p1', 1)).toBe(false)
      expect(await grants.findById('a1')).toMatchObject({ leaseOwner: null, leaseUntil: null, fence: 1 })
      const next = await grants.lease('a1', { owner: 'p2', now: now + 1, until: now + minute })
      expect(next).toMatchObject({ abandoned: { fence: 1, startedAt: now }, record: { fence: 2 } })
    })

    test('goes to one of many who ask at once', async () => {
      const grants = await one(use())
      const asked = await Promise.all(
        Array.from({ length: 20 }, (_, n) => grants.lease('a1', { ...take, owner: `p${n}` })),
      )
      expect(asked.filter((taken) => taken !== undefined)).toHaveLength(1)
    })
  })

  describe('settling a renewal', () => {
    test('S-20 writes the outcome, frees the lease and clears what was in flight', async () => {
      const grants = await one(use())
      const taken = await grants.lease('a1', take)
      const outcome = settlement({
        credential: bytes(5, 5),
        grantedScopes: ['items:write'],
        account: 'grace@example.com',
        refreshable: false,
        expiresAt: now + 120 * minute,
        lastRefreshedAt: now + 3,
      })
      expect(await grants.settle('a1', 1, outcome, now + 3)).toBe(true)
      expect(await grants.findById('a1')).toEqual({
        ...taken?.record,
        credential: bytes(5, 5),
        grantedScopes: ['items:write'],
        account: 'grace@example.com',
        refreshable: false,
        expiresAt: now + 120 * minute,
        refreshAt: now + 110 * minute,
        lastRefreshedAt: now + 3,
        leaseOwner: null,
        leaseUntil: null,
        inFlight: null,
        version: 3,
        updatedAt: now + 3,
      })
    })

    test('leaves the stored value where the outcome does not say', async () => {
      const grants = await one(use(), { lastRefreshedAt: now - 1 })
      await grants.lease('a1', take)
      const error = { at: now, code: 'provider_error', detail: 'try later', hint: 'wait' }
      await grants.settle(
        'a1',
        1,
        settlement({ status: 'reauthorization_required', failures: 3, lastError: error }),
        now,
      )
      expect(await grants.findById('a1')).toMatchObject({
        ...authorization('a1'),
        status: 'reauthorization_required',
        refreshAt: now + 110 * minute,
        failures: 3,
        lastError: error,
        lastRefreshedAt: now - 1,
        fence: 1,
        version: 3,
      })
    })

    test('tells null from nothing said', async () => {
      const grants = await one(use())
      await grants.lease('a1', take)
      const nulls = { grantedScopes: null, account: null, expiresAt: null, refreshAt: null }
      await grants.settle('a1', 1, settlement(nulls), now)
      expect(await grants.findById('a1')).toMatchObject(nulls)
    })

    test('S-20 changes nothing where the fence no longer fits', async () => {
      const store = use()
      const grants = await one(store)
      await grants.lease('a1', take)
      await grants.breakLease('a1', 'p1', 1)
      const second = await grants.lease('a1', { owner: 'p2', now: now + day, until: now + day + minute })
      const seen = await changesOf(store, async () => {
        expect(await grants.settle('a1', 1, settlement({ credential: bytes(0) }), now)).toBe(false)
        expect(await grants.settle('a1', 3, settlement({ credential: bytes(0) }), now)).toBe(false)
        expect(await grants.settle('a9', 2, settlement({ credential: bytes(0) }), now)).toBe(false)
      })
      expect(seen).toEqual([])
      expect(await grants.findById('a1')).toEqual(second?.record)

      const revoked = authorization('a1', { status: 'revoked', credential: null, fence: 3, version: 5 })
      expect(await grants.update(revoked)).toBe(true)
      expect(await grants.settle('a1', 2, settlement({ credential: bytes(0) }), now)).toBe(false)
      expect(await grants.findById('a1')).toEqual(revoked)
    })

    test('tells of the connection', async () => {
      const store = use()
      const grants = await one(store)
      await grants.lease('a1', take)
      expect(await changesOf(store, () => grants.settle('a1', 1, settlement(), now))).toEqual(['connection c1'])
    })
  })

  describe('due renewals', () => {
    test('are active, planned, in use and not leased, the longest due first', async () => {
      const store = use()
      await connections(store, 'c1')
      const insert = (id: string, fields: Partial<AuthorizationRecord>) =>
        store.authorizations.insert(authorization(id, { user: id, ...fields }))
      await insert('late', { refreshAt: now - 10 * minute })
      await insert('latest', { refreshAt: now - 20 * minute })
      await insert('exactly', { refreshAt: now })
      await insert('leased', { refreshAt: now - 1, leaseOwner: 'p1', leaseUntil: now, fence: 7 })
      await insert('leased_long_ago', { refreshAt: now - 5, leaseOwner: 'p2', leaseUntil: now - day, fence: 3 })
      await insert('leased_not_yet_due', { refreshAt: now + 1, leaseOwner: 'p1', leaseUntil: now })
      await insert('not_yet', { refreshAt: now + 1 })
      await insert('unplanned', { refreshAt: null })
      await insert('not_used', { refreshAt: now - 1, eagerUntil: now })
      await insert('revoked', { refreshAt: now - 1, status: 'revoked' })
      await insert('gone', { refreshAt: now - 1, status: 'reauthorization_required' })
      const due = ['latest', 'late', 'exactly']
      expect(ids(await store.authorizations.due(now, 9))).toEqual(due)
      expect(ids(await store.authorizations.due(now, 2))).toEqual(due.slice(0, 2))
      const leased = [
        { id: 'leased_long_ago', leaseOwner: 'p2', fence: 3 },
        { id: 'leased', leaseOwner: 'p1', fence: 7 },
      ]
      expect(await store.authorizations.leasedDue(now, 9)).toEqual(leased)
      expect(await store.authorizations.leasedDue(now, 1)).toEqual(leased.slice(0, 1))
    })

    test('S-20 S-22 are leased the longest due first, up to the limit, but for those that are left out', async () => {
      const store = use()
      await connections(store, 'c1')
      for (const [id, minutes] of [
        ['a1', 5],
        ['a2', 9],
        ['a3', 1],
        ['a4', 7],
        ['a5', -1],
      ] as const)
        await store.authorizations.insert(authorization(id, { user: id, refreshAt: now - minutes * minute }))
      const grants = store.authorizations
      expect(await grants.leaseDue(take, 0, [])).toEqual([])
      const first = await grants.leaseDue(take, 2, ['a4'])
      expect(ids(first.map(({ record }) => record)).toSorted()).toEqual(['a1', 'a2'])
      for (const { record, abandoned } of first) {
        expect(record).toMatchObject({ leaseOwner: 'p1', fence: 1, inFlight: { fence: 1, startedAt: now }, version: 2 })
        expect(abandoned).toBeNull()
        expect(await grants.findById(record.id)).toEqual(record)
      }
      const second = await grants.leaseDue({ ...take, owner: 'p2' }, 9, [])
      expect(ids(second.map(({ record }) => record)).toSorted()).toEqual(['a3', 'a4'])
      expect(await grants.leaseDue(take, 9, [])).toEqual([])
      const later = now + 2 * minute
      await grants.breakLease('a1', 'p1', 1)
      const third = await grants.leaseDue({ owner: 'p3', now: later, until: later + minute }, 9, ['a2', 'a3', 'a4'])
      expect(new Map(third.map(({ record, abandoned }) => [record.id, abandoned]))).toEqual(
        new Map([
          ['a1', { fence: 1, startedAt: now }],
          ['a5', null],
        ]),
      )
    })

    test('come back with the next use of a dormant grant', async () => {
      const grants = await one(use(), { refreshAt: now - 1, eagerUntil: now - minute })
      expect(await grants.due(now, 9)).toEqual([])
      expect(await grants.nextDueAt(now)).toBeUndefined()
      await grants.touch([{ id: 'a1', usedAt: now, eagerUntil: now + day }])
      expect(ids(await grants.due(now, 9))).toEqual(['a1'])
      expect(await grants.nextDueAt(now)).toBe(now - 1)
    })

    test('tell the planned moment of the next one in use', async () => {
      const store = use()
      await connections(store, 'c1')
      expect(await store.authorizations.nextDueAt(now)).toBeUndefined()
      const insert = (id: string, fields: Partial<AuthorizationRecord>) =>
        store.authorizations.insert(authorization(id, { user: id, ...fields }))
      await insert('unplanned', { refreshAt: null })
      await insert('not_used', { refreshAt: now + 1, eagerUntil: now })
      await insert('no_longer_used_then', { refreshAt: now + 2, eagerUntil: now + 1 })
      await insert('revoked', { refreshAt: now + 3, status: 'revoked' })
      await insert('leased', { refreshAt: now + 4, leaseOwner: 'p1', leaseUntil: now + minute })
      expect(await store.authorizations.nextDueAt(now)).toBeUndefined()
      await insert('later', { refreshAt: now + 9 })
      expect(await store.authorizations.nextDueAt(now)).toBe(now + 9)
      await insert('sooner', { refreshAt: now + 5 })
      expect(await store.authorizations.nextDueAt(now)).toBe(now + 5)
    })
  })

  test('S-20 whatever the order of leases, outcomes, breaks and revocations: one holder, and the fence only rises', async () => {
    const store = use()
    await connections(store, 'c1')
    let runs = 0
    const owner = fc.constantFrom('p1', 'p2', 'p3')
    const step = fc.oneof(
      fc.record({ kind: fc.constant('lease' as const), owner, life: fc.integer({ min: 0, max: 20 }) }),
      fc.record({ kind: fc.constant('settle' as const), back: fc.integer({ min: 0, max: 2 }) }),
      fc.record({ kind: fc.constant('break' as const), owner, back: fc.integer({ min: 0, max: 1 }) }),
      fc.record({ kind: fc.constant('revoke' as const) }),
      fc.record({ kind: fc.constant('authorize' as const) }),
      fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 15 }) }),
    )

    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const id = `r${runs++}`
        await store.authorizations.insert(authorization(id, { user: id }))
        const read = async (): Promise<AuthorizationRecord> => {
          const record = await store.authorizations.findById(id)
          if (!record) throw new Error('the authorization is gone')
          return record
        }
        /** What should be there. `given`: the fence a lease was last given with. */
        const model = { at: now, owner: '', fence: 0, active: true, inFlight: 0, mark: 9 }

        for (const each of steps) {
          const before = await read()
          if (each.kind === 'wait') {
            model.at += each.ms
          } else if (each.kind === 'lease') {
            const until = model.at + each.life
            const taken = await store.authorizations.lease(id, { owner: each.owner, now: model.at, until })
            expect(taken !== undefined).toBe(model.owner === '' && model.active)
            if (taken) {
              expect(taken.abandoned?.fence ?? 0).toBe(model.inFlight)
              expect(taken.record.fence).toBeGreaterThan(before.fence)
              model.fence += 1
              Object.assign(model, { owner: each.owner, inFlight: model.fence })
            }
          } else if (each.kind === 'settle') {
            const fence = model.fence - each.back
            const credential = bytes(model.mark + 1)
            const settled = await store.authorizations.settle(id, fence, settlement({ credential }), model.at)
            expect(settled).toBe(each.back === 0)
            if (settled) Object.assign(model, { owner: '', inFlight: 0, mark: model.mark + 1, active: true })
            else expect(await read()).toEqual(before)
          } else if (each.kind === 'break') {
            const broken = await store.authorizations.breakLease(id, each.owner, model.fence - each.back)
            expect(broken).toBe(model.owner === each.owner && each.back === 0)
            if (broken) model.owner = ''
          } else {
            const status = each.kind === 'revoke' ? 'revoked' : 'active'
            const changes = { status, fence: before.fence + 1, version: before.version + 1 } as const
            const freed = { leaseOwner: null, leaseUntil: null, inFlight: null }
            expect(await store.authorizations.update({ ...before, ...changes, ...freed })).toBe(true)
            model.fence += 1
            Object.assign(model, { owner: '', inFlight: 0, active: status === 'active' })
          }

          const after = await read()
          expect(after.fence).toBe(model.fence)
          expect(after.fence).toBeGreaterThanOrEqual(before.fence)
          expect(after.leaseOwner ?? '').toBe(model.owner)
          expect(after.inFlight?.fence ?? 0).toBe(model.inFlight)
          expect(after.credential?.[0]).toBe(model.mark)
        }
      }),
      { numRuns: 40 },
    )
  })
}
