/**
 * What calls leave behind: activity entries, last uses and counts by caller, gathered in memory and written together. Up to ten good calls
 * of a connection in one second are told one by one, the others as a count; failures are always told. Bounded: past the
 * bound entries are counted and dropped, never waited for.
 */
import { stableId, actorOf, type Caller } from '../access/caller.ts'
import { inUseFor } from '../connection/plan.ts'
import { event } from '../events/event.ts'
import type { CallCount, CallFacts, EventRecord, Store } from '../store.ts'
import type { Live } from './live.ts'
import { dayOf } from './usage.ts'

const toldOneByOne = 10
const limit = 5000
/** Connections whose calls are counted, and authorizations whose last use is kept, until the next write. */
const heldLimit = 50_000
/** A connection in constant use has its last use written this often, in milliseconds. */
const touchEvery = 30_000

/** What was recorded of a connection since the last write. */
interface Told {
  calls: number
  /** By host, the entries that stand for several calls: one for each caller, method and status, so there are few. */
  folded: Map<string, { caller: string; call: CallFacts }[]>
  /** By the caller's id. */
  callers: Map<string, Counted>
}

type Counted = Omit<CallCount, 'day'>

interface Use {
  usedAt: number
  /** When the API took the credential, as its answer shows. */
  verifiedAt: number | undefined
}

export interface CallOutcome {
  method: string
  url: URL
  status: number
  ms: number
}

export interface Recorder {
  record(caller: Caller, live: Live, outcome: CallOutcome): void
  /** Writes what was gathered; `everything`: also the last uses that would wait. Never throws. */
  flush(everything: boolean): Promise<void>
  pending(): boolean
  dropped(): number
}

export function createRecorder(parts: {
  store: Store
  now: () => number
  /** Told of every call, also of those whose entries are folded or dropped. */
  count: (status: number, milliseconds: number) => void
  log: { warn: (facts: object, message: string) => void }
}): Recorder {
  const { store, now } = parts
  let entries: EventRecord[] = []
  let told = new Map<string, Told>()
  const uses = new Map<string, Use>()
  const written = new Map<string, number>()
  let dropped = 0
  let writing: Promise<void> = Promise.resolve()
  let waiting = 0

  const write = async (everything: boolean): Promise<void> => {
    const events = entries
    const counts = [...told.values()].flatMap(({ callers }) => [...callers.values()])
    entries = []
    told = new Map()
    const due = [...uses].filter(([id, { usedAt }]) => everything || usedAt - (written.get(id) ?? 0) >= touchEvery)
    if (written.size > heldLimit) written.clear()
    for (const [id, { usedAt }] of due) {
      uses.delete(id)
      written.set(id, usedAt)
    }
    try {
      if (events.length > 0) await store.events.append(events)
      if (due.length > 0)
        await store.authorizations.touch(due.map(([id, use]) => ({ id, ...use, eagerUntil: use.usedAt + inUseFor })))
      await store.callCounts.add(counts.map((counted) => ({ ...counted, day: dayOf(counted.lastUsedAt) })))
    } catch (error) {
      dropped += events.length
      parts.log.warn({ err: error, entries: events.length }, 'activity entries could not be written')
    }
  }

  return {
    record(caller, live, { method, url, status, ms }) {
      parts.count(status, ms)
      const at = now()
      const { connection, service } = live.bound
      const { id, user } = live.authorization
      const ok = status < 400
      const use = uses.get(id)
      // While the store does not answer nothing is written: what then comes new is not told, and calls go on.
      const full = uses.size >= heldLimit || told.size >= heldLimit
      if (full && (use === undefined || !told.has(connection.id))) {
        dropped++
        return
      }
      if (use === undefined) uses.set(id, { usedAt: at, verifiedAt: ok ? at : undefined })
      else {
        use.usedAt = at
        if (ok) use.verifiedAt = at
      }
      let before = told.get(connection.id)
      if (before === undefined) told.set(connection.id, (before = { calls: 0, folded: new Map(), callers: new Map() }))
      count(before, caller, connection.id, ok, at)
      const fold = ++before.calls > toldOneByOne && ok
      const { host } = url
      const same = fold
        ? before.folded
            .get(host)
            ?.find((each) => each.call.status === status && each.call.method === method && each.caller === caller.id)
        : undefined
      if (same !== undefined) {
        same.call.count++
        return
      }
      if (entries.length >= limit) {
        dropped++
        return
      }
      const call = { method, host, path: fold ? '' : url.pathname.slice(0, 500), status, ms, count: 1 }
      const entry = event(connection.workspaceId, at, 'connection.invoked', {
        ok,
        connectionId: connection.id,
        serviceId: service.id,
        actor: actorOf(caller),
        user: user === '' ? null : user,
        detail: `${method} ${host} answered ${status}.`,
        call,
      })
      entries.push(entry)
      if (fold) before.folded.set(host, [...(before.folded.get(host) ?? []), { caller: caller.id, call }])
    },
    async flush(everything) {
      // One write at a time, in order. While one waits, what it would find is what a further one would.
      if (waiting > 0 && !everything) return
      waiting++
      writing = writing.then(() => {
        waiting--
        return write(everything)
      })
      await writing
    },
    pending: () => entries.length > 0 || uses.size > 0,
    dropped: () => dropped,
  }
}

function count(told: Told, caller: Caller, connectionId: string, ok: boolean, at: number): void {
  let counted = told.callers.get(caller.id)
  if (counted === undefined) {
    counted = { connectionId, actor: stableId(caller), name: caller.name, calls: 0, failed: 0, lastUsedAt: at }
    told.callers.set(caller.id, counted)
  }
  counted.calls++
  if (!ok) counted.failed++
  counted.lastUsedAt = at
}
