import { describe, expect, test } from 'vitest'
import type { Store } from '../../store.ts'
import { authorization, bytes, changesOf, connections, day, ids, minute, now } from './fixtures.ts'
import { pageTests } from './pages.ts'

export function authorizationSuite(use: () => Store): void {
  describe('authorizations', () => {
    test('come back as they went in, by connection and user and by id', async () => {
      const store = use()
      await connections(store, 'c1')
      const shared = authorization('a1', {
        lastError: { at: now, code: 'provider_error', detail: 'no', hint: null },
        inFlight: { fence: 3, startedAt: now },
        leaseOwner: 'p1',
        leaseUntil: now + 1,
        fence: 3,
      })
      const personal = authorization('a2', { user: 'ada', credential: null, grantedScopes: null, refreshable: false })
      await store.authorizations.insert(shared)
      await store.authorizations.insert(personal)
      expect(await store.authorizations.find('c1', '')).toEqual(shared)
      expect(await store.authorizations.find('c1', 'ada')).toEqual(personal)
      expect(await store.authorizations.findById('a2')).toEqual(personal)
      expect(await store.authorizations.findById('a3')).toBeUndefined()
    })

    test('S-52 never answer for another user', async () => {
      const store = use()
      await connections(store, 'c1', 'c2')
      await store.authorizations.insert(authorization('a1', { user: 'ada' }))
      for (const [id, user] of [
        ['c1', ''],
        ['c1', 'Ada'],
        ['c1', 'ada '],
        ['c1', 'a%'],
        ['c2', 'ada'],
      ] as const) {
        expect(await store.authorizations.find(id, user)).toBeUndefined()
      }
    })

    test('are one for a connection and user: a second is TakenError', async () => {
      const store = use()
      await connections(store, 'c1', 'c2')
      await store.authorizations.insert(authorization('a1'))
      const twin = store.authorizations.insert(authorization('a2'))
      await expect(twin).rejects.toMatchObject({ name: 'TakenError', what: 'id' })
      await store.authorizations.insert(authorization('a3', { connectionId: 'c2' }))
      expect(await store.authorizations.findById('a2')).toBeUndefined()
    })

    test('are updated in all fields where the version follows', async () => {
      const store = use()
      await connections(store, 'c1')
      await store.authorizations.insert(authorization('a1'))
      const next = authorization('a1', {
        status: 'revoked',
        credential: null,
        requestedScopes: [],
        grantedScopes: null,
        account: null,
        refreshable: false,
        expiresAt: null,
        refreshAt: null,
        eagerUntil: 0,
        failures: 4,
        authorizedAt: now + 1,
        lastRefreshedAt: now + 2,
        lastUsedAt: now + 3,
        lastError: { at: now, code: 'x', detail: 'y', hint: 'z' },
        leaseOwner: 'p1',
        leaseUntil: now,
        fence: 7,
        inFlight: { fence: 7, startedAt: now },
        version: 2,
        updatedAt: now + 4,
      })
      expect(await store.authorizations.update(next)).toBe(true)
      expect(await store.authorizations.findById('a1')).toEqual(next)
      expect(await store.authorizations.update({ ...next, account: 'late' })).toBe(false)
      expect(await store.authorizations.findById('a1')).toEqual(next)
    })

    describe('list', () => {
      pageTests(async () => {
        const store = use()
        await connections(store, 'c1', 'c2')
        await store.authorizations.insert(authorization('other', { connectionId: 'c2', createdAt: 20 }))
        return {
          insert: (id, createdAt) => store.authorizations.insert(authorization(id, { createdAt, user: id })),
          list: (page) => store.authorizations.list('c1', page),
        }
      })
    })

    test('are given all of a connection, up to a limit, and the shared ones of several', async () => {
      const store = use()
      await connections(store, 'c1', 'c2', 'c3')
      await store.authorizations.insert(authorization('a1'))
      await store.authorizations.insert(authorization('a2', { user: 'ada' }))
      await store.authorizations.insert(authorization('a3', { connectionId: 'c2' }))
      await store.authorizations.insert(authorization('a4', { connectionId: 'c3', user: 'ada' }))
      expect(ids(await store.authorizations.ofConnection('c1', 9)).toSorted()).toEqual(['a1', 'a2'])
      expect(await store.authorizations.ofConnection('c1', 1)).toHaveLength(1)
      expect(ids(await store.authorizations.sharedOf(['c1', 'c2', 'c3', 'c9'])).toSorted()).toEqual(['a1', 'a3'])
      expect(await store.authorizations.sharedOf([])).toEqual([])
    })

    test('note uses without a change row or a version, the latest use winning', async () => {
      const store = use()
      await connections(store, 'c1')
      await store.authorizations.insert(authorization('a1', { eagerUntil: now }))
      await store.authorizations.insert(authorization('a2', { user: 'ada', eagerUntil: now }))
      const seen = await changesOf(store, async () => {
        await store.authorizations.touch([
          { id: 'a1', usedAt: now + minute, eagerUntil: now + minute + day },
          { id: 'a9', usedAt: now, eagerUntil: now },
          { id: 'a1', usedAt: now + 1, eagerUntil: now + 1 },
        ])
        await store.authorizations.touch([{ id: 'a1', usedAt: now, eagerUntil: now + day }])
        await store.authorizations.touch([])
      })
      expect(seen).toEqual([])
      const touched = { lastUsedAt: now + minute, eagerUntil: now + minute + day }
      expect(await store.authorizations.findById('a1')).toEqual(authorization('a1', touched))
      expect(await store.authorizations.findById('a2')).toMatchObject({ lastUsedAt: null, eagerUntil: now })
    })

    test('note when the credential was accepted, without a change row or a version, the latest moment winning', async () => {
      const store = use()
      await connections(store, 'c1')
      await store.authorizations.insert(authorization('a1', { lastUsedAt: now }))
      const noted = async () => (await store.authorizations.findById('a1'))?.verifiedAt
      const use1 = { id: 'a1', usedAt: now, eagerUntil: now }
      const seen = await changesOf(store, async () => {
        await store.authorizations.touch([use1])
        expect(await noted()).toBeNull()
        await store.authorizations.touch([{ ...use1, verifiedAt: now + 5 }, use1, { ...use1, verifiedAt: now + 1 }])
        expect(await noted()).toBe(now + 5)
        await store.authorizations.verified('a1', now + 9)
      })
      expect([await noted(), seen]).toEqual([now + 9, []])
      expect(await store.authorizations.findById('a1')).toMatchObject({ lastUsedAt: now, version: 1 })
    })

    test('note more uses than are written at once', async () => {
      const store = use()
      await connections(store, 'c1')
      const many = Array.from({ length: 250 }, (_, n) => `a${n}`)
      await store.transaction(async (trx) => {
        for (const id of many) await trx.authorizations.insert(authorization(id, { user: id }))
      })
      await store.authorizations.touch(many.map((id, n) => ({ id, usedAt: now + n, eagerUntil: now + day + n })))
      const uses = (await store.authorizations.ofConnection('c1', 999)).map((each) => [
        each.lastUsedAt,
        each.eagerUntil,
      ])
      expect(new Set(uses.map(String))).toEqual(new Set(many.map((_, n) => String([now + n, now + day + n]))))
    })

    test('that were revoked but still hold a credential are unfinished', async () => {
      const store = use()
      await connections(store, 'c1')
      await store.authorizations.insert(authorization('a1', { status: 'revoked' }))
      await store.authorizations.insert(authorization('a2', { user: 'b', status: 'revoked', credential: null }))
      await store.authorizations.insert(authorization('a3', { user: 'c' }))
      await store.authorizations.insert(authorization('a4', { user: 'd', status: 'revoked', credential: bytes() }))
      expect(ids(await store.authorizations.unfinishedRevocations(9)).toSorted()).toEqual(['a1', 'a4'])
      expect(await store.authorizations.unfinishedRevocations(1)).toHaveLength(1)
    })

    test('tell of their connection on insert and update, and not when nothing was written', async () => {
      const store = use()
      await connections(store, 'c1')
      const seen = await changesOf(store, async () => {
        await store.authorizations.insert(authorization('a1'))
        await store.authorizations.update(authorization('a1', { version: 2 }))
        await store.authorizations.update(authorization('a1', { version: 2 }))
      })
      expect(seen).toEqual(['connection c1', 'connection c1'])
    })
  })
}
