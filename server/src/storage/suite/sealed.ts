/** Data keys, and what is sealed with them (S-42). */
import { beforeEach, describe, expect, test } from 'vitest'
import { type SealedPlace, sealedPlaces, type Store } from '../../store.ts'
import {
  attempt,
  authorization,
  bytes,
  changesOf,
  claim,
  connections,
  dataKey,
  sealedWith,
  service,
  settlement,
} from './fixtures.ts'

/** Puts a value at each place; the row's id is the name of its table. */
async function fill(store: Store, keyId: string, mark: number): Promise<void> {
  await store.services.insert(service('services', { secrets: sealedWith(keyId, mark) }))
  await store.authorizations.insert(authorization('authorizations', { credential: sealedWith(keyId, mark) }))
  await store.attempts.insert(
    attempt('attempts', { kept: sealedWith(keyId, mark), heldGrant: sealedWith(keyId, mark) }),
  )
  await store.idempotency.claim(claim('idempotency'))
  await store.idempotency.finish('idempotency', 201, sealedWith(keyId, mark))
}

/** What lies at a place, as its own noun reads it. */
const reads: Record<SealedPlace['field'], (store: Store) => Promise<Uint8Array | null | undefined>> = {
  secrets: async (store) => (await store.services.find('w1', 'services'))?.secrets,
  credential: async (store) => (await store.authorizations.findById('authorizations'))?.credential,
  kept: async (store) => (await store.attempts.find('c1', 'attempts'))?.kept,
  held_grant: async (store) => (await store.attempts.find('c1', 'attempts'))?.heldGrant,
  body: async (store) => (await store.idempotency.claim(claim('idempotency')))?.body,
}

