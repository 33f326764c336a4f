/** People, sessions, one-time links, tries to sign in. */
import { describe, expect, test } from 'vitest'
import type { Store } from '../../store.ts'
import { TakenError } from '../../store.ts'
import { changesOf, ids, link, minute, now, session, user } from './fixtures.ts'
import { pageTests } from './pages.ts'

export function accountSuite(use: () => Store): void {
  describe('users', () => {
    test('come back as they went in, by id, by address in any case, by identity', async () => {
      const { users } = use()
      const ana = user('u1', { email: 'Ána@Example.com', identity: 'https://id.example.com 7', lastSeenAt: now })
      await users.insert(ana)
      await users.insert(user('u1', { workspaceId: 'w2', id: 'u2', email: 'ána@example.com' }))
      expect(await users.find('w1', 'u1')).toEqual(ana)
      expect(await users.findByEmail('w1', 'áNA@example.COM')).toEqual(ana)
      expect(await users.findByIdentity('w1', 'https://id.example.com 7')).toEqual(ana)
      expect(await users.findByIdentity('w1', 'https://id.example.com')).toBeUndefined()
      expect(await users.find('w1', 'u2')).toBeUndefined()
      expect(await users.count('w1')).toBe(1)
    })

    test('have an address of their own in the workspace, whatever its case', async () => {
      const { users } = use()
      await users.insert(user('u1', { email: 'ana@example.com' }))
      await users.insert(user('u2', { email: 'bo@example.com' }))
      await expect(users.insert(user('u3', { email: 'ANA@example.com' }))).rejects.toThrow(new TakenError('email'))
      const moved = user('u2', { email: 'Ana@Example.com', version: 2 })
      await expect(users.update(moved)).rejects.toThrow(new TakenError('email'))
    })

    test('are updated from the version before only, and keep when they were seen', async () => {
      const { users, sessions } = use()
      await users.insert(user('u1'))
      await sessions.insert(session('s1'))
      await sessions.touch([{ id: 's1', userId: 'u1', usedAt: now + 5 }])
      const changed = user('u1', { name: 'Ana B.', role: 'viewer', active: false, passwordHash: null, version: 2 })
      expect(await users.update({ ...changed, version: 3 })).toBe(false)
      expect(await users.update(changed)).toBe(true)
      expect(await users.find('w1', 'u1')).toEqual({ ...changed, lastSeenAt: now + 5 })
    })

    test('are counted by role while they are active', async () => {
      const { users } = use()
      await users.insert(user('u1', { role: 'owner' }))
      await users.insert(user('u2', { role: 'owner', active: false }))
      await users.insert(user('u3', { role: 'viewer' }))
      expect(await users.countActive('w1', 'owner')).toBe(1)
      expect(await users.countActive('w2', 'owner')).toBe(0)
    })

    test('go with their sessions and links, and tell of each change', async () => {
      const store = use()
      const told = await changesOf(store, async () => {
        await store.users.insert(user('u1'))
        await store.sessions.insert(session('s1'))
        await store.oneTimeLinks.insert(link('l1', { kind: 'password', userId: 'u1' }))
        await store.users.update(user('u1', { version: 2 }))
        expect(await store.users.delete('w2', 'u1')).toBe(false)
        expect(await store.users.delete('w1', 'u1')).toBe(true)
      })
      expect(told).toEqual(['user u1', 'user u1', 'user u1'])
      expect(await store.sessions.findByHash('token-s1')).toBeUndefined()
      expect(await store.oneTimeLinks.findByHash('token-l1')).toBeUndefined()
    })

    describe('list', () => {
      pageTests(async () => {
        const { users } = use()
        await users.insert(user('other', { workspaceId: 'w2' }))
        return {
          insert: (id, createdAt) => users.insert(user(id, { createdAt })),
          list: (page) => users.list('w1', page),
        }
      })
    })
  })

  describe('sessions', () => {
    test('come back as they went in; a use moves when they were last seen, the latest winning', async () => {
      const { users, sessions } = use()
      await users.insert(user('u1'))
      await sessions.insert(session('s1'))
      expect(await sessions.findByHash('token-s1')).toEqual(session('s1'))
      expect(await sessions.findByHash('token')).toBeUndefined()
      await sessions.touch([{ id: 's1', userId: 'u1', usedAt: now + 2 }])
      await sessions.touch([{ id: 's1', userId: 'u1', usedAt: now + 1 }])
      await sessions.touch([])
      expect(await sessions.findByHash('token-s1')).toEqual(session('s1', { lastSeenAt: now + 2 }))
      expect((await users.find('w1', 'u1'))?.lastSeenAt).toBe(now + 2)
    })

    test('end one by one for their user only, or all but one, and tell of it', async () => {
      const store = use()
      const { users, sessions } = store
      await users.insert(user('u1'))
      await users.insert(user('u2'))
      for (const id of ['s1', 's2', 's3']) await sessions.insert(session(id, { createdAt: now + Number(id[1]) }))
      await sessions.insert(session('s4', { userId: 'u2' }))
      expect(ids(await sessions.ofUser('w1', 'u1', 2))).toEqual(['s3', 's2'])
      const told = await changesOf(store, async () => {
        expect(await sessions.delete('w1', 'u2', 's1')).toBe(false)
        expect(await sessions.delete('w1', 'u1', 's1')).toBe(true)
        await sessions.deleteOthers('w1', 'u1', 's2')
        await sessions.deleteOthers('w1', 'u1', 's2')
      })
      expect(told).toEqual(['session s1', 'user u1'])
      expect(ids(await sessions.ofUser('w1', 'u1', 9))).toEqual(['s2'])
      await sessions.deleteOthers('w1', 'u1', null)
      expect(await sessions.ofUser('w1', 'u1', 9)).toEqual([])
      expect(ids(await sessions.ofUser('w1', 'u2', 9))).toEqual(['s4'])
    })

    test('are pruned once they ended or were idle', async () => {
      const { users, sessions } = use()
      await users.insert(user('u1'))
      await sessions.insert(session('ended', { expiresAt: now }))
      await sessions.insert(session('idle', { lastSeenAt: now - 1 }))
      await sessions.insert(session('used'))
      expect(await sessions.prune(now, now)).toBe(2)
      expect(ids(await sessions.ofUser('w1', 'u1', 9))).toEqual(['used'])
    })
  })

  describe('one-time links', () => {
    test('come back as they went in, and are taken once', async () => {
      const { oneTimeLinks } = use()
      await oneTimeLinks.insert(link('l1'))
      expect(await oneTimeLinks.findByHash('token-l1')).toEqual(link('l1'))
      expect(await oneTimeLinks.find('w1', 'l1')).toEqual(link('l1'))
      expect(await oneTimeLinks.find('w2', 'l1')).toBeUndefined()
      const taken = await Promise.all(Array.from({ length: 5 }, () => oneTimeLinks.take('w1', 'l1')))
      expect(taken.filter(Boolean)).toHaveLength(1)
      expect(await oneTimeLinks.findByHash('token-l1')).toBeUndefined()
    })

    test('find the newest invitation for an address, in any case, that has not ended', async () => {
      const { oneTimeLinks } = use()
      await oneTimeLinks.insert(link('l1', { email: 'bo@example.com' }))
      await oneTimeLinks.insert(link('l2', { email: 'Bo@Example.com', createdAt: now + 1 }))
      await oneTimeLinks.insert(link('l3', { email: 'bo@example.com', createdAt: now + 2, expiresAt: now + 3 }))
      expect((await oneTimeLinks.invitationFor('w1', 'BO@example.com', now + 3))?.id).toBe('l2')
      expect(await oneTimeLinks.invitationFor('w1', 'ana@example.com', now)).toBeUndefined()
    })

    test('are deleted by kind and user, and pruned once they ended', async () => {
      const { users, oneTimeLinks } = use()
      await users.insert(user('u1'))
      await users.insert(user('u2'))
      await oneTimeLinks.insert(link('l1', { kind: 'password', userId: 'u1' }))
      await oneTimeLinks.insert(link('l2', { kind: 'password', userId: 'u2' }))
      await oneTimeLinks.insert(link('l3', { kind: 'setup' }))
      await oneTimeLinks.insert(link('l4', { expiresAt: now }))
      await oneTimeLinks.deleteAll('w1', 'password', 'u1')
      await oneTimeLinks.deleteAll('w1', 'setup', null)
      expect(await oneTimeLinks.prune(now)).toBe(1)
      const left = ['l1', 'l2', 'l3', 'l4'].map(async (id) => (await oneTimeLinks.find('w1', id))?.id)
      expect(await Promise.all(left)).toEqual([undefined, 'l2', undefined, undefined])
    })

    describe('list of invitations', () => {
      pageTests(async () => {
        const { oneTimeLinks } = use()
        await oneTimeLinks.insert(link('other', { workspaceId: 'w2' }))
        await oneTimeLinks.insert(link('setup', { kind: 'setup' }))
        await oneTimeLinks.insert(link('ended', { expiresAt: now }))
        return {
          insert: (id, createdAt) => oneTimeLinks.insert(link(id, { createdAt, expiresAt: now + minute })),
          list: (page) => oneTimeLinks.invitations('w1', now, page),
        }
      })
    })
  })

  describe('tries to sign in', () => {
    test('are counted by whoever read the last count, and forgotten', async () => {
      const { signInTries } = use()
      const tries = (failures: number, at = now) => ({ id: 't1', failures, at })
      expect(await signInTries.find('t1')).toBeUndefined()
      const first = await Promise.all(Array.from({ length: 4 }, () => signInTries.put(tries(1), null)))
      expect(first.filter(Boolean)).toHaveLength(1)
      const second = await Promise.all(Array.from({ length: 4 }, () => signInTries.put(tries(2), 1)))
      expect(second.filter(Boolean)).toHaveLength(1)
      expect(await signInTries.find('t1')).toEqual(tries(2))
      expect(await signInTries.prune(now)).toBe(0)
      expect(await signInTries.prune(now + 1)).toBe(1)
      await signInTries.put(tries(1), null)
      await signInTries.delete('t1')
      expect(await signInTries.find('t1')).toBeUndefined()
    })
  })
}
