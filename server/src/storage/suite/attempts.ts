import { describe, expect, test } from 'vitest'
import type { AttemptRecord, Store } from '../../store.ts'
import { attempt, connections, ids, minute, now } from './fixtures.ts'
import { pageTests } from './pages.ts'

export function attemptSuite(use: () => Store): void {
  describe('attempts', () => {
    test('come back as they went in, by id, by token and by what the callback brings', async () => {
      const store = use()
      await connections(store, 'c1', 'c2')
      const record = attempt('t1', {
        correlationHash: 'state',
        bindingHash: 'cookie',
        diagnosis: { code: 'x', title: 'X', detail: 'y', hint: null },
        state: 'failed',
        question: { code: 'different_account', before: 'ops', now: 'priya' },
        heldGrant: new Uint8Array([7, 8]),
        connectSessionId: 'cs1',
      })
      const bare = attempt('t2', { tokenHash: null, kept: null, returnTo: null, actor: null, user: 'ada' })
      await store.attempts.insert(record)
      await store.attempts.insert(bare)
      expect(await store.attempts.find('c1', 't1')).toEqual(record)
      expect(await store.attempts.find('c1', 't2')).toEqual(bare)
      expect(await store.attempts.find('c2', 't1')).toBeUndefined()
      expect(await store.attempts.findByToken('token-t1')).toEqual(record)
      expect(await store.attempts.findByToken('token-t2')).toBeUndefined()
      expect(await store.attempts.findByCorrelation('state')).toEqual([record])
      expect(await store.attempts.findByCorrelation('other')).toEqual([])
    })

    test('are updated in all fields where the version follows: of two callbacks at once, one wins', async () => {
      const store = use()
      await connections(store, 'c1')
      await store.attempts.insert(attempt('t1'))
      const next = attempt('t1', {
        state: 'succeeded',
        steps: [...attempt('t1').steps, { at: now + 1, step: 'token', ok: true, detail: 'received' }],
        diagnosis: { code: 'x', title: 'X', detail: 'y', hint: 'z' },
        tokenHash: null,
        correlationHash: 'state',
        bindingHash: 'cookie',
        kept: null,
        question: { code: 'different_account', before: 'ops', now: 'priya' },
        heldGrant: new Uint8Array([9]),
        connectSessionId: 'cs1',
        scopes: [],
        returnTo: null,
        actor: null,
        version: 2,
        expiresAt: now + 1,
      })
      const won = await Promise.all([store.attempts.update(next), store.attempts.update(next)])
      expect(won.filter(Boolean)).toHaveLength(1)
      expect(await store.attempts.find('c1', 't1')).toEqual(next)
    })

    describe('list', () => {
      pageTests(async () => {
        const store = use()
        await connections(store, 'c1', 'c2')
        await store.attempts.insert(attempt('other', { connectionId: 'c2', createdAt: 20 }))
        return {
          insert: (id, createdAt) => store.attempts.insert(attempt(id, { createdAt })),
          list: (page) => store.attempts.list('c1', page),
        }
      })
    })

    test('that wait for another device are due when their moment has come, and not past their time', async () => {
      const store = use()
      await connections(store, 'c1')
      const at = (id: string, fields: Partial<AttemptRecord>) => attempt(id, { pollAt: now, ...fields })
      await store.attempts.insert(at('later', { pollAt: now + 1 }))
      await store.attempts.insert(at('due', {}))
      await store.attempts.insert(at('longer', { pollAt: now - 5 }))
      await store.attempts.insert(at('over', { state: 'failed' }))
      await store.attempts.insert(at('late', { expiresAt: now }))
      await store.attempts.insert(attempt('other'))
      expect(ids(await store.attempts.due(now, 10))).toEqual(['longer', 'due'])
      expect(ids(await store.attempts.due(now, 1))).toEqual(['longer'])
      // Whoever writes first has it.
      const [longer] = await store.attempts.due(now, 1)
      const taken = { ...attempt('longer'), ...longer, pollAt: now + minute, version: 2 }
      expect(await Promise.all([store.attempts.update(taken), store.attempts.update(taken)])).toEqual([true, false])
      expect(ids(await store.attempts.due(now, 10))).toEqual(['due'])
      await store.attempts.expire(now)
      expect(await store.attempts.find('c1', 'late')).toMatchObject({ state: 'expired', pollAt: null })
    })

    test('that wait past their time expire and lose what they kept, asked and held; others stay', async () => {
      const store = use()
      await connections(store, 'c1')
      await store.attempts.insert(
        attempt('past', {
          expiresAt: now,
          question: { code: 'different_account', before: 'ops', now: 'priya' },
          heldGrant: new Uint8Array([7]),
        }),
      )
      await store.attempts.insert(attempt('waiting', { expiresAt: now + minute }))
      await store.attempts.insert(attempt('done', { expiresAt: now, state: 'succeeded' }))
      expect(await store.attempts.expire(now)).toBe(1)
      expect(await store.attempts.expire(now)).toBe(0)
      const expired = attempt('past', { expiresAt: now, state: 'expired', kept: null, version: 2 })
      expect(await store.attempts.find('c1', 'past')).toEqual(expired)
      expect(await store.attempts.find('c1', 'waiting')).toEqual(attempt('waiting', { expiresAt: now + minute }))
      expect(await store.attempts.find('c1', 'done')).toMatchObject({ state: 'succeeded', version: 1 })
      // A callback that read the attempt before it expired comes too late.
      expect(await store.attempts.update(attempt('past', { state: 'succeeded', version: 2 }))).toBe(false)
    })
  })
}
