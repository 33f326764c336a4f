import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { Kysely, sql, SqliteDialect } from 'kysely'
import { Migrator } from 'kysely/migration'
import { afterAll, expect, test } from 'vitest'
import { sealedPlaces } from '../../store.ts'
import { openSqlite } from '../sqlite.ts'
import { sealedWith } from '../suite/fixtures.ts'
import { migrations } from './index.ts'

const folder = mkdtempSync(join(tmpdir(), 'mooring-migration-'))
afterAll(() => rmSync(folder, { recursive: true }))

test('S-42 what was sealed before keys could be rotated is found under the key it is sealed with', async () => {
  const path = join(folder, 'older.sqlite')
  const handle = new Database(path)
  handle.pragma('application_id = 0x4d6f6f72')
  const db = new Kysely<unknown>({ dialect: new SqliteDialect({ database: handle }) })
  const known = migrations({ binary: sql`blob`, key: sql`text`, sequence: sql`integer primary key autoincrement` })
  const older = Object.fromEntries(Object.entries(known).filter(([name]) => name < '0005'))
  const { error } = await new Migrator({ db, provider: { getMigrations: async () => older } }).migrateToLatest()
  expect(error).toBeUndefined()

  handle.prepare('insert into data_keys values (?, ?, ?, ?, ?)').run('w1', 'd1', 'r1', Buffer.of(1), 1)
  const insert = (table: string, more: Record<string, unknown>): void => {
    const columns = handle
      .prepare<[string], { name: string; type: string; notnull: number }>(
        'select name, type, "notnull" from pragma_table_info(?)',
      )
      .all(table)
    const row = Object.fromEntries(
      columns.filter(({ notnull }) => notnull === 1).map(({ name, type }) => [name, type === 'TEXT' ? name : 1]),
    )
    const whole = { ...row, id: table, workspace_id: 'w1', ...more }
    const names = Object.keys(whole)
    handle
      .prepare(`insert into ${table} (${names.join()}) values (${names.map((name) => `@${name}`).join()})`)
      .run(whole)
  }
  handle.pragma('foreign_keys = off')
  const value = Buffer.from(sealedWith('d1', 7))
  insert('services', { secrets: value })
  insert('authorizations', { credential: value })
  insert('attempts', { kept: value, held_grant: value })
  insert('idempotency', { body: value })
  insert('services', { id: 'none', link_name: 'none', callback_id: 'none' })
  await db.destroy()

  const store = await openSqlite({ path })
  for (const place of sealedPlaces) {
    const found = await store.sealed.under(place, 'd1', '', 9)
    expect(found.map(({ row, bytes }) => [row, bytes])).toEqual([[place.table, sealedWith('d1', 7)]])
    expect(await store.sealed.under(place, null, '', 9)).toEqual([])
  }
  expect(await store.dataKeys.deleteUnused('d1')).toBe(false)
  await store.close()
})