export function sealedSuite(use: () => Store): void {
  describe('data keys', () => {
    test('are kept wrapped, oldest first, and each tells the other processes', async () => {
      const { dataKeys } = use()
      const [one, other] = [dataKey('d1', { createdAt: 2 }), dataKey('d2', { createdAt: 1, wrapped: bytes(1, 0, 255) })]
      const seen = await changesOf(use(), async () => {
        await dataKeys.insert(one)
        await dataKeys.insert(other)
        await expect(dataKeys.insert(one)).rejects.toMatchObject({ name: 'TakenError', what: 'id' })
      })
      expect(await dataKeys.list()).toEqual([other, one])
      expect(seen).toEqual(['data_key w1', 'data_key w1'])
    })

    test('are wrapped anew where the root key still is the one that was seen', async () => {
      const { dataKeys } = use()
      await dataKeys.insert(dataKey('d1'))
      const rewrapped = dataKey('d1', { rootKeyId: 'r2', wrapped: bytes(7) })
      expect(await dataKeys.rewrap(rewrapped, 'r0')).toBe(false)
      expect(await dataKeys.list()).toEqual([dataKey('d1')])
      expect(await dataKeys.rewrap(rewrapped, 'r1')).toBe(true)
      expect(await dataKeys.list()).toEqual([rewrapped])
    })
  })

  describe('sealed values', () => {
    beforeEach(async () => {
      const store = use()
      for (const id of ['d1', 'd2']) await store.dataKeys.insert(dataKey(id))
      await connections(store, 'c1')
    })

    test.each(sealedPlaces)('in $field are found by their key and replaced', async (place) => {
      const store = use()
      await fill(store, 'd1', 1)
      const found = await store.sealed.under(place, 'd1', '', 9)
      expect(found).toEqual([{ workspaceId: 'w1', row: place.table, bytes: sealedWith('d1', 1) }])
      expect(await store.sealed.under(place, 'd2', '', 9)).toEqual([])
      // Of the fixtures' own service, whose value has no format.
      const unkeyed = await store.sealed.under(place, null, '', 9)
      expect(unkeyed.filter(({ row }) => row !== 's1')).toEqual([])
      expect(await store.sealed.under(place, 'd1', place.table, 9)).toEqual([])
      const [from] = found
      if (from === undefined) throw new Error('nothing is there')

      const seen = await changesOf(store, async () => {
        expect(await store.sealed.replace(place, { ...from, bytes: sealedWith('d1', 2) }, sealedWith('d2', 3))).toBe(
          false,
        )
        expect(await store.sealed.replace(place, { ...from, workspaceId: 'w2' }, sealedWith('d2', 3))).toBe(false)
        expect(await store.sealed.replace(place, from, sealedWith('d2', 3))).toBe(true)
        expect(await store.sealed.replace(place, from, sealedWith('d2', 4))).toBe(false)
      })
      expect(seen).toEqual([])
      expect(await reads[place.field](store)).toEqual(sealedWith('d2', 3))
      expect(await store.sealed.under(place, 'd1', '', 9)).toEqual([])
      expect(await store.sealed.under(place, 'd2', '', 9)).toEqual([{ ...from, bytes: sealedWith('d2', 3) }])
    })

    test('come in the order of their rows, so many at a time', async () => {
      const store = use()
      const place = { table: 'services', field: 'secrets' } as const
      for (const id of ['b', 'd', 'a', 'c']) await store.services.insert(service(id, { secrets: sealedWith('d1', 1) }))
      const rows = async (after: string): Promise<string[]> =>
        (await store.sealed.under(place, 'd1', after, 2)).map(({ row }) => row)
      expect([await rows(''), await rows('b'), await rows('d')]).toEqual([['a', 'b'], ['c', 'd'], []])
    })

    test('are counted by place and key; those without a key that can be read too', async () => {
      const store = use()
      await fill(store, 'd1', 1)
      await store.services.insert(service('s3', { secrets: sealedWith('d2', 1) }))
      await store.services.insert(service('s4', { secrets: sealedWith('d2', 2) }))
      await store.authorizations.insert(authorization('a9', { user: 'u9', credential: bytes(9, 9) }))
      const counts = (await store.sealed.count()).map(({ place, keyId, count }) => `${place.field} ${keyId} ${count}`)
      // The fixtures' own service has a value of no format.
      expect(counts.toSorted()).toEqual([
        'body d1 1',
        'credential d1 1',
        'credential null 1',
        'held_grant d1 1',
        'kept d1 1',
        'secrets d1 1',
        'secrets d2 2',
        'secrets null 1',
      ])
      const unkeyed = await store.sealed.under({ table: 'authorizations', field: 'credential' }, null, '', 9)
      expect(unkeyed).toEqual([{ workspaceId: 'w1', row: 'a9', bytes: bytes(9, 9) }])
    })

    test('a key goes only when nothing at all is sealed with it', async () => {
      const store = use()
      await fill(store, 'd1', 1)
      for (const place of sealedPlaces) {
        expect(await store.dataKeys.deleteUnused('d1'), place.field).toBe(false)
        const from = { workspaceId: 'w1', row: place.table, bytes: sealedWith('d1', 1) }
        expect(await store.sealed.replace(place, from, sealedWith('d2', 1))).toBe(true)
      }
      expect(await store.dataKeys.deleteUnused('d1')).toBe(true)
      expect(await store.dataKeys.deleteUnused('d1')).toBe(false)
      expect((await store.dataKeys.list()).map(({ id }) => id)).toEqual(['d2'])
    })

    test('nothing can be stored that is sealed with a key that is gone', async () => {
      const store = use()
      await fill(store, 'd2', 1)
      expect(await store.dataKeys.deleteUnused('d1')).toBe(true)
      const late = sealedWith('d1', 9)
      const grant = await store.authorizations.findById('authorizations')
      const sign = await store.attempts.find('c1', 'attempts')
      const definition = await store.services.find('w1', 'services')
      if (!grant || !sign || !definition) throw new Error('something is gone')
      await expect(store.authorizations.update({ ...grant, credential: late, version: 2 })).rejects.toThrow()
      await expect(store.authorizations.settle(grant.id, 0, settlement({ credential: late }), 1)).rejects.toThrow()
      await expect(store.attempts.update({ ...sign, kept: late, version: 2 })).rejects.toThrow()
      await expect(store.attempts.update({ ...sign, heldGrant: late, version: 2 })).rejects.toThrow()
      await expect(store.services.update({ ...definition, secrets: late, version: 2 })).rejects.toThrow()
      await expect(store.services.insert(service('s9', { secrets: late }))).rejects.toThrow()
      await expect(store.idempotency.finish('idempotency', 201, late)).rejects.toThrow()
      for (const place of sealedPlaces) expect(await reads[place.field](store)).toEqual(sealedWith('d2', 1))
    })

    test('their key follows whatever is written in their place', async () => {
      const store = use()
      await fill(store, 'd1', 1)
      await store.authorizations.settle('authorizations', 0, settlement({ credential: sealedWith('d2', 2) }), 1)
      await store.attempts.expire(Number.MAX_SAFE_INTEGER)
      const definition = await store.services.find('w1', 'services')
      if (definition) await store.services.update({ ...definition, secrets: null, version: 2 })
      const counts = (await store.sealed.count()).map(({ place, keyId, count }) => `${place.field} ${keyId} ${count}`)
      expect(counts.toSorted()).toEqual(['body d1 1', 'credential d2 1', 'secrets null 1'])
    })

    test('a settlement without a credential leaves the key as it is', async () => {
      const store = use()
      await fill(store, 'd1', 1)
      await store.authorizations.settle('authorizations', 0, settlement(), 1)
      expect(await reads.credential(store)).toEqual(sealedWith('d1', 1))
      expect(await store.dataKeys.deleteUnused('d1')).toBe(false)
    })
  })
}
