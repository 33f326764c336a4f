/** What connecting learned from a provider: it belongs to the authorization, since each user's may be another. */
import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

export function learned(): Migration {
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      await sql`alter table authorizations add column learned text not null default '{}'`.execute(db)
    },
  }
}
