/** API keys: 256 random bits, shown once, stored hashed (S-45). */
import { timingSafeEqual } from 'node:crypto'
import type { ApiKey, ApiKeyInput, CreatedApiKey } from '@mooring/contract'
import { invalid, MooringError, notFound } from '../errors.ts'
import { event } from '../events/event.ts'
import { newId, randomToken, tokenHash } from '../ids.ts'
import type { ApiKeyRecord, PageOf, PageRequest, Store } from '../store.ts'
import { actorOf, type Caller, demandOwner } from './caller.ts'
import type { Limits, Peer } from './limits.ts'

const cacheLimit = 10_000
/** A key in constant use has its last use written this often, in milliseconds. */
const touchEvery = 30_000

export interface Keys {
  /** From an Authorization header. Throws unauthenticated; rate_limited where `peer` has tried too often. */
  authenticate(authorization: string | undefined, peer: Peer): Caller | Promise<Caller>
  create(caller: Caller, input: ApiKeyInput): Promise<CreatedApiKey>
  list(caller: Caller, page: PageRequest): Promise<PageOf<ApiKey>>
  /**
   * A new key with the same name, rights and length of life; the old one ends after `graceSeconds`. Throws not_found,
   * forbidden for an owner's key and for one that was replaced before.
   */
  roll(caller: Caller, id: string, graceSeconds: number): Promise<CreatedApiKey>
  delete(caller: Caller, id: string): Promise<void>
  drop(id: string): void
  clear(): void
  /** Writes when keys were last used. Never throws. */
  flush(everything: boolean): Promise<void>
}

interface Entry {
  caller: Caller
  hash: Buffer
  expiresAt: number | null
}

export function createKeys({
  store,
  limits,
  now,
  log,
}: {
  store: Store
  limits: Pick<Limits, 'stranger' | 'patient'>
  now: () => number
  log: { warn: (facts: object, message: string) => void }
}): Keys {
  const entries = new Map<string, Entry>()
  const uses = new Map<string, number>()
  const written = new Map<string, number>()
  let drops = 0

  const accept = (entry: Entry): Caller => {
    const at = now()
    if (entry.expiresAt !== null && entry.expiresAt <= at) throw refused('The API key has expired.')
    uses.set(entry.caller.id, at)
    return entry.caller
  }

  const load = async (hash: string, peer: Peer): Promise<Caller> => {
    const begun = drops
    const record = await store.apiKeys.findByHash(hash)
    if (record === undefined || !timingSafeEqual(Buffer.from(record.hash), Buffer.from(hash))) {
      limits.stranger(peer)
      throw refused('The API key is unknown or was deleted.')
    }
    const entry: Entry = { caller: callerOf(record), hash: Buffer.from(hash), expiresAt: record.expiresAt }
    if (drops === begun) {
      if (entries.size >= cacheLimit) entries.clear()
      entries.set(hash, entry)
    }
    return accept(entry)
  }

  return {
    authenticate(authorization, peer) {
      const key =
        authorization !== undefined && /^bearer /i.test(authorization) ? authorization.slice(7).trim() : undefined
      if (key === undefined || !key.startsWith('mk_')) {
        limits.stranger(peer)
        throw refused('Send an API key as "Authorization: Bearer mk_…".')
      }
      const hash = tokenHash(key)
      const entry = entries.get(hash)
      if (entry !== undefined) return accept(entry)
      // Whoever guesses does not get to ask the store each time.
      limits.patient(peer)
      return load(hash, peer)
    },

    async create(caller, input) {
      const at = now()
      const expiresAt = input.expiresAt === undefined ? null : Date.parse(input.expiresAt)
      if (expiresAt !== null && expiresAt <= at)
        throw invalid([{ path: 'expiresAt', code: 'in_the_past', message: 'Choose a time to come, or leave it out.' }])
      if (input.role === 'invoke' && (input.connections === undefined || input.connections.length === 0)) {
        throw invalid([
          {
            path: 'connections',
            code: 'required',
            message: 'An invoke key names the connections it may call through.',
          },
        ])
      }
      if (input.role === 'owner') demandOwner(caller, 'makes another owner key')
      const key = `mk_${randomToken(32)}`
      const record: ApiKeyRecord = {
        ...newKey(key, at),
        workspaceId: caller.workspaceId,
        name: input.name,
        role: input.role,
        connections: input.connections ?? null,
        createdBy: actorOf(caller),
        replacedBy: null,
        expiresAt,
        lastUsedAt: null,
      }
      await store.transaction(async (inside) => {
        await inside.apiKeys.insert(record)
        await inside.events.append([
          event(caller.workspaceId, at, 'api_key.created', {
            actor: actorOf(caller),
            cause: 'asked for',
            detail: `${record.name} with role ${record.role}.`,
          }),
        ])
      })
      return { ...reply(record), key }
    },

    async list(caller, page) {
      const { items, nextCursor } = await store.apiKeys.list(caller.workspaceId, page)
      return { items: items.map(reply), nextCursor }
    },

    async roll(caller, id, graceSeconds) {
      const at = now()
      const key = `mk_${randomToken(32)}`
      const made = await store.transaction(async (inside) => {
        const old = await inside.apiKeys.find(caller.workspaceId, id)
        if (old === undefined) throw notFound('API key')
        if (old.role === 'owner') demandOwner(caller, 'rolls an owner key')
        const record: ApiKeyRecord = {
          ...old,
          ...newKey(key, at),
          createdBy: actorOf(caller),
          expiresAt: old.expiresAt === null ? null : at + (old.expiresAt - old.createdAt),
          lastUsedAt: null,
        }
        const end = Math.min(old.expiresAt ?? Infinity, at + graceSeconds * 1000)
        if (!(await inside.apiKeys.replace(caller.workspaceId, id, { by: record.id, expiresAt: end }))) {
          throw new MooringError('forbidden', {
            detail: `This key was replaced by ${old.replacedBy ?? 'another'} already.`,
            hint: 'Roll the key that replaced it.',
          })
        }
        await inside.apiKeys.insert(record)
        await inside.events.append([
          event(caller.workspaceId, at, 'api_key.created', {
            actor: actorOf(caller),
            cause: 'rolled',
            detail: `${record.name} with role ${record.role}, in place of ${old.id}.`,
          }),
        ])
        return record
      })
      return { ...reply(made), key }
    },

    async delete(caller, id) {
      await store.transaction(async (inside) => {
        const record = await inside.apiKeys.find(caller.workspaceId, id)
        if (record === undefined) throw notFound('API key')
        if (record.role === 'owner') demandOwner(caller, 'deletes an owner key')
        await inside.apiKeys.delete(caller.workspaceId, id)
        await inside.events.append([
          event(caller.workspaceId, now(), 'api_key.deleted', {
            actor: actorOf(caller),
            cause: 'asked for',
            detail: `${record.name} with role ${record.role}.`,
          }),
        ])
      })
    },

    drop(id) {
      drops++
      for (const [hash, entry] of entries) if (entry.caller.id === id) entries.delete(hash)
    },
    clear() {
      drops++
      entries.clear()
    },

    async flush(everything) {
      const all = everything || uses.size > cacheLimit
      const due = [...uses].filter(([id, usedAt]) => all || usedAt - (written.get(id) ?? 0) >= touchEvery)
      for (const [id, usedAt] of due) {
        uses.delete(id)
        if (written.size >= cacheLimit) written.clear()
        written.set(id, usedAt)
      }
      if (due.length === 0) return
      try {
        await store.apiKeys.touch(due.map(([id, usedAt]) => ({ id, usedAt })))
      } catch (error) {
        log.warn({ err: error }, 'the last use of API keys could not be written')
      }
    },
  }
}

