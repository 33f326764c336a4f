/** Sealed values wherever they lie, by the columns that `store.ts` names (S-42). */
import { type RawBuilder, sql } from 'kysely'
import { type SealedCount, type SealedPlace, sealedPlaces, type Store } from '../store.ts'
import { sealedColumns, toBytes } from './columns.ts'
import type { Context } from './engine.ts'
import type { Schema } from './schema.ts'

type Table = keyof Schema
type BinaryColumn<T extends Table> = {
  [C in keyof Schema[T] & string]: Extract<Schema[T][C], Uint8Array> extends never ? never : `${T}.${C}`
}[keyof Schema[T] & string]

/** What is in each column of bytes: a new one does not compile until it stands here, and a sealed one in `sealedPlaces`. */
export const binaryColumns: {
  [C in { [T in Table]: BinaryColumn<T> }[Table]]: C extends `${SealedPlace['table']}.${SealedPlace['field']}`
    ? 'sealed'
    : 'data key' | 'open'
} = {
  'services.secrets': 'sealed',
  'authorizations.credential': 'sealed',
  'attempts.kept': 'sealed',
  'attempts.held_grant': 'sealed',
  'idempotency.body': 'sealed',
  'data_keys.wrapped': 'data key',
  'service_logos.bytes': 'open',
}

interface Columns {
  table: RawBuilder<unknown>
  value: RawBuilder<unknown>
  key: RawBuilder<unknown>
}

function columnsOf({ table, field }: SealedPlace): Columns {
  return { table: sql.table(table), value: sql.ref(field), key: sql.ref(`${field}_key`) }
}

export function sealed({ db }: Context): Store['sealed'] {
  const countAt = async (place: SealedPlace): Promise<SealedCount[]> => {
    const { table, value, key } = columnsOf(place)
    // Two queries, as each has its index.
    const keyed = await sql<{ key_id: string; count: number }>`
      select ${key} as key_id, count(*) as count from ${table} where ${key} is not null group by ${key} order by ${key}
    `.execute(db)
    const unkeyed = await sql<{ count: number }>`
      select count(*) as count from ${table} where ${value} is not null and ${key} is null
    `.execute(db)
    return [
      ...unkeyed.rows.map(({ count }) => ({ place, keyId: null, count })),
      ...keyed.rows.map((row) => ({ place, keyId: row.key_id, count: row.count })),
    ].filter(({ count }) => count > 0)
  }

  return {
    async under(place, keyId, after, limit) {
      const { table, value, key } = columnsOf(place)
      const under = keyId === null ? sql`${value} is not null and ${key} is null` : sql`${key} = ${keyId}`
      const { rows } = await sql<{ workspace_id: string; id: string; value: Uint8Array }>`
        select workspace_id, id, ${value} as value from ${table}
        where ${under} and id > ${after} order by id limit ${limit}
      `.execute(db)
      return rows.map((row) => ({ workspaceId: row.workspace_id, row: row.id, bytes: toBytes(row.value) }))
    },

    async replace(place, from, to) {
      const { table, value, key } = columnsOf(place)
      const columns = new Map(Object.entries(sealedColumns(place.field, to)))
      // No two sealings are alike, so equal bytes are the same sealing.
      const { numAffectedRows } = await sql`
        update ${table} set ${value} = ${columns.get(place.field)}, ${key} = ${columns.get(`${place.field}_key`)}
        where workspace_id = ${from.workspaceId} and id = ${from.row} and ${value} = ${from.bytes}
      `.execute(db)
      return (numAffectedRows ?? 0n) > 0n
    },

    async count() {
      const counts: SealedCount[] = []
      for (const place of sealedPlaces) counts.push(...(await countAt(place)))
      return counts
    },
  }
}
