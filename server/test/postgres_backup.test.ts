/** A backup of one engine fills the other, and back. */
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { backUp, restore } from '../src/backup.ts'
import { readConfig } from '../src/config.ts'
import { openCredential } from '../src/connection/bind.ts'
import { openInstallation } from '../src/start.ts'
import { engineSettings } from './engine.ts'
import { startServer } from './harness.ts'
import { connectMany, callAll, startKnowing } from './rotation_world.fixture.ts'

function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'mooring-engines-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

test('from PostgreSQL to SQLite and to PostgreSQL again, with every credential', async () => {
  const upstream = await startKnowing()
  const first = await startServer()
  onTestFinished(() => first.stop())
  const names = await connectMany(first, upstream, 12)
  await callAll(first, names)
  const path = join(folder(), 'from_postgres.backup')
  const made = await backUp({ ...(await engineSettings(first.dir)), MOORING_DATA_DIR: first.dir }, path)
  expect(made).toMatchObject({ header: { engine: 'postgres' }, rows: { connections: 12 }, closed: { count: 0 } })

  const there = { MOORING_DATA_DIR: folder() }
  copyFileSync(join(first.dir, 'mooring.key'), join(there.MOORING_DATA_DIR, 'mooring.key'))
  await restore(there, path)
  const { store, vault, workspaceId } = await openInstallation(readConfig(there))
  expect(store.engine).toBe('sqlite')
  for (const name of names) {
    const connection = await store.connections.find(workspaceId, name)
    const authorization = await store.authorizations.find(connection?.id ?? '', '')
    if (authorization === undefined) throw new Error(`${name} is not authorized`)
    expect(openCredential(vault, authorization)).toBeTypeOf('object')
  }
  await store.close()

  const again = join(folder(), 'from_sqlite.backup')
  expect((await backUp(there, again)).rows).toEqual(made.rows)
  const dir = folder()
  copyFileSync(join(first.dir, 'mooring.key'), join(dir, 'mooring.key'))
  await restore({ ...(await engineSettings(dir)), MOORING_DATA_DIR: dir }, again)
  const last = await startServer({ dir })
  onTestFinished(() => last.stop())
  expect(last.installation.store.engine).toBe('postgres')
  expect(new Set(await callAll(last, names))).toEqual(new Set([200]))
  expect((await last.call('GET', '/v1/audit-log/verify')).body).toMatchObject({ ok: true })
  // The feed of events goes on behind what was restored.
  const before = (await last.call('GET', '/v1/events?limit=100')).body['items']
  await last.call('PATCH', '/v1/connections/c0', { name: 'Renamed' })
  const after = (await last.call('GET', '/v1/events?limit=100')).body['items']
  expect(after).toHaveLength((Array.isArray(before) ? before.length : 0) + 1)
})
