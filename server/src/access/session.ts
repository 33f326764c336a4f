/**
 * Browser sessions: 256 random bits in a cookie, kept hashed, looked up in memory. One that ends, or whose user changes,
 * is dropped here at once and in other processes by the change feed.
 */
import { createHmac } from 'node:crypto'
import { newId, randomToken, tokenHash } from '../ids.ts'
import type { SessionRecord, Store, UserRecord } from '../store.ts'
import type { Caller } from './caller.ts'

/** A session ends this long after its last use, in milliseconds. */
export const idleLimit = 12 * 3_600_000
/** And this long after signing in, however much it is used. */
export const sessionLife = 30 * 86_400_000
/** A session in constant use has its last use written this often. */
const touchEvery = 60_000
const cacheLimit = 10_000

export interface NewSession {
  /** For the cookie. */
  token: string
  record: SessionRecord
}

/** Where somebody signs in from. */
export interface Browser {
  userAgent: string
  address: string
  /** The session cookie it holds already, from whoever was signed in before. */
  token: string | undefined
}

export interface Sessions {
  /** Who holds this session, which lives longer by it where that is a use; undefined where it is unknown, has ended, or its user is not active. */
  caller(token: string, use: boolean): Promise<Caller | undefined>
  /** A new session in place of the browser's old one (S-46). Pass the store of the transaction that signs in. */
  begin(inside: Store, user: UserRecord, browser: Browser): Promise<NewSession>
  drop(id: string): void
  dropUser(userId: string): void
  clear(): void
  /** Writes when sessions were last used. Never throws. */
  flush(everything: boolean): Promise<void>
}

interface Entry {
  caller: Caller
  csrfToken: string
  record: SessionRecord
}

export function createSessions({
  store,
  now,
  log,
}: {
  store: Store
  now: () => number
  log: { warn: (facts: object, message: string) => void }
}): Sessions {
  const entries = new Map<string, Entry>()
  const uses = new Map<string, { userId: string; usedAt: number }>()
  const written = new Map<string, number>()
  let drops = 0

  /** undefined: it has ended, as far as is known here. */
  const accept = (entry: Entry, use: boolean): Caller | undefined => {
    const at = now()
    const { record } = entry
    if (record.expiresAt <= at || record.lastSeenAt + idleLimit <= at) return undefined
    if (use) {
      record.lastSeenAt = at
      uses.set(record.id, { userId: record.userId, usedAt: at })
    }
    return { ...entry.caller, session: { id: record.id, csrfToken: entry.csrfToken, expiresAt: endOf(record) } }
  }

  const load = async (token: string, hash: string, use: boolean): Promise<Caller | undefined> => {
    const begun = drops
    const record = await store.sessions.findByHash(hash)
    if (record === undefined) return undefined
    const user = await store.users.find(record.workspaceId, record.userId)
    if (user === undefined || !user.active) return undefined
    const entry: Entry = { caller: callerOf(user), csrfToken: csrfTokenOf(token), record }
    const caller = accept(entry, use)
    if (caller !== undefined && drops === begun) {
      if (entries.size >= cacheLimit) entries.clear()
      entries.set(hash, entry)
    }
    return caller
  }

  return {
    async caller(token, use) {
      const hash = tokenHash(token)
      const entry = entries.get(hash)
      const known = entry && accept(entry, use)
      if (known !== undefined) return known
      // Idle here, it may have been used through another process.
      entries.delete(hash)
      return load(token, hash, use)
    },

    async begin(inside, user, { userAgent, address, token: old }) {
      const at = now()
      const before = old === undefined ? undefined : await inside.sessions.findByHash(tokenHash(old))
      if (before !== undefined) await inside.sessions.delete(before.workspaceId, before.userId, before.id)
      const token = randomToken(32)
      const record: SessionRecord = {
        id: newId('ses', at),
        workspaceId: user.workspaceId,
        userId: user.id,
        tokenHash: tokenHash(token),
        userAgent: userAgent.slice(0, 300),
        address,
        lastSeenAt: at,
        expiresAt: at + sessionLife,
        createdAt: at,
      }
      await inside.sessions.insert(record)
      await inside.sessions.touch([{ id: record.id, userId: user.id, usedAt: at }])
      return { token, record }
    },

    drop(id) {
      drops++
      for (const [hash, { record }] of entries) if (record.id === id) entries.delete(hash)
    },
    dropUser(userId) {
      drops++
      for (const [hash, { record }] of entries) if (record.userId === userId) entries.delete(hash)
    },
    clear() {
      drops++
      entries.clear()
    },

    async flush(everything) {
      const all = everything || uses.size > cacheLimit
      const due = [...uses].filter(([id, { usedAt }]) => all || usedAt - (written.get(id) ?? 0) >= touchEvery)
      for (const [id, { usedAt }] of due) {
        uses.delete(id)
        if (written.size >= cacheLimit) written.clear()
        written.set(id, usedAt)
      }
      try {
        await store.sessions.touch(due.map(([id, use]) => ({ id, ...use })))
      } catch (error) {
        log.warn({ err: error }, 'the last use of sessions could not be written')
      }
    },
  }
}

/** When a session ends if it is not used again. */
export function endOf({ lastSeenAt, expiresAt }: SessionRecord): number {
  return Math.min(lastSeenAt + idleLimit, expiresAt)
}

/** Made from the session's token, so that nothing more is kept; tells nothing of it. */
export function csrfTokenOf(token: string): string {
  return createHmac('sha256', token).update('mooring csrf 1').digest('base64url')
}

function callerOf(user: UserRecord): Caller {
  return {
    workspaceId: user.workspaceId,
    kind: 'user',
    id: user.id,
    name: user.name,
    role: user.role,
    connections: null,
  }
}
