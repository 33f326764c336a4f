/** The audit log: appending, reading, checking (S-53). */
import { setImmediate } from 'node:timers/promises'
import type { AuditEntry, AuditVerification } from '@mooring/contract'
import {
  type AuditFilter,
  auditGenesis,
  type AuditRecord,
  type EventRecord,
  type PageOf,
  type PageRequest,
  type Store,
} from '../store.ts'
import { entryOf, hashOf } from './chain.ts'

/** What is told of an act. Holds no secret. */
export type Act = Pick<AuditRecord, 'actor' | 'actorName' | 'action' | 'object' | 'address' | 'outcome' | 'detail'>

export interface AuditLog {
  append(workspaceId: string, act: Act): Promise<AuditEntry>
  /**
   * The same for acts that come in numbers: those of one `kind` that come until the entry is written share it. `told` makes
   * of their number what the entry says and an event that is written with it; of those that share an entry the first
   * one's `told` is asked. Resolves when both are durable.
   */
  appendAlike(workspaceId: string, kind: string, told: (count: number) => AlikeTold): Promise<void>
  /** Newest first; with `after`, oldest first from behind that entry. */
  list(
    workspaceId: string,
    filter: AuditFilter & { after?: number | undefined },
    page: PageRequest,
  ): Promise<PageOf<AuditEntry>>
  /** Walks all entries there are when it is asked. */
  verify(workspaceId: string): Promise<AuditVerification>
}

export interface AlikeTold {
  act: Act
  event: EventRecord
}

interface Alike {
  count: number
  written: Promise<unknown>
}

/** A turn of the loop takes a part of a millisecond, unless somebody computes. */
const mostTurns = 20

/** Entries hashed at a time: a few milliseconds, then calls have their turn. */
const walkAtOnce = 500
const longest = 500

export function createAuditLog({ store, now }: { store: Store; now: () => number }): AuditLog {
  const chained = (workspaceId: string, act: Act, place: Pick<AuditRecord, 'sequence' | 'previous'>): AuditRecord => {
    const entry = { ...readable(act), ...place, workspaceId, at: now(), hash: '' }
    return { ...entry, hash: hashOf(entryOf(entry)) }
  }
  /** What others that are alike may still join. */
  const open = new Map<string, Alike>()

  return {
    async append(workspaceId, act) {
      return entryOf(await store.auditLog.append(workspaceId, (place) => chained(workspaceId, act, place)))
    },

    async appendAlike(workspaceId, kind, told) {
      const key = `${workspaceId}\n${kind}`
      const joined = open.get(key)
      if (joined !== undefined) {
        joined.count++
        await joined.written
        return
      }
      let counted: AlikeTold | undefined
      const count = (): AlikeTold => {
        // Once: a transaction that is run again says the same, and whoever comes from here on begins another entry.
        if (open.get(key) === begun) open.delete(key)
        return (counted ??= told(begun.count))
      }
      const write = async (): Promise<AuditRecord> => {
        // As long as each turn of the loop brings others, they are waited for.
        for (let turns = 0, known = 0; known < begun.count && turns < mostTurns; turns++) {
          known = begun.count
          await setImmediate()
        }
        return store.auditLog.append(
          workspaceId,
          (place) => chained(workspaceId, count().act, place),
          () => [count().event],
        )
      }
      const begun: Alike = { count: 1, written: Promise.resolve() }
      open.set(key, begun)
      begun.written = write()
      try {
        await begun.written
      } finally {
        if (open.get(key) === begun) open.delete(key)
      }
    },

    async list(workspaceId, filter, page) {
      const { items, nextCursor } = await store.auditLog.list(workspaceId, filter, page)
      return { items: items.map(entryOf), nextCursor }
    },

    async verify(workspaceId) {
      // Entries that come while it walks are left for the next time.
      const head = await store.auditLog.head(workspaceId)
      const broken = (sequence: number, detail: string): AuditVerification => ({
        ok: false,
        entries: head.sequence,
        head: head.hash,
        brokenAt: String(sequence),
        detail,
      })
      let sequence = 0
      let hash = auditGenesis
      while (sequence < head.sequence) {
        const { items } = await store.auditLog.list(workspaceId, { after: sequence }, { limit: walkAtOnce })
        if (items.length === 0) return broken(sequence + 1, `Entry ${sequence + 1} and what follows it are missing.`)
        for (const record of items) {
          const fault = faultIn(record, { sequence, hash })
          if (fault !== undefined) return broken(record.sequence, fault)
          if (record.sequence === head.sequence && record.hash !== head.hash)
            return broken(record.sequence, `Entry ${record.sequence} is not the one that was appended last.`)
          sequence = record.sequence
          hash = record.hash
        }
        await setImmediate()
      }
      // In this order: whatever is there when the newest is read has its head by then.
      const { items } = await store.auditLog.list(workspaceId, {}, { limit: 1 })
      const { sequence: recorded } = await store.auditLog.head(workspaceId)
      if ((items[0]?.sequence ?? 0) > recorded)
        return broken(recorded + 1, `There are entries behind ${recorded}, which is recorded as the newest one.`)
      const many = head.sequence === 1 ? '1 entry' : `${head.sequence} entries`
      return {
        ok: true,
        entries: head.sequence,
        head: head.hash,
        brokenAt: null,
        detail: head.sequence === 0 ? 'There are no entries yet.' : `${many}, each fits the one before.`,
      }
    },
  }
}

/** Why a record does not follow the one before it; undefined where it does. */
function faultIn(record: AuditRecord, before: { sequence: number; hash: string }): string | undefined {
  if (record.sequence !== before.sequence + 1) {
    const gap = record.sequence - before.sequence - 1
    return `${gap === 1 ? `Entry ${before.sequence + 1} is` : `${gap} entries from ${before.sequence + 1} on are`} missing.`
  }
  if (record.previous !== before.hash) return `Entry ${record.sequence} does not follow the one before it.`
  if (hashOf(entryOf(record)) !== record.hash) return `Entry ${record.sequence} was changed after it was written.`
  return undefined
}

/** Bounded, and the same when it is read back: engines refuse or replace some characters. */
function readable(act: Act): Act {
  const clean = (text: string): string =>
    text
      .slice(0, longest)
      .toWellFormed()
      .replaceAll(/\p{Cc}+/gu, ' ')
  return {
    ...act,
    actorName: clean(act.actorName),
    object: act.object === null ? null : clean(act.object),
    address: act.address === null ? null : clean(act.address),
    detail: clean(act.detail),
  }
}
