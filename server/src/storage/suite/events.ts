import { describe, expect, test } from 'vitest'
import type { EventFilter, EventRecord, PageOf, Store } from '../../store.ts'
import { call, connections, event, minute, now } from './fixtures.ts'

function details(records: readonly EventRecord[]): string[] {
  return records.map(({ detail }) => detail)
}

export function eventSuite(use: () => Store): void {
  describe('events', () => {
    test('come back as they went in, with rising sequences of the store', async () => {
      const { events } = use()
      const told = event('connection.refreshed', {
        ok: false,
        cause: 'expiry',
        user: 'ada',
        detail: 'x',
        serviceId: null,
      })
      await events.append([told, call({ actor: null })])
      await events.append([event('connection.created')])
      await events.append([])
      const { items } = await events.ofConnection('c1', { limit: 9 })
      expect(items.map((item) => ({ ...item, sequence: 0 }))).toEqual([
        event('connection.created'),
        call({ actor: null }),
        told,
      ])
      const [third = 0, second = 0, first = 0] = items.map(({ sequence }) => sequence)
      expect(first).toBeGreaterThan(0)
      expect(second).toBeGreaterThan(first)
      expect(third).toBeGreaterThan(second)
    })

    test('keep the order of a batch larger than one statement', async () => {
      const { events } = use()
      const many = Array.from({ length: 333 }, (_, n) => event('connection.refreshed', { detail: String(n) }))
      await events.append(many)
      expect(details(await events.after('w1', 0, 1000))).toEqual(details(many))
    })

    test('of a connection come newest first, calls included, in stable pages', async () => {
      const { events } = use()
      for (const detail of ['1', '2', '3', '4', '5']) await events.append([call({ detail })])
      await events.append([call({ detail: 'other', connectionId: 'c2' }), event('x', { connectionId: null })])
      const first = await events.ofConnection('c1', { limit: 2 })
      expect(details(first.items)).toEqual(['5', '4'])
      await events.append([call({ detail: '6' })])
      const next = (page: PageOf<EventRecord>) =>
        events.ofConnection('c1', { limit: 2, cursor: page.nextCursor ?? undefined })
      const second = await next(first)
      expect(details(second.items)).toEqual(['3', '2'])
      const third = await next(second)
      expect(details(third.items)).toEqual(['1'])
      expect(third.nextCursor).toBeNull()
    })

    test('of a workspace come newest first by their time, calls included, with the names of what they happened to', async () => {
      const store = use()
      const { events } = store
      await connections(store, 'c1', 'c2')
      await events.append([event('connection.refreshed', { detail: 'later', at: now + 9 })])
      await events.append([call({ detail: 'call' }), event('api_key.created', { connectionId: null, serviceId: null })])
      await events.append([event('x', { workspaceId: 'w2' }), call({ connectionId: 'gone', detail: 'gone' })])
      const { items } = await events.newest('w1', {}, { limit: 9 })
      const crm = { linkName: 'link_c1', name: 'Connection c1' }
      const service = { linkName: 'link_s1', name: 'Service s1' }
      expect(items).toMatchObject([
        { detail: 'later', connection: crm, service },
        { detail: 'gone', connectionId: 'gone', connection: null, service },
        { type: 'api_key.created', connection: null, service: null },
        { ...call({ detail: 'call' }), sequence: expect.any(Number), connection: crm, service },
      ])
      const first = await events.newest('w1', {}, { limit: 3 })
      await events.append([event('x', { at: now + 99 })])
      const second = await events.newest('w1', {}, { limit: 3, cursor: first.nextCursor ?? '' })
      expect([details(second.items), second.nextCursor]).toEqual([['call'], null])
    })

    test('of a workspace are filtered', async () => {
      const { events } = use()
      await events.append([
        event('connection.refreshed', { detail: 'c1', at: now + 1 }),
        event('connection.revoked', { detail: 'c2', connectionId: 'c2', serviceId: 's2', at: now + 2 }),
        call({ detail: 'bad', ok: false, actor: 'key2', at: now + 3 }),
        call({ detail: 'good', at: now + 4 }),
        event('api_key.created', { detail: 'key', connectionId: null, serviceId: null, at: now + 5 }),
      ])
      const by = async (filter: EventFilter) => details((await events.newest('w1', filter, { limit: 9 })).items)
      expect(await by({ connectionId: 'c1' })).toEqual(['good', 'bad', 'c1'])
      expect(await by({ serviceId: 's2' })).toEqual(['c2'])
      expect(await by({ connectionId: 'c1', serviceId: 's2' })).toEqual([])
      expect(await by({ types: ['connection.revoked'] })).toEqual(['c2'])
      expect(await by({ types: ['connection.invoked'] })).toEqual(['good', 'bad'])
      expect(await by({ types: ['connection.revoked', 'api_key.created'] })).toEqual(['key', 'c2'])
      expect(await by({ types: [] })).toEqual([])
      expect(await by({ ok: false })).toEqual(['bad'])
      expect(await by({ ok: true, connectionId: 'c1' })).toEqual(['good', 'c1'])
      expect(await by({ actor: 'key2' })).toEqual(['bad'])
      expect(await by({ from: now + 2, to: now + 4 })).toEqual(['bad', 'c2'])
    })

    test.each(['', 'x', Buffer.from('1.a').toString('base64url'), Buffer.from('x.').toString('base64url')])(
      'answer the cursor %j, which they never gave, with RangeError',
      async (cursor) => {
        const listed = use().events.ofConnection('c1', { limit: 2, cursor })
        await expect(listed).rejects.toThrow(new RangeError('cursor'))
      },
    )

    test('of a workspace come oldest first after a sequence, calls left out', async () => {
      const { events } = use()
      await events.append([event('a', { detail: '1' }), call({ detail: 'call' }), event('b', { detail: '2' })])
      await events.append([event('c', { detail: '3' }), event('d', { detail: 'elsewhere', workspaceId: 'w2' })])
      const all = await events.after('w1', 0, 9)
      expect(details(all)).toEqual(['1', '2', '3'])
      expect(details(await events.after('w1', all[0]?.sequence ?? 0, 9))).toEqual(['2', '3'])
      expect(details(await events.after('w1', 0, 1))).toEqual(['1'])
      expect(await events.after('w1', all[2]?.sequence ?? 0, 9)).toEqual([])
    })

    test('are pruned by age, calls sooner than the rest, and a sequence is never used twice', async () => {
      const { events } = use()
      const at = (minutes: number, detail: string) => ({ at: now + minutes * minute, detail })
      await events.append([call(at(0, 'c0')), call(at(5, 'c5')), call(at(9, 'c9'))])
      await events.append([event('a', at(0, 'e0')), event('a', at(2, 'e2')), event('a', at(9, 'e9'))])
      const last = (await events.after('w1', 0, 9)).at(-1)?.sequence ?? 0
      expect(await events.prune(now + 9 * minute, now + 2 * minute)).toBe(3)
      expect(details((await events.ofConnection('c1', { limit: 9 })).items)).toEqual(['e9', 'c9', 'e2'])
      expect(await events.prune(now + 99 * minute, now + 99 * minute)).toBe(3)
      await events.append([event('a')])
      expect((await events.after('w1', 0, 9))[0]?.sequence).toBeGreaterThan(last)
    })

    test('are pruned in full, however many', async () => {
      const { events } = use()
      await events.append(Array.from({ length: 4500 }, () => call()))
      expect(await events.prune(now, now)).toBe(0)
      expect(await events.prune(now + 1, now)).toBe(4500)
    })
  })
}
