import { type Selectable, sql } from 'kysely'
import type { Store, UserRecord } from '../store.ts'
import { toFlag } from './columns.ts'
import { type Context, ifVersionFollows, telling } from './engine.ts'
import { newestFirst } from './page.ts'
import type { UserTable } from './schema.ts'
import { fold } from './search.ts'

function toRecord(row: Selectable<UserTable>): UserRecord {
  return {
    id: row.id,
    workspaceId: row.workspace_id,
    name: row.name,
    email: row.email,
    role: row.role,
    active: row.active === 1,
    passwordHash: row.password_hash,
    identity: row.identity_key,
    lastSeenAt: row.last_seen_at,
    version: row.version,
    createdAt: row.created_at,
  }
}

/** All columns but the key and when they were last seen. */
function toColumns(record: UserRecord) {
  return {
    name: record.name,
    email: record.email,
    email_folded: fold(record.email),
    role: record.role,
    active: toFlag(record.active),
    password_hash: record.passwordHash,
    identity_key: record.identity,
    version: record.version,
    created_at: record.createdAt,
  }
}

export function users(context: Context): Store['users'] {
  const { db } = context
  const inWorkspace = (workspaceId: string) => db.selectFrom('users').where('workspace_id', '=', workspaceId)
  const countOf = (rows: ReturnType<typeof inWorkspace>) =>
    rows.select((select) => select.fn.countAll<number>().as('count')).executeTakeFirstOrThrow()

  return {
    async insert(record) {
      const key = { workspace_id: record.workspaceId, id: record.id, last_seen_at: record.lastSeenAt }
      await telling(context, 'user', record.id, async (trx) => {
        await trx
          .insertInto('users')
          .values({ ...key, ...toColumns(record) })
          .execute()
        return true
      })
    },

    update: (record) =>
      telling(context, 'user', record.id, (trx) =>
        ifVersionFollows(trx.updateTable('users').set(toColumns(record)), record),
      ),

    async find(workspaceId, id) {
      const row = await inWorkspace(workspaceId).selectAll().where('id', '=', id).executeTakeFirst()
      return row && toRecord(row)
    },

    async findByEmail(workspaceId, email) {
      const row = await inWorkspace(workspaceId).selectAll().where('email_folded', '=', fold(email)).executeTakeFirst()
      return row && toRecord(row)
    },

    async findByIdentity(workspaceId, identity) {
      const row = await inWorkspace(workspaceId).selectAll().where('identity_key', '=', identity).executeTakeFirst()
      return row && toRecord(row)
    },

    list: async (workspaceId, page) => newestFirst(inWorkspace(workspaceId).selectAll(), page, toRecord),

    delete: (workspaceId, id) =>
      telling(context, 'user', id, async (trx) => {
        const { numDeletedRows } = await trx
          .deleteFrom('users')
          .where('workspace_id', '=', workspaceId)
          .where('id', '=', id)
          .executeTakeFirst()
        return numDeletedRows > 0n
      }),

    count: async (workspaceId) => (await countOf(inWorkspace(workspaceId))).count,

    countActive: async (workspaceId, role) =>
      (
        await countOf(
          inWorkspace(workspaceId)
            .where('role', '=', role)
            .where(sql<boolean>`active = 1`),
        )
      ).count,
  }
}
