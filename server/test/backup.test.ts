/** Backups that are taken while the server goes on, and what an installation is like that was made from one. */
import { execFile } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { fileURLToPath } from 'node:url'
import { gunzipSync, gzipSync } from 'node:zlib'
import { type Sandbox } from '@mooring/sandbox'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { backUp, judge, restore } from '../src/backup.ts'
import { engineSettings } from './engine.ts'
import { startServer, type TestServer } from './harness.ts'
import { createNeedles } from './needles.ts'
import { connect, sandboxFor } from './sandbox.ts'

const program = fileURLToPath(new URL('../../cli/bin/mooring.js', import.meta.url))

let server: TestServer
let sandbox: Sandbox
beforeAll(async () => {
  server = await startServer()
  sandbox = await sandboxFor(server, { accessTokenLifeSeconds: 900 })
})
afterAll(async () => {
  await server.stop()
  await sandbox.close()
})

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'mooring-backup-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A folder for an installation that is to be restored, with the key of the first. */
function keyed(): string {
  const dir = newFolder()
  copyFileSync(join(server.dir, 'mooring.key'), join(dir, 'mooring.key'))
  return dir
}

/** The settings of an installation whose data belongs to this folder. */
const of = async (dir: string): Promise<Record<string, string>> => ({
  ...(await engineSettings(dir)),
  MOORING_DATA_DIR: dir,
})

/** A backup of the server as it is, in a folder of its own. */
async function backedUp(): Promise<string> {
  const path = join(newFolder(), 'a.backup')
  await backUp(await of(server.dir), path)
  return path
}

async function restored(path: string): Promise<TestServer> {
  const dir = keyed()
  await restore(await of(dir), path)
  const again = await startServer({ dir })
  onTestFinished(() => again.stop())
  return again
}

describe('a backup', () => {
  test('taken while everything is written is of one moment, opens, and is read by its owner only', async () => {
    await connect(server, 'sandbox_oauth2', 'busy')
    const over = new AbortController()
    const written: string[] = []
    const writing = (async () => {
      while (!over.signal.aborted) {
        const name = `made_${written.length}`
        const made = await server.call('POST', '/v1/connections', { name, linkName: name, service: 'sandbox_machine' })
        expect(made.status).toBe(201)
        written.push(name)
      }
    })()
    const renewing = (async () => {
      while (!over.signal.aborted) await server.call('POST', '/v1/connections/busy/refresh')
    })()
    await expect.poll(() => written.length).toBeGreaterThan(5)
    const path = join(newFolder(), 'a.backup')
    const told = await backUp(await of(server.dir), path)
    await expect.poll(() => written.length).toBeGreaterThan((told.rows['connections'] ?? 0) + 1)
    over.abort()
    await Promise.all([writing, renewing])

    expect(told.closed).toEqual({ count: 0, places: [] })
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(readdirSync(join(path, '..'))).toEqual(['a.backup'])
    const again = await restored(path)
    expect((await again.call('GET', '/v1/audit-log/verify')).body).toMatchObject({ ok: true })
    const { store, workspaceId } = again.installation
    const { items } = await store.connections.list(workspaceId, {}, { limit: 1000 })
    expect(items).toHaveLength(told.rows['connections'] ?? 0)
    // Each connection and its grant were written together, so neither is there without the other.
    for (const { id, status } of items) {
      expect((await store.authorizations.find(id, ''))?.status ?? 'created').toBe(status)
    }
  })

  test('holds no key and no plain secret', async () => {
    const needles = createNeedles()
    const token = needles.plant('token')
    const planted = await server.call('POST', '/v1/connections', {
      name: 'Planted',
      service: { name: 'Planted', auth: { type: 'bearer' }, hosts: ['api.example.com'] },
      credentials: { token },
    })
    expect(planted.status).toBe(201)
    const [, key = ''] = readFileSync(join(server.dir, 'mooring.key'), 'utf8').trim().split(':')
    needles.watch('root key', key)
    const path = await backedUp()
    const text = gunzipSync(readFileSync(path))
    expect(text.includes('Planted')).toBe(true)
    expect(needles.foundIn(text)).toEqual([])
    expect(text.includes(Buffer.from(key, 'base64'))).toBe(false)
    expect(text.includes(Buffer.from(key, 'base64').toString('hex'))).toBe(false)
  })

  test('never takes the place of a file', async () => {
    const path = join(newFolder(), 'a.backup')
    writeFileSync(path, 'mine')
    await expect(backUp(await of(server.dir), path)).rejects.toThrow(`${path} is there already`)
    expect(readFileSync(path, 'utf8')).toBe('mine')
  })

  test('needs an installation, and its keyring', async () => {
    const path = join(newFolder(), 'a.backup')
    await expect(backUp(await of(newFolder()), path)).rejects.toThrow('There is no keyring to back up with')
    const other = `k1:${randomBytes(32).toString('base64')}`
    await expect(backUp({ ...(await of(server.dir)), MOORING_KEYS: other }, path)).rejects.toThrow(
      'sealed with the key',
    )
    expect(readdirSync(join(path, '..'))).toEqual([])
  })
})

