/** Several connections to the same data, as several processes have. */
import { setImmediate, setTimeout } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { Store } from '../../store.ts'
import {
  auditEntry,
  authorization,
  bytes,
  call,
  connections,
  dataKey,
  event,
  job,
  minute,
  now,
  sealedWith,
  service,
  settlement,
} from './fixtures.ts'

export interface SharedStore {
  connect: () => Promise<Store>
}

export function sharedSuite(use: () => SharedStore): void {
  test('S-20 of two connections that race for a lease exactly one wins, 200 times', async () => {
    const [store, other] = [await use().connect(), await use().connect()]
    await connections(store, 'c1')
    await store.authorizations.insert(authorization('a1'))
    for (let round = 1; round <= 200; round++) {
      const take = (owner: string) => ({ owner, now: now + round, until: now + round + minute })
      const [one, two] = await Promise.all([
        store.authorizations.lease('a1', take('p1')),
        other.authorizations.lease('a1', take('p2')),
      ])
      expect([one, two].filter((taken) => taken !== undefined)).toHaveLength(1)
      expect((one ?? two)?.record.fence).toBe(round)
      expect(await (one ? store : other).authorizations.settle('a1', round, settlement(), now)).toBe(true)
    }
  })

  test('S-20 two connections that take what is due at once share it', async () => {
    const [store, other] = [await use().connect(), await use().connect()]
    await connections(store, 'c1')
    for (let n = 0; n < 60; n++)
      await store.authorizations.insert(authorization(`a${n}`, { user: `u${n}`, refreshAt: now - n }))
    const take = (owner: string) => ({ owner, now, until: now + minute })
    const taken = await Promise.all(
      [store, other, store, other, store].map((each, turn) => each.authorizations.leaseDue(take(`p${turn}`), 10, [])),
    )
    const rest = await store.authorizations.leaseDue(take('rest'), 60, [])
    const all = [...taken, rest].flat()
    expect(all.map(({ record }) => record.id).toSorted()).toEqual(
      Array.from({ length: 60 }, (_, n) => `a${n}`).toSorted(),
    )
    expect(all.every(({ record }) => record.fence === 1)).toBe(true)
  })

  test('one connection reads on while others write at once, and misses nothing', async () => {
    const [reader, ...writers] = [await use().connect(), await use().connect(), await use().connect()]
    let writing = true
    const write = async (store: Store, which: number): Promise<void> => {
      for (let n = 0; n < 40; n++) {
        const id = `${which}_${n}`
        await store.transaction(async (trx) => {
          await trx.services.insert(service(id))
          await trx.events.append([event('service.ready', { detail: id })])
          // The one that wrote first is not always the one that commits first.
          await setTimeout(n % 3)
        })
      }
    }
    const read: { changes: string[]; events: string[] } = { changes: [], events: [] }
    const readOn = async (): Promise<void> => {
      let [change, told] = [0, 0]
      for (let last = false; ; last = !writing) {
        const changes = (await reader.changes.since(change, 7)) ?? []
        const events = await reader.events.after('w1', told, 7)
        change = changes.at(-1)?.sequence ?? change
        told = events.at(-1)?.sequence ?? told
        read.changes.push(...changes.map(({ objectId }) => objectId))
        read.events.push(...events.map(({ detail }) => detail))
        if (last && changes.length === 0 && events.length === 0) return
        // Some engines answer at once, and nobody else would have a turn.
        await setImmediate()
      }
    }
    const reading = readOn()
    await Promise.all(writers.flatMap((store, which) => [write(store, which), write(store, which + 2)]))
    writing = false
    await reading
    const all = Array.from({ length: 160 }, (_, n) => `${Math.floor(n / 40)}_${n % 40}`).toSorted()
    expect(read.changes.toSorted()).toEqual(all)
    expect(read.events.toSorted()).toEqual(all)
  })

  test('two connections see each other’s writes and what to drop', async () => {
    const [store, other] = [await use().connect(), await use().connect()]
    const before = await other.changes.latest()
    await store.services.insert(service('s1'))
    await store.events.append([call()])
    expect(await other.services.find('w1', 's1')).toEqual(service('s1'))
    expect(await other.changes.since(before, 9)).toMatchObject([{ kind: 'service', objectId: 's1' }])
    expect((await other.events.ofConnection('c1', { limit: 9 })).items).toHaveLength(1)
  })

  test('two connections that write at once wait for each other and lose nothing', async () => {
    const stores = [await use().connect(), await use().connect()]
    const write = (store: Store, id: string) =>
      store.transaction(async (trx) => {
        await trx.services.count('w1')
        await trx.services.insert(service(id))
      })
    await Promise.all(
      stores.flatMap((store, which) => Array.from({ length: 10 }, (_, n) => write(store, `${which}${n}`))),
    )
    await Promise.all(stores.map((store) => store.events.append([call(), event('connection.created')])))
    const [store] = stores
    expect(await store?.services.count('w1')).toBe(20)
    expect(await store?.changes.since(0, 99)).toHaveLength(20)
    expect((await store?.events.ofConnection('c1', { limit: 9 }))?.items).toHaveLength(4)
  })

  test('S-53 two connections that append to the audit log at once make one chain', async () => {
    const stores = [await use().connect(), await use().connect()]
    await Promise.all(
      stores.flatMap((store) => Array.from({ length: 20 }, () => store.auditLog.append('w1', auditEntry))),
    )
    const items = (await stores[0]?.auditLog.list('w1', { after: 0 }, { limit: 50 }))?.items ?? []
    expect(items.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 40 }, (_, n) => n + 1))
    expect(items.slice(1).map(({ previous }) => previous)).toEqual(items.slice(0, -1).map(({ hash }) => hash))
    expect(await stores[1]?.auditLog.head('w1')).toEqual({ sequence: 40, hash: 'hash 40' })
  })

  test('S-42 of two connections that write and rotate at once, none stores what is sealed with a key that is gone', async () => {
    const [store, other] = [await use().connect(), await use().connect()]
    await store.dataKeys.insert(dataKey('d1'))
    await store.dataKeys.insert(dataKey('d2'))
    const place = { table: 'services', field: 'secrets' } as const
    let stored = 0
    const late = Array.from({ length: 20 }, (_, n) =>
      other.services.insert(service(`s${n}`, { secrets: sealedWith('d1', n) })).then(
        () => stored++,
        () => undefined,
      ),
    )
    while (!(await store.dataKeys.deleteUnused('d1')))
      for (const value of await store.sealed.under(place, 'd1', '', 5))
        await store.sealed.replace(place, value, sealedWith('d2', value.bytes.at(-1) ?? 0))
    await Promise.all(late)
    expect(await store.sealed.under(place, 'd1', '', 99)).toEqual([])
    expect(await store.sealed.under(place, 'd2', '', 99)).toHaveLength(stored)
  })

  test('of two connections that race for a job exactly one gets it', async () => {
    const stores = [await use().connect(), await use().connect()]
    await stores[0]?.jobs.insert(job('j1'))
    const taken = await Promise.all(
      stores.map((store, n) => store.jobs.lease('j1', { owner: `p${n}`, now, until: now + minute })),
    )
    expect(taken.filter((one) => one !== undefined)).toHaveLength(1)
    const begun = await Promise.allSettled(
      stores.map((store, n) => store.jobs.insert(job(`v${n}`, { kind: 'key_verification' }))),
    )
    expect(begun.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })

  test('S-22 everything is there after closing and opening again', async () => {
    const store = await use().connect()
    await connections(store, 'c1')
    await store.authorizations.insert(authorization('a1'))
    await store.authorizations.lease('a1', { owner: 'p1', now, until: now + minute })
    await store.authorizations.settle('a1', 1, settlement({ credential: bytes(42) }), now)
    await store.events.append([call()])
    await store.events.append([event('connection.refreshed')])
    await store.close()
    const again = await use().connect()
    expect((await again.authorizations.findById('a1'))?.credential).toEqual(bytes(42))
    expect((await again.events.ofConnection('c1', { limit: 9 })).items).toHaveLength(2)
    expect(await again.changes.since(0, 9)).toHaveLength(4)
  })
}
