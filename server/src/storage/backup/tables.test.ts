import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, onTestFinished, test } from 'vitest'
import { openSqlite } from '../sqlite.ts'
import { keptTables } from './tables.ts'

test('every table is kept by its primary key, those that others refer to first, or left out on purpose', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mooring-tables-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'schema.sqlite')
  await (await openSqlite({ path })).close()
  const file = new Database(path)
  onTestFinished(() => void file.close())
  const names = file
    .prepare<[], string>(`select name from sqlite_master where type = 'table' and name not like 'sqlite_%'`)
    .pluck()
    .all()
  const kept = keptTables.map(({ name }) => name)
  expect(names.filter((name) => !kept.some((one) => one === name)).toSorted()).toEqual([
    'change_horizon',
    'changes',
    'connect_sessions',
    'idempotency',
    'kysely_migration',
    'kysely_migration_lock',
    'one_time_links',
    'provider_gates',
    'sessions',
    'sign_in_tries',
  ])
  const before = new Set<string>()
  for (const { name, key } of keptTables) {
    const columns = file.prepare<[string], { name: string; pk: number }>('select name, pk from pragma_table_info(?)')
    const primary = columns.all(name).filter(({ pk }) => pk > 0)
    expect(
      primary.toSorted((one, other) => one.pk - other.pk).map((column) => column.name),
      name,
    ).toEqual(key)
    const refersTo = file.prepare<[string], string>('select "table" from pragma_foreign_key_list(?)').pluck().all(name)
    expect([...before], name).toEqual(expect.arrayContaining(refersTo))
    before.add(name)
  }
})
