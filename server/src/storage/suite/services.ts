import { describe, expect, test } from 'vitest'
import type { Store } from '../../store.ts'
import { bytes, changesOf, connection, ids, now, service } from './fixtures.ts'
import { pageTests } from './pages.ts'

export function serviceSuite(use: () => Store): void {
  describe('services', () => {
    test('come back as they went in, by link name and by id', async () => {
      const { services } = use()
      const record = service('s1', { secrets: null, catalogueId: 'crm', origin: 'catalogue', logoType: 'image/png' })
      await services.insert(record)
      await services.insert(service('s2', { stage: 'ready', readyAt: now }))
      expect(await services.find('w1', 'link_s1')).toEqual(record)
      expect(await services.find('w1', 's2')).toEqual(service('s2', { stage: 'ready', readyAt: now }))
      expect(await services.find('w1', 'link_s3')).toBeUndefined()
    })

    test('S-51 are found inside their workspace only', async () => {
      const { services } = use()
      await services.insert(service('s1', { workspaceId: 'w2' }))
      expect(await services.find('w1', 'link_s1')).toBeUndefined()
      expect(await services.find('w1', 's1')).toBeUndefined()
      expect(await services.list('w1', {}, { limit: 5 })).toEqual({ items: [], nextCursor: null })
      expect(await services.count('w1')).toBe(0)
      expect(await services.linkNames('w1', 'link')).toEqual([])
      expect(await services.delete('w1', 's1')).toBe(false)
      expect(await services.count('w2')).toBe(1)
    })

    test('answer to a link name before an id that reads the same', async () => {
      const { services } = use()
      await services.insert(service('abc'))
      await services.insert(service('s2', { linkName: 'abc' }))
      expect((await services.find('w1', 'abc'))?.id).toBe('s2')
    })

    test('are found by callback id, whatever the workspace', async () => {
      const { services } = use()
      await services.insert(service('s1', { workspaceId: 'w2' }))
      expect((await services.findByCallbackId('callback-s1'))?.id).toBe('s1')
      expect(await services.findByCallbackId('callback-s2')).toBeUndefined()
    })

    test.each([
      ['link_name', service('s2', { linkName: 'link_s1' })],
      ['callback_id', service('s2', { callbackId: 'callback-s1' })],
      ['callback_id', service('s2', { callbackId: 'callback-s1', workspaceId: 'w2' })],
      ['id', service('s1', { linkName: 'other', callbackId: 'other' })],
    ])('refuse a taken %s with TakenError', async (what, record) => {
      const { services } = use()
      await services.insert(service('s1'))
      await expect(services.insert(record)).rejects.toMatchObject({ name: 'TakenError', what })
      expect(await services.count('w1')).toBe(1)
    })

    test('keep the link name of one workspace free in another', async () => {
      const { services } = use()
      await services.insert(service('s1'))
      await services.insert(service('s2', { workspaceId: 'w2', linkName: 'link_s1' }))
      expect((await services.find('w2', 'link_s1'))?.id).toBe('s2')
    })

    test('are updated in all fields where the version follows, and left alone where it does not', async () => {
      const { services } = use()
      await services.insert(service('s1'))
      const next = service('s1', {
        linkName: 'renamed',
        name: 'Renamed',
        description: 'text',
        stage: 'ready',
        origin: 'catalogue',
        catalogueId: 'crm',
        callbackId: 'callback-new',
        document: { ...service('s1').document, auth: null, anyHost: true },
        secrets: bytes(1),
        logoType: 'image/jpeg',
        version: 2,
        updatedAt: now + 1,
        readyAt: now + 1,
      })
      expect(await services.update(next)).toBe(true)
      expect(await services.find('w1', 'renamed')).toEqual(next)
      expect(await services.find('w1', 'link_s1')).toBeUndefined()

      expect(await services.update({ ...next, name: 'late' })).toBe(false)
      expect(await services.update({ ...next, name: 'early', version: 4 })).toBe(false)
      expect(await services.update(service('s9', { version: 2 }))).toBe(false)
      expect(await services.update({ ...next, workspaceId: 'w2', version: 3 })).toBe(false)
      expect(await services.find('w1', 's1')).toEqual(next)
    })

    test.each([
      ['link_name', { linkName: 'link_s1' }],
      ['callback_id', { callbackId: 'callback-s1' }],
    ])('refuse an update to a taken %s with TakenError', async (what, fields) => {
      const { services } = use()
      await services.insert(service('s1'))
      await services.insert(service('s2'))
      const update = services.update(service('s2', { ...fields, version: 2 }))
      await expect(update).rejects.toMatchObject({ name: 'TakenError', what })
      expect(await services.find('w1', 's2')).toEqual(service('s2'))
    })

    describe('list', () => {
      pageTests(async () => {
        const { services } = use()
        return {
          insert: (id, createdAt) => services.insert(service(id, { createdAt })),
          list: (page) => services.list('w1', {}, page),
        }
      })

      test('looks for the query in name and link name, whatever the case', async () => {
        const { services } = use()
        await services.insert(service('a', { name: 'Straße ÄRZTE', linkName: 'practice' }))
        await services.insert(service('b', { name: 'Books', linkName: 'Ledger_1' }))
        const find = async (query: string) => ids((await services.list('w1', { query }, { limit: 9 })).items)
        expect(await find('ärzte')).toEqual(['a'])
        expect(await find('STRAßE')).toEqual(['a'])
        expect(await find('PRACT')).toEqual(['a'])
        expect(await find('ledger_1')).toEqual(['b'])
        expect(await find('s')).toEqual(['b', 'a'])
        expect(await find('')).toEqual(['b', 'a'])
        expect(await find('nothing')).toEqual([])
      })

      test('takes %, _ and \\ in a query as they are', async () => {
        const { services } = use()
        await services.insert(service('a', { name: '100% sure', linkName: 'plain' }))
        await services.insert(service('b', { name: 'a_b', linkName: 'other' }))
        await services.insert(service('c', { name: 'back\\slash', linkName: 'third' }))
        const find = async (query: string) => ids((await services.list('w1', { query }, { limit: 9 })).items)
        expect(await find('%')).toEqual(['a'])
        expect(await find('_')).toEqual(['b'])
        expect(await find('\\')).toEqual(['c'])
        expect(await find("'")).toEqual([])
      })

      test('finds a renamed service by its new name only', async () => {
        const { services } = use()
        await services.insert(service('a', { name: 'Before' }))
        await services.update(service('a', { name: 'After', version: 2 }))
        expect((await services.list('w1', { query: 'before' }, { limit: 9 })).items).toEqual([])
        expect(ids((await services.list('w1', { query: 'after' }, { limit: 9 })).items)).toEqual(['a'])
      })

      test('filters by stage, together with a query and a cursor', async () => {
        const { services } = use()
        for (const id of ['a', 'b', 'c']) await services.insert(service(id, { stage: 'ready' }))
        await services.insert(service('d'))
        const filter = { stage: 'ready', query: 'service' }
        const first = await services.list('w1', filter, { limit: 2 })
        expect(ids(first.items)).toEqual(['c', 'b'])
        const rest = await services.list('w1', filter, { limit: 2, cursor: first.nextCursor ?? '' })
        expect(ids(rest.items)).toEqual(['a'])
        expect((await services.list('w1', { stage: 'other' }, { limit: 2 })).items).toEqual([])
      })
    })

    test('tell the link names equal to a name or starting with it', async () => {
      const { services } = use()
      const names = ['crm', 'crm_1', 'crmz', 'crM', 'cr', 'crXm', 'd', 'CRM']
      for (const [n, linkName] of names.entries()) await services.insert(service(`s${n}`, { linkName }))
      expect((await services.linkNames('w1', 'crm')).toSorted()).toEqual(['crm', 'crm_1', 'crmz'])
      expect(await services.linkNames('w1', 'c_m')).toEqual([])
    })

    test('are deleted once', async () => {
      const { services } = use()
      await services.insert(service('s1'))
      expect(await services.delete('w1', 's1')).toBe(true)
      expect(await services.delete('w1', 's1')).toBe(false)
      expect(await services.find('w1', 's1')).toBeUndefined()
      expect(await services.count('w1')).toBe(0)
    })

    test('are not deleted from under a connection', async () => {
      const { services, connections } = use()
      await services.insert(service('s1'))
      await connections.insert(connection('c1'))
      await expect(services.delete('w1', 's1')).rejects.toThrow(/foreign key/i)
      expect(await services.count('w1')).toBe(1)
    })

    test('keep one logo, which is replaced and goes with them', async () => {
      const { services } = use()
      await services.insert(service('s1'))
      expect(await services.logo('w1', 's1')).toBeUndefined()
      await services.setLogo('w1', 's1', { type: 'image/png', bytes: bytes(1, 2) }, now + 5)
      await services.setLogo('w1', 's1', { type: 'image/jpeg', bytes: bytes(3) }, now + 6)
      expect(await services.logo('w1', 's1')).toEqual({ type: 'image/jpeg', bytes: bytes(3) })
      expect(await services.logo('w2', 's1')).toBeUndefined()
      expect(await services.find('w1', 's1')).toMatchObject({ logoType: 'image/jpeg', updatedAt: now + 6, version: 3 })

      await services.setLogo('w1', 's9', { type: 'image/png', bytes: bytes(1) }, now)
      expect(await services.logo('w1', 's9')).toBeUndefined()
      await services.delete('w1', 's1')
      expect(await services.logo('w1', 's1')).toBeUndefined()
    })

    test('tell of every write that took place, and of no other', async () => {
      const store = use()
      const seen = await changesOf(store, async () => {
        await store.services.insert(service('s1'))
        await store.services.update(service('s1', { version: 2 }))
        await store.services.update(service('s1', { version: 2 }))
        await store.services.setLogo('w1', 's1', { type: 'image/png', bytes: bytes(1) }, now)
        await store.services.delete('w1', 's1')
        await store.services.delete('w1', 's1')
      })
      expect(seen).toEqual(Array.from({ length: 4 }, () => 'service s1'))
    })
  })
}
