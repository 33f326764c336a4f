import type { GateRecord, Store } from '../store.ts'
import type { Context } from './engine.ts'
import type { ProviderGateTable } from './schema.ts'

export function providerGates({ db }: Context): Store['providerGates'] {
  return {
    async list(limit) {
      const rows = await db
        .selectFrom('provider_gates')
        .selectAll()
        .orderBy('updated_at', 'desc')
        .orderBy('id')
        .limit(limit)
        .execute()
      return rows.map(toGate)
    },

    async find(id) {
      const row = await db.selectFrom('provider_gates').selectAll().where('id', '=', id).executeTakeFirst()
      return row && toGate(row)
    },

    async put(record, expected) {
      const row = toRow(record)
      if (expected === null) {
        const { numInsertedOrUpdatedRows } = await db
          .insertInto('provider_gates')
          .values(row)
          .onConflict((conflict) => conflict.column('id').doNothing())
          .executeTakeFirst()
        return (numInsertedOrUpdatedRows ?? 0n) > 0n
      }
      const { numUpdatedRows } = await db
        .updateTable('provider_gates')
        .set(row)
        .where('id', '=', record.id)
        .where('version', '=', expected)
        .executeTakeFirst()
      return numUpdatedRows > 0n
    },

    async delete(id) {
      const { numDeletedRows } = await db.deleteFrom('provider_gates').where('id', '=', id).executeTakeFirst()
      return numDeletedRows > 0n
    },

    async prune(before) {
      const { numDeletedRows } = await db
        .deleteFrom('provider_gates')
        .where('updated_at', '<', before)
        .executeTakeFirst()
      return Number(numDeletedRows)
    },
  }
}

function toGate(row: ProviderGateTable): GateRecord {
  return {
    id: row.id,
    failures: row.failures,
    shutUntil: row.shut_until,
    probeUntil: row.probe_until,
    lastError: row.last_error,
    version: row.version,
    updatedAt: row.updated_at,
  }
}

function toRow(record: GateRecord): ProviderGateTable {
  return {
    id: record.id,
    failures: record.failures,
    shut_until: record.shutUntil,
    probe_until: record.probeUntil,
    last_error: record.lastError,
    version: record.version,
    updated_at: record.updatedAt,
  }
}
