/** Transactions, changes, and the installation itself. */
import { describe, expect, test } from 'vitest'
import type { Store } from '../../store.ts'
import { apiKey, authorization, call, changesOf, connection, connections, now, service } from './fixtures.ts'

export function wholeSuite(use: () => Store): void {
  describe('a transaction', () => {
    test('keeps all its writes and returns what the work returns', async () => {
      const store = use()
      const result = await store.transaction(async (trx) => {
        await trx.services.insert(service('s1'))
        await trx.connections.insert(connection('c1'))
        expect(await trx.services.count('w1')).toBe(1)
        return 'done'
      })
      expect(result).toBe('done')
      expect([await store.services.count('w1'), await store.connections.count('w1')]).toEqual([1, 1])
    })

    test('undoes everything on an error, change rows too, and throws it on', async () => {
      const store = use()
      const seen = await changesOf(store, async () => {
        const failed = store.transaction(async (trx) => {
          await trx.services.insert(service('s1'))
          await trx.apiKeys.insert(apiKey('k1'))
          await trx.events.append([call()])
          throw new Error('half way')
        })
        await expect(failed).rejects.toThrow('half way')
      })
      expect(seen).toEqual([])
      expect(await store.services.count('w1')).toBe(0)
      expect(await store.apiKeys.count('w1')).toBe(0)
      expect((await store.events.ofConnection('c1', { limit: 1 })).items).toEqual([])
    })

    test('undoes everything where a unique name is taken', async () => {
      const store = use()
      await store.services.insert(service('s1'))
      const failed = store.transaction(async (trx) => {
        await trx.services.insert(service('s2'))
        await trx.services.insert(service('s3', { linkName: 'link_s1' }))
      })
      await expect(failed).rejects.toMatchObject({ name: 'TakenError', what: 'link_name' })
      expect(await store.services.count('w1')).toBe(1)
    })

    test('inside another joins it: the outer one decides for both', async () => {
      const store = use()
      const failed = store.transaction(async (outer) => {
        await outer.transaction((inner) => inner.services.insert(service('s1')))
        expect(await outer.services.count('w1')).toBe(1)
        throw new Error('outer')
      })
      await expect(failed).rejects.toThrow('outer')
      expect(await store.services.count('w1')).toBe(0)
    })

    test('runs alone: what it read still holds when it writes', async () => {
      const store = use()
      await connections(store, 'c1')
      await store.authorizations.insert(authorization('a1'))
      const step = () =>
        store.transaction(async (trx) => {
          const read = await trx.authorizations.findById('a1')
          if (!read) throw new Error('the authorization is gone')
          return trx.authorizations.update({ ...read, failures: read.failures + 1, version: read.version + 1 })
        })
      const all = await Promise.all(Array.from({ length: 20 }, step))
      expect(all.every(Boolean)).toBe(true)
      expect((await store.authorizations.findById('a1'))?.failures).toBe(20)
    })

    test('waits beside uses and calls that are noted at the same time', async () => {
      const store = use()
      await connections(store, 'c1')
      await store.authorizations.insert(authorization('a1'))
      const rename = (n: number) =>
        store.transaction(async (trx) => {
          const read = await trx.connections.find('w1', 'c1')
          if (read) await trx.connections.update({ ...read, name: `n${n}`, version: read.version + 1 })
        })
      await Promise.all(
        Array.from({ length: 10 }, (_, n) => [
          rename(n),
          store.events.append([call({ detail: String(n) })]),
          store.authorizations.touch([{ id: 'a1', usedAt: now + n, eagerUntil: now + n }]),
        ]).flat(),
      )
      expect((await store.connections.find('w1', 'c1'))?.version).toBe(11)
      expect((await store.events.ofConnection('c1', { limit: 20 })).items).toHaveLength(10)
      expect((await store.authorizations.findById('a1'))?.lastUsedAt).toBe(now + 9)
    })
  })

  describe('changes', () => {
    test('start at 0 and come in order, up to a limit', async () => {
      const { changes, services } = use()
      expect(await changes.latest()).toBe(0)
      expect(await changes.since(0, 9)).toEqual([])
      for (const id of ['s1', 's2', 's3']) await services.insert(service(id))
      const all = (await changes.since(0, 9)) ?? []
      expect(all.map(({ kind, objectId }) => `${kind} ${objectId}`)).toEqual(['service s1', 'service s2', 'service s3'])
      expect(all.map(({ sequence }) => sequence)).toEqual(all.map(({ sequence }) => sequence).toSorted((a, b) => a - b))
      expect(await changes.since(0, 2)).toEqual(all.slice(0, 2))
      expect(await changes.since(all[0]?.sequence ?? 0, 9)).toEqual(all.slice(1))
      expect(await changes.latest()).toBe(all[2]?.sequence)
    })

    test('say so where rows that were asked for are pruned, and only then', async () => {
      const { changes, services } = use()
      for (const id of ['s1', 's2', 's3', 's4']) await services.insert(service(id))
      const [first = 0, second = 0, third = 0, fourth = 0] = ((await changes.since(0, 9)) ?? []).map(
        (row) => row.sequence,
      )
      await changes.prune(4)
      expect(await changes.since(0, 9)).toHaveLength(4)
      await changes.prune(2)
      expect(await changes.since(0, 9)).toBeUndefined()
      expect(await changes.since(first, 9)).toBeUndefined()
      expect((await changes.since(second, 9))?.map((row) => row.sequence)).toEqual([third, fourth])
      expect(await changes.latest()).toBe(fourth)
    })

    test('say so where whoever asks has read further than there is, as after a restored copy', async () => {
      const { changes, services } = use()
      await services.insert(service('s1'))
      const last = await changes.latest()
      expect(await changes.since(last, 9)).toEqual([])
      expect(await changes.since(last + 1, 9)).toBeUndefined()
    })

    test('keep counting when all are pruned', async () => {
      const { changes, services } = use()
      await services.insert(service('s1'))
      const last = await changes.latest()
      await changes.prune(0)
      expect(await changes.latest()).toBe(last)
      expect(await changes.since(last, 9)).toEqual([])
      expect(await changes.since(last - 1, 9)).toBeUndefined()
      await services.insert(service('s2'))
      expect((await changes.since(last, 9))?.map(({ objectId }) => objectId)).toEqual(['s2'])
      expect(await changes.latest()).toBeGreaterThan(last)
    })
  })

  describe('the installation', () => {
    test('lists workspaces oldest first', async () => {
      const { workspaces } = use()
      await workspaces.insert({ id: 'w2', name: 'Second', createdAt: 2 })
      await workspaces.insert({ id: 'w1', name: 'First', createdAt: 1 })
      expect(await workspaces.list()).toEqual([
        { id: 'w1', name: 'First', createdAt: 1 },
        { id: 'w2', name: 'Second', createdAt: 2 },
      ])
      const twin = workspaces.insert({ id: 'w1', name: 'Again', createdAt: 3 })
      await expect(twin).rejects.toMatchObject({ name: 'TakenError', what: 'id' })
    })

    test('sets a fact once', async () => {
      const { facts } = use()
      expect(await facts.get('sandbox')).toBeUndefined()
      const set = await Promise.all(['a', 'b', 'c'].map((value) => facts.setOnce('sandbox', value)))
      expect(set.filter(Boolean)).toHaveLength(1)
      expect(await facts.get('sandbox')).toBe('abc'[set.indexOf(true)])
    })

    test('answers a ping, and no longer once closed', async () => {
      const store = use()
      await expect(store.ping()).resolves.toBeUndefined()
      await store.close()
      await store.close()
      await expect(store.ping()).rejects.toThrow()
    })
  })
}