/** Makes an owner's key with this text, unless it is there already. */
export async function ensureOwner(
  store: Store,
  owner: { workspaceId: string; key: string; name: string },
  at: number,
): Promise<void> {
  const hash = tokenHash(owner.key)
  if ((await store.apiKeys.findByHash(hash)) !== undefined) return
  try {
    await store.apiKeys.insert({
      ...newKey(owner.key, at),
      workspaceId: owner.workspaceId,
      name: owner.name,
      role: 'owner',
      connections: null,
      createdBy: null,
      replacedBy: null,
      expiresAt: null,
      lastUsedAt: null,
    })
  } catch (error) {
    // Another process of the same start was first.
    if ((await store.apiKeys.findByHash(hash)) === undefined) throw error
  }
}

/** What follows from the key itself and the moment it is made. */
function newKey(key: string, at: number): Pick<ApiKeyRecord, 'id' | 'prefix' | 'hash' | 'createdAt'> {
  return { id: newId('key', at), prefix: key.slice(0, 7), hash: tokenHash(key), createdAt: at }
}

function callerOf(record: ApiKeyRecord): Caller {
  return {
    workspaceId: record.workspaceId,
    kind: 'api_key',
    id: record.id,
    name: record.name,
    role: record.role,
    connections: record.connections === null ? null : new Set(record.connections),
  }
}

function reply(record: ApiKeyRecord): ApiKey {
  const { id, name, role, prefix, createdBy, replacedBy, connections } = record
  const instant = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString())
  return {
    id,
    name,
    role,
    prefix,
    createdBy,
    replacedBy,
    connections,
    expiresAt: instant(record.expiresAt),
    lastUsedAt: instant(record.lastUsedAt),
    createdAt: new Date(record.createdAt).toISOString(),
  }
}

function refused(detail: string): MooringError {
  return new MooringError('unauthenticated', { detail, hint: 'Create a key with: mooring keys create.' })
}
