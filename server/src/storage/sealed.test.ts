import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, expect, test } from 'vitest'
import { sealedPlaces } from '../store.ts'
import { binaryColumns } from './sealed.ts'
import { openSqlite } from './sqlite.ts'

const folder = mkdtempSync(join(tmpdir(), 'mooring-sealed-'))
afterAll(() => rmSync(folder, { recursive: true }))

interface Column {
  name: string
  type: string
}

test('S-42 every column of bytes in the database is known, and every sealed one is declared with its key beside it', async () => {
  const path = join(folder, 'schema.sqlite')
  await (await openSqlite({ path })).close()
  const database = new Database(path)
  const tables = database
    .prepare<[], string>(`select name from sqlite_master where type = 'table' and name not like 'sqlite_%'`)
    .pluck()
    .all()
  const columns = (table: string): Column[] =>
    database.prepare<[string], Column>('select name, type from pragma_table_info(?)').all(table)
  const binary = tables.flatMap((table) =>
    columns(table)
      .filter(({ type }) => /blob|^$/i.test(type))
      .map(({ name }) => `${table}.${name}`),
  )
  expect(binary.toSorted()).toEqual(Object.keys(binaryColumns).toSorted())
  const declared = sealedPlaces.map(({ table, field }) => `${table}.${field}`)
  const known = Object.entries(binaryColumns)
  expect(
    known
      .filter(([, holds]) => holds === 'sealed')
      .map(([name]) => name)
      .toSorted(),
  ).toEqual(declared.toSorted())
  for (const { table, field } of sealedPlaces) {
    const references = database
      .prepare<[string]>('select "from", "table", "to" from pragma_foreign_key_list(?)')
      .all(table)
    expect(references).toContainEqual({ from: `${field}_key`, table: 'data_keys', to: 'id' })
    expect(columns(table).map(({ name }) => name)).toEqual(expect.arrayContaining(['workspace_id', 'id']))
  }
  database.close()
})
