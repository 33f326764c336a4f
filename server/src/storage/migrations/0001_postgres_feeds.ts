/**
 * On PostgreSQL alone: places in the feeds. Several write there at once, and a row with a lower sequence may be committed
 * after one with a higher sequence was read; a place is given to what is committed already (see `postgres_feeds.ts`).
 */
import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

const statements = [
  sql`alter table changes add column place bigint`,
  sql`create index changes_by_place on changes (place) where place > 0`,
  sql`create index changes_unplaced on changes (sequence) where place is null`,

  // 0: in no feed, as calls are. A condition on the type would have the planner think that many rows wait for a place.
  sql`alter table events add column place bigint`,
  sql`update events set place = 0 where type = 'connection.invoked'`,
  sql`create index events_by_place on events (place) where place > 0`,
  sql`create index events_unplaced on events (sequence) where place is null`,
  sql`drop index events_of_workspace`,
  sql`create index events_of_workspace on events (workspace_id, place) where place > 0`,

  // The last place that was given. Who gives places holds the row, so that they rise as they can be seen.
  sql`create table feed_heads (feed text primary key, place bigint not null)`,
  sql`insert into feed_heads (feed, place) values ('changes', 0), ('events', 0)`,
]

export const postgresFeeds: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await statement.execute(db)
  },
}
