/** What differs between the engines, and what the nouns share. */
import { type Kysely, type RawBuilder, type SqlBool, sql, type Transaction } from 'kysely'
import { type ChangeRecord, type Store, TakenError } from '../store.ts'
import type { Schema } from './schema.ts'

export type Db = Kysely<Schema>

/**
 * An engine is this object and a `Kysely` over it; everything else is the same for all. Its driver gives whole numbers
 * as numbers and binary columns as Uint8Array.
 */
export interface Engine {
  readonly name: Store['engine']
  /** The constraint or the columns that a unique rule names in this error; undefined where it is another error. */
  brokenUnique(error: unknown): string | undefined
  /** Whether a row could not go because others refer to it. */
  isReferenced(error: unknown): boolean
  /** Runs writes in one transaction, durable when this resolves. It may run them more than once, until one run holds. */
  atomically: Transact
  /** The same, as if nothing else ran meanwhile: what the work has read still holds when it writes. */
  alone: Transact
  /**
   * Runs writes in a transaction of their own that is atomic as any other, but whose last second may be lost in a power
   * cut (not in a crash of the process). Only for what may be lost.
   */
  relaxed: Transact
  /** Resolves when the database answers, soon; never waits for one that is away. */
  ping(): Promise<void>
  /** Whether rows are locked one by one, so that a query can pass over those that another is at. */
  locksRows: boolean
  feeds: Feeds
  close(): Promise<void>
}

type Transact = <T>(work: (db: Transaction<Schema>) => Promise<T>) => Promise<T>

/**
 * Changes and events are read on from a place. Where several write at once, a row with a lower sequence can be committed
 * after one with a higher sequence was read; such an engine gives places of their own to rows that can be seen.
 */
export interface Feeds {
  /** The column that rises in the order in which rows can be seen. */
  readonly place: 'sequence' | 'place'
  /** What stands in the column `place` of rows that no feed gives, so that nobody looks for a place for them. */
  readonly nowhere?: 0
  /** Gives a place to all that is committed by now. */
  arrange(feed: 'changes' | 'events'): Promise<void>
  /** See `Store.changes.watch`. */
  watch(wake: () => void): () => void
}

export interface Context {
  db: Db
  engine: Engine
}

/** Runs the work in the transaction that is open, or in a new one. */
export function atomically<T>({ db, engine }: Context, work: (db: Db) => Promise<T>): Promise<T> {
  return db.isTransaction ? work(db) : engine.atomically(work)
}

/** As `atomically`, where losing the newest writes in a power cut does no harm. */
export function relaxed<T>({ db, engine }: Context, work: (db: Db) => Promise<T>): Promise<T> {
  return db.isTransaction ? work(db) : engine.relaxed(work)
}

/** Tells the other processes what to drop from their caches. Belongs in the transaction of the write itself. */
export async function changed(db: Db, kind: ChangeRecord['kind'], objectId: string): Promise<void> {
  await db.insertInto('changes').values({ kind, object_id: objectId }).execute()
}

/** Columns of unique rules, and what the domain calls them. */
const uniqueNames: readonly [column: string, what: TakenError['what']][] = [
  ['link_name', 'link_name'],
  ['callback_id', 'callback_id'],
  ['email_folded', 'email'],
  ['users_email', 'email'],
  ['jobs.kind', 'job'],
  ['jobs_active', 'job'],
]

/** Turns a broken unique rule into a TakenError; other errors pass. */
export async function naming<T>(engine: Engine, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const broken = engine.brokenUnique(error)
    if (broken === undefined) throw error
    throw new TakenError(uniqueNames.find(([column]) => broken.includes(column))?.[1] ?? 'id', { cause: error })
  }
}

/**
 * A write that other processes must learn of, in one transaction with its change row; `write` says whether it changed
 * anything. Throws TakenError.
 */
export function telling(
  context: Context,
  kind: ChangeRecord['kind'],
  objectId: string,
  write: (db: Db) => Promise<boolean>,
): Promise<boolean> {
  return naming(context.engine, () =>
    atomically(context, async (trx) => {
      if (!(await write(trx))) return false
      await changed(trx, kind, objectId)
      return true
    }),
  )
}

/** An update of all fields of a record, as far as it has been written down. */
interface Update {
  where(condition: RawBuilder<SqlBool>): Update
  executeTakeFirst(): Promise<{ numUpdatedRows: bigint }>
}

/** Runs the update where the stored version is the one before the record's; false where it is not. */
export async function ifVersionFollows(
  update: Update,
  { workspaceId, id, version }: { workspaceId: string; id: string; version: number },
): Promise<boolean> {
  const { numUpdatedRows } = await update
    .where(sql<SqlBool>`workspace_id = ${workspaceId}`)
    .where(sql<SqlBool>`id = ${id}`)
    .where(sql<SqlBool>`version = ${version - 1}`)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** All who write several rows in one transaction lock them in the same order, so that no two wait for each other. */
export function inOrder<T extends { id: string }>(list: readonly T[]): T[] {
  return list.toSorted((one, other) => (one.id < other.id ? -1 : 1))
}

/** A list in parts that fit the engines' limits on bound values. */
export function* inParts<T>(list: readonly T[], size: number): Generator<T[]> {
  for (let start = 0; start < list.length; start += size) yield list.slice(start, start + size)
}
