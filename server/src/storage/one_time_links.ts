import type { Selectable } from 'kysely'
import type { OneTimeLinkRecord, Store } from '../store.ts'
import type { Context } from './engine.ts'
import { newestFirst } from './page.ts'
import type { OneTimeLinkTable } from './schema.ts'
import { fold } from './search.ts'

function toRecord(row: Selectable<OneTimeLinkTable>): OneTimeLinkRecord {
  return {
    id: row.id,
    workspaceId: row.workspace_id,
    kind: row.kind,
    tokenHash: row.token_hash,
    userId: row.user_id,
    email: row.email,
    name: row.name,
    role: row.role,
    madeBy: row.made_by,
    expiresAt: row.expires_at,
    createdAt: row.created_at,
  }
}

export function oneTimeLinks({ db }: Context): Store['oneTimeLinks'] {
  const invitations = (workspaceId: string, now: number) =>
    db
      .selectFrom('one_time_links')
      .selectAll()
      .where('workspace_id', '=', workspaceId)
      .where('kind', '=', 'invitation')
      .where('expires_at', '>', now)

  return {
    async insert(record) {
      const row = {
        workspace_id: record.workspaceId,
        id: record.id,
        kind: record.kind,
        token_hash: record.tokenHash,
        user_id: record.userId,
        email: record.email,
        email_folded: record.email === null ? null : fold(record.email),
        name: record.name,
        role: record.role,
        made_by: record.madeBy,
        expires_at: record.expiresAt,
        created_at: record.createdAt,
      }
      await db.insertInto('one_time_links').values(row).execute()
    },

    async findByHash(tokenHash) {
      const row = await db
        .selectFrom('one_time_links')
        .selectAll()
        .where('token_hash', '=', tokenHash)
        .executeTakeFirst()
      return row && toRecord(row)
    },

    async find(workspaceId, id) {
      const row = await db
        .selectFrom('one_time_links')
        .selectAll()
        .where('workspace_id', '=', workspaceId)
        .where('id', '=', id)
        .executeTakeFirst()
      return row && toRecord(row)
    },

    invitations: async (workspaceId, now, page) => newestFirst(invitations(workspaceId, now), page, toRecord),

    async invitationFor(workspaceId, email, now) {
      const row = await invitations(workspaceId, now)
        .where('email_folded', '=', fold(email))
        .orderBy('created_at', 'desc')
        .orderBy('id', 'desc')
        .executeTakeFirst()
      return row && toRecord(row)
    },

    async take(workspaceId, id) {
      const { numDeletedRows } = await db
        .deleteFrom('one_time_links')
        .where('workspace_id', '=', workspaceId)
        .where('id', '=', id)
        .executeTakeFirst()
      return numDeletedRows > 0n
    },

    async deleteAll(workspaceId, kind, userId) {
      const all = db.deleteFrom('one_time_links').where('workspace_id', '=', workspaceId).where('kind', '=', kind)
      await (userId === null ? all : all.where('user_id', '=', userId)).execute()
    },

    async prune(now) {
      const { numDeletedRows } = await db.deleteFrom('one_time_links').where('expires_at', '<=', now).executeTakeFirst()
      return Number(numDeletedRows)
    },
  }
}
