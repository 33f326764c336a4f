import type { Selectable } from 'kysely'
import type { SessionRecord, Store } from '../store.ts'
import { type Context, inOrder, relaxed, telling } from './engine.ts'
import type { SessionTable } from './schema.ts'

function toRecord(row: Selectable<SessionTable>): SessionRecord {
  return {
    id: row.id,
    workspaceId: row.workspace_id,
    userId: row.user_id,
    tokenHash: row.token_hash,
    userAgent: row.user_agent,
    address: row.address,
    lastSeenAt: row.last_seen_at,
    expiresAt: row.expires_at,
    createdAt: row.created_at,
  }
}

export function sessions(context: Context): Store['sessions'] {
  const { db } = context

  return {
    async insert(record) {
      // Nobody holds a session in memory that was not there, so there is nothing to tell.
      const row = {
        workspace_id: record.workspaceId,
        id: record.id,
        user_id: record.userId,
        token_hash: record.tokenHash,
        user_agent: record.userAgent,
        address: record.address,
        last_seen_at: record.lastSeenAt,
        expires_at: record.expiresAt,
        created_at: record.createdAt,
      }
      await db.insertInto('sessions').values(row).execute()
    },

    async findByHash(tokenHash) {
      const row = await db.selectFrom('sessions').selectAll().where('token_hash', '=', tokenHash).executeTakeFirst()
      return row && toRecord(row)
    },

    async ofUser(workspaceId, userId, limit) {
      const rows = await db
        .selectFrom('sessions')
        .selectAll()
        .where('workspace_id', '=', workspaceId)
        .where('user_id', '=', userId)
        .orderBy('created_at', 'desc')
        .orderBy('id', 'desc')
        .limit(limit)
        .execute()
      return rows.map(toRecord)
    },

    delete: (workspaceId, userId, id) =>
      telling(context, 'session', id, async (trx) => {
        const { numDeletedRows } = await trx
          .deleteFrom('sessions')
          .where('workspace_id', '=', workspaceId)
          .where('id', '=', id)
          .where('user_id', '=', userId)
          .executeTakeFirst()
        return numDeletedRows > 0n
      }),

    async deleteOthers(workspaceId, userId, but) {
      await telling(context, 'user', userId, async (trx) => {
        const { numDeletedRows } = await trx
          .deleteFrom('sessions')
          .where('workspace_id', '=', workspaceId)
          .where('user_id', '=', userId)
          .where('id', '<>', but ?? '')
          .executeTakeFirst()
        return numDeletedRows > 0n
      })
    },

    async touch(uses) {
      if (uses.length === 0) return
      // As with API keys: a lost minute of "last seen" does no harm.
      await relaxed(context, async (trx) => {
        for (const { id, usedAt } of inOrder(uses)) {
          await trx
            .updateTable('sessions')
            .set({ last_seen_at: usedAt })
            .where('id', '=', id)
            .where('last_seen_at', '<', usedAt)
            .execute()
        }
        for (const { id, usedAt } of inOrder(uses.map((use) => ({ id: use.userId, usedAt: use.usedAt })))) {
          await trx
            .updateTable('users')
            .set({ last_seen_at: usedAt })
            .where('id', '=', id)
            .where((where) => where.or([where('last_seen_at', 'is', null), where('last_seen_at', '<', usedAt)]))
            .execute()
        }
      })
    },

    async prune(idleSince, now) {
      const ended = await db.deleteFrom('sessions').where('expires_at', '<=', now).executeTakeFirst()
      const idle = await db.deleteFrom('sessions').where('last_seen_at', '<', idleSince).executeTakeFirst()
      return Number(ended.numDeletedRows + idle.numDeletedRows)
    },
  }
}
