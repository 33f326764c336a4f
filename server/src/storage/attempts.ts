import { type Selectable, sql } from 'kysely'
import type { AttemptRecord, Store } from '../store.ts'
import { fromJson, fromJsonOrNull, sealedColumns, toBytesOrNull, toJson, toJsonOrNull } from './columns.ts'
import { type Context, ifVersionFollows, naming } from './engine.ts'
import { newestFirst } from './page.ts'
import type { AttemptTable } from './schema.ts'

function toRecord(row: Selectable<AttemptTable>): AttemptRecord {
  return {
    id: row.id,
    workspaceId: row.workspace_id,
    serviceId: row.service_id,
    connectionId: row.connection_id,
    user: row.for_user,
    state: row.state,
    steps: fromJson(row.steps),
    diagnosis: fromJsonOrNull(row.diagnosis),
    tokenHash: row.token_hash,
    correlationHash: row.correlation_hash,
    bindingHash: row.binding_hash,
    kept: toBytesOrNull(row.kept),
    scopes: fromJson(row.scopes),
    returnTo: row.return_to,
    actor: row.actor,
    begunBy: row.begun_by,
    question: fromJsonOrNull(row.question),
    heldGrant: toBytesOrNull(row.held_grant),
    connectSessionId: row.connect_session_id,
    pollAt: row.poll_at,
    version: row.version,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
  }
}

/** All columns but the key. */
function toColumns(record: AttemptRecord) {
  return {
    service_id: record.serviceId,
    connection_id: record.connectionId,
    for_user: record.user,
    state: record.state,
    steps: toJson(record.steps),
    diagnosis: toJsonOrNull(record.diagnosis),
    token_hash: record.tokenHash,
    correlation_hash: record.correlationHash,
    binding_hash: record.bindingHash,
    ...sealedColumns('kept', record.kept),
    scopes: toJson(record.scopes),
    return_to: record.returnTo,
    actor: record.actor,
    begun_by: record.begunBy,
    question: toJsonOrNull(record.question),
    ...sealedColumns('held_grant', record.heldGrant),
    connect_session_id: record.connectSessionId,
    poll_at: record.pollAt,
    version: record.version,
    created_at: record.createdAt,
    expires_at: record.expiresAt,
  }
}

export function attempts({ db, engine }: Context): Store['attempts'] {
  const all = () => db.selectFrom('attempts').selectAll()

  return {
    async insert(record) {
      const row = { workspace_id: record.workspaceId, id: record.id, ...toColumns(record) }
      await naming(engine, () => db.insertInto('attempts').values(row).execute())
    },

    update: (record) => ifVersionFollows(db.updateTable('attempts').set(toColumns(record)), record),

    async find(connectionId, id) {
      const row = await all().where('connection_id', '=', connectionId).where('id', '=', id).executeTakeFirst()
      return row && toRecord(row)
    },

    async findByToken(tokenHash) {
      const row = await all().where('token_hash', '=', tokenHash).executeTakeFirst()
      return row && toRecord(row)
    },

    async findByCorrelation(correlationHash) {
      const rows = await all().where('correlation_hash', '=', correlationHash).limit(10).execute()
      return rows.map(toRecord)
    },

    async list(connectionId, page) {
      return newestFirst(all().where('connection_id', '=', connectionId), page, toRecord)
    },

    async due(now, limit) {
      const rows = await all()
        .where('poll_at', '<=', now)
        .where('state', '=', sql.lit('waiting' as const))
        .where('expires_at', '>', now)
        .orderBy('poll_at')
        .limit(limit)
        .execute()
      return rows.map(toRecord)
    },

    async expire(now) {
      const { numUpdatedRows } = await db
        .updateTable('attempts')
        .set((set) => ({
          state: 'expired',
          ...sealedColumns('kept', null),
          question: null,
          ...sealedColumns('held_grant', null),
          poll_at: null,
          version: set('version', '+', 1),
        }))
        .where('state', '=', sql.lit('waiting' as const))
        .where('expires_at', '<=', now)
        .executeTakeFirst()
      return Number(numUpdatedRows)
    },
  }
}
