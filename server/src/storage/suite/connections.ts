import { describe, expect, test } from 'vitest'
import type { Store } from '../../store.ts'
import { attempt, authorization, changesOf, connection, connections, event, ids, now, service } from './fixtures.ts'
import { pageTests } from './pages.ts'

export function connectionSuite(use: () => Store): void {
  describe('connections', () => {
    test('come back as they went in, by link name and by id, inside their workspace only', async () => {
      const store = use()
      await connections(store)
      const record = connection('c1', { enabled: false, authorizationLevel: 'per_user', parameters: {}, scopes: [] })
      await store.connections.insert(record)
      expect(await store.connections.find('w1', 'link_c1')).toEqual(record)
      expect(await store.connections.find('w1', 'c1')).toEqual(record)
      expect(await store.connections.find('w2', 'link_c1')).toBeUndefined()
      expect(await store.connections.find('w2', 'c1')).toBeUndefined()
      expect(await store.connections.count('w1')).toBe(1)
      expect(await store.connections.count('w2')).toBe(0)
    })

    test('refuse a taken link name with TakenError', async () => {
      const store = use()
      await connections(store, 'c1')
      const twin = store.connections.insert(connection('c2', { linkName: 'link_c1' }))
      await expect(twin).rejects.toMatchObject({ name: 'TakenError', what: 'link_name' })
      const same = store.connections.insert(connection('c1', { linkName: 'other' }))
      await expect(same).rejects.toMatchObject({ name: 'TakenError', what: 'id' })
    })

    test('are updated in all fields where the version follows', async () => {
      const store = use()
      await connections(store, 'c1')
      const next = connection('c1', {
        name: 'Renamed',
        status: 'active',
        scopes: ['a', 'b'],
        parameters: { domain: 'x', __proto__: 'y' },
        enabled: false,
        version: 2,
        updatedAt: now + 1,
      })
      expect(await store.connections.update(next)).toBe(true)
      expect(await store.connections.find('w1', 'c1')).toEqual(next)
      expect(await store.connections.update({ ...next, name: 'late' })).toBe(false)
      expect(await store.connections.find('w1', 'c1')).toEqual(next)
    })

    describe('list', () => {
      pageTests(async () => {
        const store = use()
        await connections(store)
        return {
          insert: (id, createdAt) => store.connections.insert(connection(id, { createdAt })),
          list: (page) => store.connections.list('w1', {}, page),
        }
      })

      test('filters by query, service and status; disabled hides what it was', async () => {
        const store = use()
        await connections(store, 'c1')
        await store.services.insert(service('s2'))
        await store.connections.insert(connection('c2', { status: 'active', serviceId: 's2', name: 'Ledger' }))
        await store.connections.insert(connection('c3', { status: 'active', enabled: false, serviceId: 's2' }))
        const find = async (filter: { query?: string; serviceId?: string; status?: string }) =>
          ids((await store.connections.list('w1', filter, { limit: 9 })).items)
        expect(await find({ query: 'LEDG' })).toEqual(['c2'])
        expect(await find({ serviceId: 's2' })).toEqual(['c3', 'c2'])
        expect(await find({ status: 'created' })).toEqual(['c1'])
        expect(await find({ status: 'active' })).toEqual(['c2'])
        expect(await find({ status: 'disabled' })).toEqual(['c3'])
        expect(await find({ status: 'disabled', serviceId: 's1' })).toEqual([])
        await store.connections.update(connection('c3', { status: 'active', serviceId: 's2', version: 2 }))
        expect(await find({ status: 'active' })).toEqual(['c3', 'c2'])
      })

      test('keeps to the link names that are asked for, from page to page', async () => {
        const store = use()
        await connections(store, 'c1', 'c2', 'c3', 'c4')
        const linkNames = ['link_c1', 'link_c3', 'link_gone']
        const first = await store.connections.list('w1', { linkNames }, { limit: 1 })
        expect(ids(first.items)).toEqual(['c3'])
        const second = await store.connections.list('w1', { linkNames }, { limit: 1, cursor: first.nextCursor ?? '' })
        expect([ids(second.items), second.nextCursor]).toEqual([['c1'], null])
        expect((await store.connections.list('w1', { linkNames: [] }, { limit: 9 })).items).toEqual([])
      })
    })

    test('tell the link names equal to a name or starting with it', async () => {
      const store = use()
      await connections(store, 'c1', 'c11', 'd1')
      expect((await store.connections.linkNames('w1', 'link_c1')).toSorted()).toEqual(['link_c1', 'link_c11'])
      expect(await store.connections.linkNames('w2', 'link_c1')).toEqual([])
    })

    test('are listed and counted by service', async () => {
      const store = use()
      await connections(store, 'c1', 'c2')
      await store.services.insert(service('s2'))
      await store.services.insert(service('s3'))
      await store.connections.insert(connection('c3', { serviceId: 's2' }))
      expect(ids(await store.connections.ofService('s1', 9)).toSorted()).toEqual(['c1', 'c2'])
      expect(await store.connections.ofService('s1', 1)).toHaveLength(1)
      const counts = await store.connections.countByService(['s1', 's2', 's3', 's9'])
      expect([counts.get('s1'), counts.get('s2'), counts.get('s3') ?? 0, counts.get('s9') ?? 0]).toEqual([2, 1, 0, 0])
      expect(await store.connections.countByService([])).toEqual(new Map())
    })

    test('are counted for more services than one statement holds', async () => {
      const store = use()
      await connections(store, 'c1', 'c2')
      const many = Array.from({ length: 1200 }, (_, n) => `s${n}`)
      expect(await store.connections.countByService(many)).toEqual(new Map([['s1', 2]]))
    })

    test('take authorizations and attempts with them when deleted; events stay', async () => {
      const store = use()
      await connections(store, 'c1', 'c2')
      for (const id of ['c1', 'c2']) {
        await store.authorizations.insert(authorization(`a-${id}`, { connectionId: id }))
        await store.attempts.insert(attempt(`t-${id}`, { connectionId: id }))
        await store.events.append([event('connection.created', { connectionId: id })])
      }
      expect(await store.connections.delete('w2', 'c1')).toBe(false)
      expect(await store.connections.delete('w1', 'c1')).toBe(true)
      expect(await store.connections.delete('w1', 'c1')).toBe(false)
      expect(await store.connections.find('w1', 'c1')).toBeUndefined()
      expect(await store.authorizations.findById('a-c1')).toBeUndefined()
      expect(await store.attempts.find('c1', 't-c1')).toBeUndefined()
      expect((await store.events.ofConnection('c1', { limit: 9 })).items).toHaveLength(1)
      expect(await store.authorizations.findById('a-c2')).toBeDefined()
      expect(await store.attempts.find('c2', 't-c2')).toBeDefined()
    })

    test('tell of every write that took place, and of no other', async () => {
      const store = use()
      await connections(store)
      const seen = await changesOf(store, async () => {
        await store.connections.insert(connection('c1'))
        await store.connections.update(connection('c1', { version: 2 }))
        await store.connections.update(connection('c1', { version: 2 }))
        await store.connections.delete('w1', 'c1')
        await store.connections.delete('w1', 'c1')
      })
      expect(seen).toEqual(Array.from({ length: 3 }, () => 'connection c1'))
    })
  })
}
