/**
 * The store in a PostgreSQL database, shared by any number of servers. What is durable is committed on the disk of the
 * server, and of its synchronous standbys, when it resolves (`synchronous_commit=on`).
 */
import { setTimeout as delay } from 'node:timers/promises'
import { Kysely, sql } from 'kysely'
import type { DatabaseTarget } from '../database_url.ts'
import { type DataKeyRecord, StoreAwayError, type Store } from '../store.ts'
import { toDataKey } from './data_keys.ts'
import type { Db, Engine } from './engine.ts'
import { postgresDialect, UnknownOutcomeError } from './postgres_dialect.ts'
import { asAway, brokenUnique, hasBrokenUnique, isConflict, isLost, isReferenced, reasonOf } from './postgres_errors.ts'
import { arrange } from './postgres_feeds.ts'
import { createListener } from './postgres_listen.ts'
import { examine, isBeingFilled, migrate } from './postgres_migrate.ts'
import { openPool, type PostgresPool } from './postgres_pool.ts'
import { createTurns } from './postgres_turns.ts'
import { createStore } from './queries.ts'
import type { Schema } from './schema.ts'

export interface PostgresOptions {
  target: DatabaseTarget
  /** The most connections of this process, one for listening not counted. */
  connections: number
  /** Certificates to trust besides the public ones, PEM. */
  trusted?: string | null | undefined
  /** Given the data keys of a database that holds some, before anything is written to it. What it throws ends the opening. */
  judge?: ((dataKeys: DataKeyRecord[]) => void) | undefined
  /** Told of each migration that ran. */
  log?: ((message: string) => void) | undefined
}

/** How long a query waits for a server that is away, and a transaction for its turn, in milliseconds. */
const patience = 4000
/** The same at the start, when the database may be starting too. */
const openPatience = 15_000
/** Whoever asks whether we are ready wants to know now. */
const pingPatience = 2000

/**
 * Throws an Error of one line that names the database where it cannot be used: out of reach, another program's, or
 * written by a newer version.
 */
export async function openPostgres(options: PostgresOptions): Promise<Store> {
  const { target, connections, trusted = null, judge, log } = options
  const pool = openPool({ target, trusted, connections, bounded: true })
  try {
    const opening = new Kysely<Schema>({ dialect: postgresDialect({ pool, patience: openPatience }) })
    const found = await naming(target, () => examine(opening, target.shown))
    judge?.(found === 'empty' ? [] : await readDataKeys(opening))
    if (found !== 'current') await withoutBounds(options, (db) => migrate(db, target.shown, log))
    if (await isBeingFilled(opening))
      throw new Error(
        `${target.shown} is being filled by "mooring migrate"; let it end, or repeat it where it was cut short`,
      )
  } catch (error) {
    await pool.end()
    throw error
  }
  const db = new Kysely<Schema>({ dialect: postgresDialect({ pool, patience }) })
  return createStore({ db, engine: postgresEngine(db, pool) })
}

/** As they are, whatever the version that wrote them. */
async function readDataKeys(db: Kysely<Schema>): Promise<DataKeyRecord[]> {
  const rows = await db.selectFrom('data_keys').selectAll().orderBy('created_at').orderBy('id').execute()
  return rows.map(toDataKey)
}

/** Where the database cannot be used, an Error of one line that names it and says why. */
async function naming<T>({ shown }: DatabaseTarget, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof StoreAwayError)) throw error
    throw new Error(`${shown} cannot be used: ${reasonOf(error)}`, { cause: error })
  }
}

/** Work that takes as long as it takes, over a connection of its own. */
export async function withoutBounds<T>(
  { target, trusted = null }: Pick<PostgresOptions, 'target' | 'trusted'>,
  work: (db: Kysely<Schema>) => Promise<T>,
): Promise<T> {
  const pool = openPool({ target, trusted, connections: 1, bounded: false })
  const db = new Kysely<Schema>({ dialect: postgresDialect({ pool, patience: openPatience }) })
  try {
    return await naming(target, () => work(db))
  } finally {
    await pool.end()
  }
}

export function postgresEngine(db: Db, pool: PostgresPool): Engine {
  const listener = createListener(pool)
  const turns = createTurns()
  const arranging = {
    changes: together(() => arrange(db, 'changes')),
    events: together(() => arrange(db, 'events')),
  }
  let closing: Promise<void> | undefined

  async function close(): Promise<void> {
    await listener.end()
    await pool.end()
  }

  async function ping(): Promise<void> {
    const client = await pool.acquire(0)
    try {
      await client.query('select 1 from change_horizon')
      client.release()
    } catch (error) {
      client.release(true)
      throw asAway(error)
    }
  }

  return {
    name: 'postgres',
    brokenUnique,
    isReferenced,

    // Each of ours locks what it writes by the write itself, and looks at nothing else first.
    atomically: (work) => repeatedly(() => db.transaction().execute(work), isConflict),

    async alone(work) {
      const run = () => db.transaction().setIsolationLevel('serializable').execute(work)
      let taken = false
      const inTheWay = (error: unknown): boolean => {
        // Two that looked for a free name at once took the same: the second one looks again.
        const first = !taken && hasBrokenUnique(error)
        taken ||= first
        return first || isConflict(error)
      }
      if (!turns.taken()) {
        try {
          return await repeatedly(run, () => false)
        } catch (error) {
          if (!inTheWay(error)) throw error
        }
      }
      return turns.take(() => repeatedly(run, inTheWay), patience)
    },

    relaxed: (work) =>
      repeatedly(
        () =>
          db.transaction().execute(async (trx) => {
            await sql`set local synchronous_commit = off`.execute(trx)
            return work(trx)
          }),
        isConflict,
      ),

    async ping() {
      const late = new AbortController()
      try {
        await Promise.race([
          ping(),
          delay(pingPatience, undefined, { signal: late.signal }).then(() => {
            throw new StoreAwayError('the database does not answer')
          }),
        ])
      } finally {
        late.abort()
      }
    },

    locksRows: true,
    feeds: { place: 'place', nowhere: 0, arrange: (feed) => arranging[feed](), watch: (wake) => listener.watch(wake) },
    close: () => (closing ??= close()),
  }
}

/** Whoever asks while it runs shares the next run, which begins after their asking: many readers cost no more than one. */
function together(run: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined
  let next: Promise<void> | undefined
  const begin = (): Promise<void> => {
    next = undefined
    running = run().finally(() => (running = undefined))
    return running
  }
  return () => {
    if (running === undefined) return begin()
    next ??= running.then(begin, begin)
    return next
  }
}

/**
 * Runs a transaction until it goes through: where the connection was lost before the commit, nothing of it is stored. So
 * too where another was in the way, which `inTheWay` says of an error.
 */
async function repeatedly<T>(run: () => Promise<T>, inTheWay: (error: unknown) => boolean): Promise<T> {
  const deadline = performance.now() + patience
  for (let pause = 2; ; pause = Math.min(2 * pause, 50)) {
    try {
      return await run()
    } catch (error) {
      const undone = !(error instanceof UnknownOutcomeError) && (isLost(error) || inTheWay(error))
      if (!undone || performance.now() > deadline) throw error
    }
    await delay(pause * Math.random())
  }
}
