/** Backups of a PostgreSQL database over an ordinary connection, and databases filled from them: no tool of its own is needed. */
import { type Kysely, sql } from 'kysely'
import type { DatabaseTarget } from '../../database_url.ts'
import { withoutBounds } from '../postgres.ts'
import { examine, isBeingFilled, migrate, migrationNames, migrationsDone } from '../postgres_migrate.ts'
import type { Schema } from '../schema.ts'
import { BackupError, type Value } from './file.ts'
import type { Place } from './place.ts'

export function postgresPlace(target: DatabaseTarget, trusted: string | null): Place {
  const { shown } = target
  const at = { target, trusted }

  const demandEmpty = async (db: Kysely<Schema>): Promise<void> => {
    if ((await examine(db, shown)) === 'empty') return
    const holds = await db.selectFrom('workspaces').select('id').limit(1).execute()
    if (holds.length > 0 || (await isBeingFilled(db)))
      throw new BackupError(`${shown} holds an installation already, and is left as it is`)
  }

  return {
    engine: 'postgres',
    shown,
    reading: (work) =>
      withoutBounds(at, async (db) => {
        if ((await examine(db, shown)) === 'empty')
          throw new BackupError(`${shown} is empty: there is nothing to back up`)
        return db.transaction().setIsolationLevel('repeatable read').setAccessMode('read only').execute(work)
      }),
    demandEmpty: () => withoutBounds(at, demandEmpty),
    filling: (work) =>
      withoutBounds(at, async (db) => {
        await demandEmpty(db)
        await migrate(db, shown)
        await db.transaction().execute(async (trx) => {
          await work(trx)
          await goOn(trx)
        })
      }),
    migrations: async (db) => ((await migrationsDone(db)) ?? []).filter((name) => migrationNames.includes(name)),
    // The feed goes on from where its readers are: what was a sequence is the place.
    besides(table, row): Record<string, Value> {
      if (table !== 'events') return {}
      return { place: row['type'] === 'connection.invoked' ? null : (row['sequence'] ?? null) }
    },
  }
}

/** Numbers go on behind those that were restored, and the feed of events from its last one. */
async function goOn(db: Kysely<Schema>): Promise<void> {
  const { rows } = await sql<{ last: number }>`select coalesce(max(sequence), 0) as last from events`.execute(db)
  const last = rows[0]?.last ?? 0
  await sql`alter table events alter column sequence restart with ${sql.lit(last + 1)}`.execute(db)
  await sql`update feed_heads set place = ${last} where feed = 'events'`.execute(db)
}
