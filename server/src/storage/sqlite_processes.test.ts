import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, expect, test } from 'vitest'
import { createAuditLog } from '../audit/log.ts'
import { openSqlite } from './sqlite.ts'
import { startChild } from './suite/children.ts'
import { authorization, connections, everyMigration, now } from './suite/fixtures.ts'

const folder = mkdtempSync(join(tmpdir(), 'mooring-processes-'))
afterAll(() => rmSync(folder, { recursive: true }))

test('four processes that start at once on a new file: one migrates, all open it', async () => {
  const path = join(folder, 'new', 'start.sqlite')
  const children = ['s1', 's2', 's3', 's4'].map((id) => startChild('open', path, id))
  for (const { ended } of children) expect(await ended).toEqual([0, null])
  expect(children.flatMap(({ said }) => said)).toEqual(everyMigration)
  const store = await openSqlite({ path })
  expect(await store.services.count('w1')).toBe(4)
  await store.close()
}, 30_000)

test('S-20 of two processes that race for 200 leases exactly one gets each', async () => {
  const path = join(folder, 'race.sqlite')
  const store = await openSqlite({ path })
  await connections(store, 'c1')
  for (let n = 0; n < 200; n++) await store.authorizations.insert(authorization(`a${n}`, { user: `u${n}` }))
  const children = ['p1', 'p2'].map((owner) => startChild('race', path, owner))
  for (const { ended } of children) expect(await ended).toEqual([0, null])
  const won = children.flatMap(({ said }) => said)
  expect(won.toSorted()).toEqual(Array.from({ length: 200 }, (_, n) => `a${n} 1`).toSorted())
  await store.close()
}, 30_000)

test('S-20 two processes that take what is due at once share it', async () => {
  const path = join(folder, 'due.sqlite')
  const store = await openSqlite({ path })
  await connections(store, 'c1')
  for (let n = 0; n < 100; n++)
    await store.authorizations.insert(
      authorization(`a${n}`, { user: `u${n}`, refreshAt: now - n, eagerUntil: now + 1 }),
    )
  const children = ['p1', 'p2'].map((owner) => startChild('due', path, owner))
  for (const { ended } of children) expect(await ended).toEqual([0, null])
  const all = children.flatMap(({ said }) => said)
  expect(all.toSorted()).toEqual(Array.from({ length: 100 }, (_, n) => `a${n} 1`).toSorted())
  await store.close()
}, 30_000)

test('S-53 two processes that append to the audit log at once keep one chain', async () => {
  const path = join(folder, 'audit.sqlite')
  const children = ['p1', 'p2'].map((owner) => startChild('audit', path, owner))
  for (const { ended } of children) expect(await ended).toEqual([0, null])
  const store = await openSqlite({ path })
  const audit = createAuditLog({ store, now: Date.now })
  expect(await audit.verify('w1')).toMatchObject({ ok: true, entries: 200 })
  const { items } = await audit.list('w1', { after: 0 }, { limit: 999 })
  for (const owner of ['p1', 'p2'])
    expect(items.filter(({ actor }) => actor === owner).map(({ object }) => object)).toEqual(
      Array.from({ length: 100 }, (_, n) => String(n)),
    )
  await store.close()
}, 30_000)

test('S-22 a process killed amid its writes leaves whole transactions, and all it was told are stored', async () => {
  const path = join(folder, 'killed.sqlite')
  for (const life of ['x', 'y', 'z']) {
    const { child, said, ended } = startChild('pairs', path, life)
    while (said.length < 40) await once(child, 'message')
    child.kill('SIGKILL')
    expect(await ended).toEqual([null, 'SIGKILL'])

    const store = await openSqlite({ path })
    const services = await store.services.count('w1')
    expect(services).toBeGreaterThanOrEqual(said.filter((id) => id.startsWith(life)).length)
    expect(await store.connections.count('w1')).toBe(services)
    for (const id of said.filter((each) => each.startsWith(life))) {
      expect(await store.connections.find('w1', id)).toMatchObject({ serviceId: id })
    }
    // Two a pair: change rows are in the same transaction.
    expect(await store.changes.since(0, 10_000)).toHaveLength(2 * services)
    await store.close()
  }
  const handle = new Database(path, { readonly: true })
  expect(handle.pragma('integrity_check', { simple: true })).toBe('ok')
  expect(handle.pragma('foreign_key_check')).toEqual([])
  handle.close()
}, 30_000)