describe('restoring', () => {
  test('gives everything back as it was, with nobody at work and nobody on the way', async () => {
    await connect(server, 'sandbox_oauth2', 'kept')
    await server.call('POST', '/v1/connections', { name: 'w', linkName: 'waiting', service: 'sandbox_oauth2' })
    const begun = await server.call('POST', '/v1/connections/waiting/authorize')
    const { store, workspaceId } = server.installation
    const connection = await store.connections.find(workspaceId, 'kept')
    const record = await store.authorizations.find(connection?.id ?? '', '')
    const at = Date.now()
    expect(
      await store.authorizations.lease(record?.id ?? '', { owner: 'somebody', now: at, until: at + 30_000 }),
    ).toBeDefined()
    const path = await backedUp()
    await store.authorizations.breakLease(record?.id ?? '', 'somebody', (record?.fence ?? 0) + 1)

    const again = await restored(path)
    const there = await again.installation.store.authorizations.find(connection?.id ?? '', '')
    expect(there).toMatchObject({
      ...record,
      leaseOwner: null,
      leaseUntil: null,
      fence: 2,
      version: 2,
      inFlight: { fence: 0 },
    })
    const attempt = await again.call('GET', `/v1/connections/waiting/attempts/${String(begun.body['attempt'])}`)
    expect(attempt.body).toMatchObject({ state: 'expired' })
    expect((await again.call('GET', '/v1/proxy/kept/me')).status).toBe(200)
    // The provider has not replaced the refresh token since: nothing was lost, and that is told.
    expect((await again.call('POST', '/v1/connections/kept/refresh')).body).toMatchObject({ status: 'active' })
    expect((await again.call('GET', '/v1/connections/kept/activity')).text).toContain(
      'still took the refresh token of the backup',
    )
  })

  test('a refresh token that was replaced since ends its connection, which says why', async () => {
    await connect(server, 'sandbox_oauth2', 'moved_on')
    const path = await backedUp()
    expect((await server.call('POST', '/v1/connections/moved_on/refresh')).body).toMatchObject({ status: 'active' })
    const again = await restored(path)
    const { madeAt } = (await judge(await of(again.dir), path)).header
    expect((await again.call('POST', '/v1/connections/moved_on/refresh')).body).toMatchObject({
      code: 'reauthorization_required',
    })
    expect((await again.call('GET', '/v1/connections/moved_on')).body).toMatchObject({
      status: 'reauthorization_required',
      lastError: { detail: expect.stringContaining(`restored from a backup of ${madeAt}`) },
    })
  })

  test('an installation that holds anything is left alone', async () => {
    const path = await backedUp()
    const dir = keyed()
    const there = await startServer({ dir })
    onTestFinished(() => there.stop())
    await expect(restore(await of(dir), path)).rejects.toThrow(/already, and is left as it is/)
    expect((await there.call('GET', '/v1/connections')).body['items']).toEqual([])
  })

  test('another key, or none, is told before anything is made', async () => {
    const path = await backedUp()
    const dir = newFolder()
    await expect(restore(await of(dir), path)).rejects.toThrow('There is no keyring to restore with')
    const other = `k1:${randomBytes(32).toString('base64')}`
    await expect(restore({ ...(await of(dir)), MOORING_KEYS: other }, path)).rejects.toThrow('sealed with the key')
    expect(readdirSync(dir)).toEqual([])
  })

  const broken: [string, (whole: Buffer) => Buffer, RegExp][] = [
    ['cut short', (whole) => whole.subarray(0, whole.length - 200), /is damaged, or was cut short/],
    ['with one byte changed', (whole) => changed(whole, whole.length - 100), /is damaged, or was cut short/],
    [
      'with a row left out',
      (whole) => relined(whole, (lines) => lines.toSpliced(4, 1)),
      /is damaged, or was cut short/,
    ],
    ['without an end', (whole) => relined(whole, (lines) => lines.slice(0, -1)), /is damaged, or was cut short/],
    ['that is none', () => gzipSync('{"format":"another"}\n'), /is not a backup of Mooring/],
    ['of a newer format', () => gzipSync('{"format":"mooring-backup","version":2}\n'), /written by a newer version/],
    [
      'of other tables',
      (whole) => resigned(whole, (header) => ({ ...header, migrations: ['0001_core'] })),
      /keeps other tables/,
    ],
  ]
  test.each(broken)('a file %s is refused, and nothing is made', async (_, breaking, why) => {
    const path = await backedUp()
    writeFileSync(path, breaking(readFileSync(path)))
    const dir = keyed()
    const good = await backedUp()
    await expect(restore(await of(dir), path)).rejects.toThrow(why)
    expect(readdirSync(dir)).toEqual(['mooring.key'])
    // Nothing is in the way of the right one.
    await restore(await of(dir), good)
  })
})

