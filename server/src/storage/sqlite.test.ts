import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { openSqlite } from './sqlite.ts'
import { sharedStoreSuite, storeSuite } from './store_suite.ts'

const folder = mkdtempSync(join(tmpdir(), 'mooring-storage-'))
afterAll(() => rmSync(folder, { recursive: true }))
let files = 0
const newPath = () => join(folder, `${files++}.sqlite`)

storeSuite('SQLite in a file', () => openSqlite({ path: newPath() }))

storeSuite('SQLite in memory', () => openSqlite({ path: ':memory:' }))

sharedStoreSuite('SQLite in a file that several share', async () => {
  const path = newPath()
  return { connect: () => openSqlite({ path }) }
})
