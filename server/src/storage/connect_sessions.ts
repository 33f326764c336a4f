import type { Selectable } from 'kysely'
import type { ConnectSessionRecord, Store } from '../store.ts'
import { fromJson, toJson } from './columns.ts'
import type { Context } from './engine.ts'
import type { ConnectSessionTable } from './schema.ts'

function toRecord(row: Selectable<ConnectSessionTable>): ConnectSessionRecord {
  return {
    id: row.id,
    workspaceId: row.workspace_id,
    tokenHash: row.token_hash,
    bindingHash: row.binding_hash,
    user: row.for_user,
    userName: row.user_name,
    userEmail: row.user_email,
    connections: fromJson(row.connections),
    returnTo: row.return_to,
    madeBy: row.made_by,
    expiresAt: row.expires_at,
    createdAt: row.created_at,
  }
}

export function connectSessions({ db }: Context): Store['connectSessions'] {
  const all = () => db.selectFrom('connect_sessions').selectAll()

  return {
    async insert(record) {
      const row = {
        workspace_id: record.workspaceId,
        id: record.id,
        token_hash: record.tokenHash,
        binding_hash: record.bindingHash,
        for_user: record.user,
        user_name: record.userName,
        user_email: record.userEmail,
        connections: toJson(record.connections),
        return_to: record.returnTo,
        made_by: record.madeBy,
        expires_at: record.expiresAt,
        created_at: record.createdAt,
      }
      await db.insertInto('connect_sessions').values(row).execute()
    },

    async findByToken(tokenHash) {
      const row = await all().where('token_hash', '=', tokenHash).executeTakeFirst()
      return row && toRecord(row)
    },

    async find(workspaceId, id) {
      const row = await all().where('workspace_id', '=', workspaceId).where('id', '=', id).executeTakeFirst()
      return row && toRecord(row)
    },

    async bind(workspaceId, id, bindingHash) {
      const { numUpdatedRows } = await db
        .updateTable('connect_sessions')
        .set({ binding_hash: bindingHash })
        .where('workspace_id', '=', workspaceId)
        .where('id', '=', id)
        .where((row) => row.or([row('binding_hash', 'is', null), row('binding_hash', '=', bindingHash)]))
        .executeTakeFirst()
      return numUpdatedRows > 0n
    },

    async prune(before) {
      const { numDeletedRows } = await db
        .deleteFrom('connect_sessions')
        .where('expires_at', '<=', before)
        .executeTakeFirst()
      return Number(numDeletedRows)
    },
  }
}