function changed(whole: Buffer, at: number): Buffer {
  const copy = Buffer.from(whole)
  copy[at] = (copy[at] ?? 0) ^ 0x10
  return copy
}

function relined(whole: Buffer, change: (lines: string[]) => string[]): Buffer {
  const lines = gunzipSync(whole).toString('utf8').trimEnd().split('\n')
  return gzipSync(`${change(lines).join('\n')}\n`)
}

/** With another header, and the hash that it then has. */
function resigned(whole: Buffer, change: (header: object) => object): Buffer {
  return relined(whole, ([first = '', ...rest]) => {
    const lines = [JSON.stringify(change(JSON.parse(first) as object)), ...rest.slice(0, -1)]
    const end = JSON.parse(rest.at(-1) ?? '') as object
    const sha256 = createHash('sha256')
      .update(`${lines.join('\n')}\n`)
      .digest('hex')
    return [...lines, JSON.stringify({ ...end, sha256 })]
  })
}

test('mooring backup and mooring restore say what they do, and where the key is not', async () => {
  const run = promisify(execFile)
  const path = join(newFolder(), 'by_command.backup')
  const made = await run(process.execPath, [program, 'backup', path], { env: await of(server.dir) })
  expect(made.stdout).toMatch(/by_command\.backup holds .* as it was at \d{4}-/)
  expect(made.stderr).toContain('is not in it. Keep a copy of it, and keep it apart from the backup.')
  const dir = join(newFolder(), 'new')
  mkdirSync(dir)
  copyFileSync(join(server.dir, 'mooring.key'), join(dir, 'mooring.key'))
  const looked = await run(process.execPath, [program, 'restore', '--check', '--json', path], { env: await of(dir) })
  expect(JSON.parse(looked.stdout)).toMatchObject({ restored: false, closed: { count: 0 } })
  expect(readdirSync(dir)).toEqual(['mooring.key'])
  const put = await run(process.execPath, [program, 'restore', path], { env: await of(dir) })
  expect(put.stdout).toContain('Restored to ')
  const refused = run(process.execPath, [program, 'restore', path], { env: await of(dir) })
  await expect(refused).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('already, and is left as it is'),
  })
})
