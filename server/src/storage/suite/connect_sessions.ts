import { describe, expect, test } from 'vitest'
import type { Store } from '../../store.ts'
import { connectSession, minute, now } from './fixtures.ts'

export function connectSessionSuite(use: () => Store): void {
  describe('connect sessions', () => {
    test('come back as they went in, by id and by token', async () => {
      const store = use()
      const record = connectSession('cs1', { bindingHash: 'cookie' })
      const bare = connectSession('cs2', { userName: null, userEmail: null, returnTo: null, connections: [] })
      await store.connectSessions.insert(record)
      await store.connectSessions.insert(bare)
      expect(await store.connectSessions.find('w1', 'cs1')).toEqual(record)
      expect(await store.connectSessions.find('w1', 'cs2')).toEqual(bare)
      expect(await store.connectSessions.find('w2', 'cs1')).toBeUndefined()
      expect(await store.connectSessions.findByToken('token-cs1')).toEqual(record)
      expect(await store.connectSessions.findByToken('other')).toBeUndefined()
    })

    test('are bound to one browser: of two at once one wins, and it may come again', async () => {
      const store = use()
      await store.connectSessions.insert(connectSession('cs1'))
      const won = await Promise.all(['one', 'two'].map((cookie) => store.connectSessions.bind('w1', 'cs1', cookie)))
      expect(won.filter(Boolean)).toHaveLength(1)
      const winner = won[0] === true ? 'one' : 'two'
      expect(await store.connectSessions.bind('w1', 'cs1', winner)).toBe(true)
      expect(await store.connectSessions.bind('w1', 'cs1', 'three')).toBe(false)
      expect(await store.connectSessions.bind('w1', 'none', 'one')).toBe(false)
      expect(await store.connectSessions.find('w1', 'cs1')).toMatchObject({ bindingHash: winner })
    })

    test('that ended are pruned; others stay', async () => {
      const store = use()
      await store.connectSessions.insert(connectSession('past', { expiresAt: now }))
      await store.connectSessions.insert(connectSession('live', { expiresAt: now + minute }))
      expect(await store.connectSessions.prune(now)).toBe(1)
      expect(await store.connectSessions.find('w1', 'past')).toBeUndefined()
      expect(await store.connectSessions.find('w1', 'live')).toBeDefined()
    })
  })
}
