import { describe, expect, test } from 'vitest'
import { auditGenesis, type AuditRecord, type PageOf, type Store } from '../../store.ts'
import { auditEntry, event } from './fixtures.ts'

function sequences({ items }: PageOf<AuditRecord>): number[] {
  return items.map(({ sequence }) => sequence)
}

async function append(store: Store, ...entries: Partial<AuditRecord>[]): Promise<void> {
  for (const fields of entries) await store.auditLog.append('w1', (place) => ({ ...auditEntry(place), ...fields }))
}

export function auditSuite(use: () => Store): void {
  describe('the audit log', () => {
    test('S-53 gives each entry its place: counted from 1, behind the hash of the one before', async () => {
      const { auditLog } = use()
      expect(await auditLog.head('w1')).toEqual({ sequence: 0, hash: auditGenesis })
      const first = await auditLog.append('w1', auditEntry)
      expect(first).toEqual({ ...auditEntry({ sequence: 1, previous: auditGenesis }), workspaceId: 'w1' })
      const second = await auditLog.append('w1', (place) => ({ ...auditEntry(place), object: null, address: null }))
      expect(second).toMatchObject({ sequence: 2, previous: 'hash 1', hash: 'hash 2' })
      expect(await auditLog.head('w1')).toEqual({ sequence: 2, hash: 'hash 2' })
      expect((await auditLog.list('w1', {}, { limit: 9 })).items).toEqual([second, first])
    })

    test('S-53 counts each workspace by itself', async () => {
      const { auditLog } = use()
      await auditLog.append('w1', auditEntry)
      expect(await auditLog.append('w2', auditEntry)).toMatchObject({ sequence: 1, previous: auditGenesis })
      expect(sequences(await auditLog.list('w1', {}, { limit: 9 }))).toEqual([1])
    })

    test('S-53 appends one by one, however many ask at once', async () => {
      const { auditLog } = use()
      await Promise.all(Array.from({ length: 20 }, () => auditLog.append('w1', auditEntry)))
      const { items } = await auditLog.list('w1', { after: 0 }, { limit: 50 })
      expect(items.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 20 }, (_, n) => n + 1))
      expect(items.slice(1).every(({ previous }, index) => previous === items[index]?.hash)).toBe(true)
    })

    test('S-53 leaves neither an entry nor a new head behind where appending fails', async () => {
      const { auditLog } = use()
      await auditLog.append('w1', auditEntry)
      const failing = auditLog.append('w1', () => {
        throw new Error('no')
      })
      await expect(failing).rejects.toThrow('no')
      expect(await auditLog.head('w1')).toEqual({ sequence: 1, hash: 'hash 1' })
    })

    test('S-53 writes an entry’s events with it, and none where it fails', async () => {
      const { auditLog, events } = use()
      const read = (detail: string) => () => [event('connection.credentials_read', { detail })]
      const refused = (): never => {
        throw new Error('no')
      }
      const ended = await Promise.allSettled([
        auditLog.append('w1', auditEntry, read('one')),
        auditLog.append('w1', refused, read('none')),
        auditLog.append('w1', auditEntry, refused),
        auditLog.append('w1', auditEntry, read('two')),
      ])
      expect(ended.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled'])
      expect(sequences(await auditLog.list('w1', { after: 0 }, { limit: 9 }))).toEqual([1, 2])
      expect((await events.after('w1', 0, 9)).map(({ detail }) => detail)).toEqual(['one', 'two'])
    })

    test('comes newest first, and oldest first behind an entry, in pages', async () => {
      const store = use()
      await append(store, {}, {}, {}, {}, {})
      const list = (after: number | undefined, cursor?: string | null) =>
        store.auditLog.list('w1', { after }, { limit: 2, cursor: cursor ?? undefined })
      const newest = await list(undefined)
      expect(sequences(newest)).toEqual([5, 4])
      await append(store, {})
      const older = await list(undefined, newest.nextCursor)
      expect(sequences(older)).toEqual([3, 2])
      expect(await list(undefined, older.nextCursor)).toMatchObject({ items: [{ sequence: 1 }], nextCursor: null })

      const behind = await list(1)
      expect(sequences(behind)).toEqual([2, 3])
      expect(sequences(await list(1, behind.nextCursor))).toEqual([4, 5])
      expect((await list(4)).nextCursor).toBeNull()
      expect(sequences(await list(6))).toEqual([])
      await expect(list(undefined, 'nonsense')).rejects.toThrow(new RangeError('cursor'))
    })

    test('is filtered by actor, action and object', async () => {
      const store = use()
      await append(store, {}, { actor: 'user:ada' }, { action: 'service.create' }, { object: 'erp' }, { object: null })
      const by = async (filter: object) => sequences(await store.auditLog.list('w1', filter, { limit: 9 }))
      expect(await by({ actor: 'user:ada' })).toEqual([2])
      expect(await by({ action: 'service.create' })).toEqual([3])
      expect(await by({ object: 'erp' })).toEqual([4])
      expect(await by({ object: 'crm', action: 'connection.revoke', after: 1 })).toEqual([2])
    })
  })
}
