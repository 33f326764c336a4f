/**
 * Places in the feeds of changes and events. Sequences are taken when a row is written and seen when it is committed, in
 * another order; who reads on from the highest one it has seen would miss what was committed later with a lower one. So a
 * reader first gives places to what is committed and has none, one reader at a time, and reads on by place.
 *
 * It rests on row locks and on a statement seeing what was committed before it began, and on nothing else: no snapshot
 * ids, advisory locks or gapless sequences, which some databases that speak PostgreSQL do not have.
 */
import { CompiledQuery, type RawBuilder, sql } from 'kysely'
import type { Db, Feeds } from './engine.ts'
import { channel } from './postgres_listen.ts'

type Feed = Parameters<Feeds['arrange']>[0]

const placedAtOnce = 1000

/**
 * One transaction without a begin, in one message: nobody can stand still in the middle of it with the lock in hand. Each
 * statement sees what was committed before it began, so the second one all that was placed by whoever had the lock before.
 */
function placing(feed: Feed): string {
  return [
    `select place from feed_heads where feed = '${feed}' for update`,
    `update ${feed} set place = head.place + waiting.rank
       from (select place from feed_heads where feed = '${feed}') as head,
         (select sequence, row_number() over (order by sequence) as rank from
           (select sequence from ${feed} where place is null order by sequence limit ${placedAtOnce}) as oldest
         ) as waiting
       where ${feed}.sequence = waiting.sequence`,
    `update feed_heads set place = greatest(place, (select max(place) from ${feed} where place > 0)) where feed = '${feed}'`,
  ].join('; ')
}

const place: Record<Feed, CompiledQuery> = {
  changes: CompiledQuery.raw(placing('changes')),
  events: CompiledQuery.raw(placing('events')),
}

export async function arrange(db: Db, feed: Feed): Promise<void> {
  const waits: RawBuilder<boolean> = sql<boolean>`exists (select 1 from ${sql.table(feed)} where place is null)`
  for (;;) {
    const { waiting } = await db.selectNoFrom(waits.as('waiting')).executeTakeFirstOrThrow()
    if (!waiting) return
    await db.executeQuery(place[feed])
    if (feed === 'changes') await wakeOthers(db)
  }
}

/** Once for all that was placed. Where it cannot be told, or is not heard, the others see it when they look. */
async function wakeOthers(db: Db): Promise<void> {
  await db.executeQuery(CompiledQuery.raw(`notify ${channel}`)).catch(() => undefined)
}
