import { createHash, randomBytes } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import {
  alive,
  bootstrapKey,
  call,
  childrenOf,
  newFolder,
  type Process,
  serving,
  startProcess,
  until,
} from './processes.ts'

// Most of the time goes into starting processes.
vi.setConfig({ testTimeout: 90_000 })

async function stop(started: Process): Promise<void> {
  started.child.kill('SIGTERM')
  expect(await started.ended).toEqual({ code: 0, signal: null })
}

/** What a process says that cannot start: one line, exit code 1. */
async function complaint(environment: Record<string, string>): Promise<string> {
  const started = startProcess(environment)
  expect(await started.ended).toEqual({ code: 1, signal: null })
  expect(started.stderr()).toMatch(/^mooring: [^\n]+\n$/)
  expect(started.stdout()).toBe('')
  return started.stderr().trim()
}

/** Every file of a folder with the hash of its bytes. */
function contents(folder: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder).map((name) => [
      name,
      createHash('sha256')
        .update(readFileSync(join(folder, name)))
        .digest('hex'),
    ]),
  )
}

/** The same of what holds the data: the database, and what was written beside it. */
function stored(folder: string): Record<string, string | undefined> {
  const { 'mooring.sqlite': database, 'mooring.sqlite-wal': log } = contents(folder)
  return { database, log }
}

/** Every row of every table. */
function rows(folder: string): unknown {
  const copy = newFolder()
  cpSync(folder, copy, { recursive: true })
  const database = new Database(join(copy, 'mooring.sqlite'))
  const names = database
    .prepare<[], string>(`select name from sqlite_master where type = 'table' order by name`)
    .pluck()
  const all = names.all().map((name) => [name, database.prepare(`select * from "${name}"`).all()])
  database.close()
  return all
}

const mode = (path: string): number => statSync(path).mode & 0o777

describe('the first start', () => {
  test('S-43 makes a key and an owner’s key for its owner alone, prints neither, and finds both again', async () => {
    const folder = join(newFolder(), 'data')
    const first = startProcess({ MOORING_DATA_DIR: folder })
    const url = await serving(first)
    expect(mode(folder)).toBe(0o700)
    for (const name of readdirSync(folder)) expect([name, mode(join(folder, name))]).toEqual([name, 0o600])
    const made = [readFileSync(join(folder, 'mooring.key'), 'utf8'), readFileSync(join(folder, 'owner.key'), 'utf8')]
    const key = made[1]?.trim() ?? ''
    expect((await call(url, 'GET', '/v1/whoami', { key })).body).toMatchObject({ role: 'owner', name: 'owner' })
    await stop(first)
    const again = startProcess({ MOORING_DATA_DIR: folder })
    expect((await call(await serving(again), 'GET', '/v1/whoami', { key })).status).toBe(200)
    await stop(again)
    expect([
      readFileSync(join(folder, 'mooring.key'), 'utf8'),
      readFileSync(join(folder, 'owner.key'), 'utf8'),
    ]).toEqual(made)
    for (const said of [first.stdout(), first.stderr(), again.stdout(), again.stderr()]) {
      expect(said).not.toContain(key)
      expect(said).not.toContain(made[0]?.split(':')[1]?.trim())
    }
  })

  test('a key of the owner that was deleted stays deleted', async () => {
    const folder = newFolder()
    const first = startProcess({ MOORING_DATA_DIR: folder })
    const url = await serving(first)
    const key = readFileSync(join(folder, 'owner.key'), 'utf8').trim()
    const { id } = (await call(url, 'GET', '/v1/whoami', { key })).body
    expect((await call(url, 'DELETE', `/v1/api-keys/${String(id)}`, { key })).status).toBe(204)
    await stop(first)
    const again = startProcess({ MOORING_DATA_DIR: folder })
    expect((await call(await serving(again), 'GET', '/v1/whoami', { key })).status).toBe(401)
    await stop(again)
  })

  test('a bootstrap key is the owner’s at once, survives restarts, and no other key is made', async () => {
    const folder = newFolder()
    for (let life = 0; life < 2; life++) {
      const started = startProcess({ MOORING_DATA_DIR: folder, MOORING_BOOTSTRAP_API_KEY: bootstrapKey })
      const url = await serving(started)
      expect((await call(url, 'GET', '/v1/whoami')).body).toMatchObject({ role: 'owner', name: 'bootstrap' })
      expect((await call(url, 'GET', '/v1/api-keys')).body['items']).toHaveLength(1)
      await stop(started)
    }
    expect(existsSync(join(folder, 'owner.key'))).toBe(false)
  })

  test('two processes that start at once on a new folder agree on everything', async () => {
    const folder = join(newFolder(), 'new')
    const both = [startProcess({ MOORING_DATA_DIR: folder }), startProcess({ MOORING_DATA_DIR: folder })]
    const urls = await Promise.all(both.map((one) => serving(one)))
    const key = readFileSync(join(folder, 'owner.key'), 'utf8').trim()
    for (const url of urls) {
      expect((await call(url, 'GET', '/v1/api-keys', { key })).body['items']).toHaveLength(1)
      expect((await call(url, 'GET', '/v1/whoami', { key })).body).toMatchObject({ role: 'owner' })
    }
    // What one seals, the other opens.
    const service = { name: 'Shared', stage: 'ready', auth: { type: 'bearer' }, baseUrl: 'https://api.example.com' }
    const made = await call(urls[0] ?? '', 'POST', '/v1/connections', {
      key,
      body: { name: 'Shared', service, credentials: { token: 'sealed-by-one' } },
    })
    expect(made.body).toMatchObject({ status: 'active' })
    const read = await call(urls[1] ?? '', 'GET', '/v1/connections/shared/credentials', { key })
    expect(read.body).toMatchObject({ headers: { authorization: 'Bearer sealed-by-one' } })
    for (const one of both) await stop(one)
    expect(readdirSync(folder).filter((name) => name.endsWith('.new'))).toEqual([])
  })
})

describe('S-42 a wrong or missing key refuses to start and touches nothing', () => {
  const other = (id: string): string => `${id}:${randomBytes(32).toString('base64')}`

  test('whether the database was closed well', async () => {
    const folder = newFolder()
    const first = startProcess({ MOORING_DATA_DIR: folder, MOORING_BOOTSTRAP_API_KEY: bootstrapKey })
    await serving(first)
    await stop(first)
    const id = readFileSync(join(folder, 'mooring.key'), 'utf8').split(':')[0] ?? ''
    const before = contents(folder)
    const settings = { MOORING_DATA_DIR: folder, MOORING_BOOTSTRAP_API_KEY: bootstrapKey }
    expect(await complaint({ ...settings, MOORING_KEYS: other('wrong') })).toContain(`sealed with the key ${id}`)
    expect(await complaint({ ...settings, MOORING_KEYS: other(id) })).toContain(`The key ${id} in the keyring is not`)
    expect(contents(folder)).toEqual(before)

    const keyFile = readFileSync(join(folder, 'mooring.key'), 'utf8')
    writeFileSync(join(folder, 'mooring.key'), keyFile.slice(0, 30))
    const cut = contents(folder)
    expect(await complaint(settings)).toMatch(/mooring\.key cannot be used: key 1 has \d+ bytes, not 32/)
    expect(contents(folder)).toEqual(cut)
    writeFileSync(join(folder, 'mooring.key'), keyFile)

    renameSync(join(folder, 'mooring.key'), join(folder, 'kept'))
    const without = contents(folder)
    expect(await complaint(settings)).toContain('mooring.key is missing')
    expect(contents(folder)).toEqual(without)

    renameSync(join(folder, 'kept'), join(folder, 'mooring.key'))
    const right = startProcess(settings)
    expect((await call(await serving(right), 'GET', '/v1/whoami')).status).toBe(200)
  })

  test('or its process was killed and left writes beside it', async () => {
    const folder = newFolder()
    const settings = { MOORING_DATA_DIR: folder, MOORING_BOOTSTRAP_API_KEY: bootstrapKey }
    const first = startProcess(settings)
    const url = await serving(first)
    await call(url, 'POST', '/v1/services', { body: { name: 'Survives' } })
    first.child.kill('SIGKILL')
    await first.ended
    const before = [rows(folder), stored(folder)]
    await complaint({ ...settings, MOORING_KEYS: other('wrong') })
    expect([rows(folder), stored(folder)]).toEqual(before)
    const right = startProcess(settings)
    expect((await call(await serving(right), 'GET', '/v1/services/survives')).status).toBe(200)
  })

  test('before any migration', async () => {
    const folder = newFolder()
    const first = startProcess({ MOORING_DATA_DIR: folder, MOORING_BOOTSTRAP_API_KEY: bootstrapKey })
    await serving(first)
    await stop(first)
    const database = new Database(join(folder, 'mooring.sqlite'))
    // As if the newest were still to be made.
    database.exec(`delete from kysely_migration where name = (select max(name) from kysely_migration)`)
    database.close()
    const before = contents(folder)
    expect(await complaint({ MOORING_DATA_DIR: folder, MOORING_KEYS: other('wrong') })).toContain('sealed with the key')
    expect(contents(folder)).toEqual(before)
    expect(await complaint({ MOORING_DATA_DIR: folder })).toContain('could not be migrated')
  })

  test('and a keyring that holds the old key behind a new one starts', async () => {
    const folder = newFolder()
    const settings = { MOORING_DATA_DIR: folder, MOORING_BOOTSTRAP_API_KEY: bootstrapKey }
    const old = other('old')
    const first = startProcess({ ...settings, MOORING_KEYS: old })
    await serving(first)
    await stop(first)
    expect(existsSync(join(folder, 'mooring.key'))).toBe(false)
    const keyring = join(folder, 'keyring')
    writeFileSync(keyring, `${other('new')}, ${old}\n`)
    const second = startProcess({ ...settings, MOORING_KEYS_FILE: keyring })
    expect((await call(await serving(second), 'GET', '/v1/whoami')).status).toBe(200)
  })
})

describe('what cannot start says why in one line', () => {
  test('a wrong setting', async () => {
    expect(await complaint({ MOORING_PORT: 'eighty' })).toBe(
      'mooring: MOORING_PORT is "eighty"; it takes a whole number from 0 to 65535.',
    )
    expect(await complaint({ MOORING_KEYS: 'hidden' })).not.toContain('hidden')
  })

  test.each(['1', '2'])('a port that is in use, with %s workers', async (workers) => {
    const taken = createServer()
    onTestFinished(() => void taken.close())
    await new Promise<void>((resolve) => {
      taken.listen(0, '127.0.0.1', resolve)
    })
    // A TCP server's address is never a path.
    const { port } = taken.address() as AddressInfo
    const settings = { MOORING_DATA_DIR: newFolder(), MOORING_PORT: String(port), MOORING_WORKERS: workers }
    const started = startProcess(settings)
    expect(await started.ended).toEqual({ code: 1, signal: null })
    expect(started.stderr()).toBe(
      `mooring: MOORING_PORT is ${port}, and another program listens there; it takes a whole number from 0 to 65535 that is free.\n`,
    )
  })

  test('a host that is not this machine', async () => {
    const line = await complaint({ MOORING_DATA_DIR: newFolder(), MOORING_HOST: '192.0.2.1' })
    expect(line).toContain('MOORING_HOST is "192.0.2.1", which is not this machine; it takes')
  })

  test('a data folder that cannot be made or written', async () => {
    const folder = newFolder()
    writeFileSync(join(folder, 'file'), '')
    for (const path of [join(folder, 'file'), join(folder, 'file', 'below')])
      expect(await complaint({ MOORING_DATA_DIR: path })).toContain(`MOORING_DATA_DIR is ${JSON.stringify(path)} (E`)
  })

  test('a database that is none, is another program’s, or is newer', async () => {
    const folder = newFolder()
    const settings = { MOORING_DATA_DIR: folder, MOORING_KEYS: `k:${randomBytes(32).toString('base64')}` }
    const path = join(folder, 'mooring.sqlite')
    writeFileSync(path, 'this is no database, and long enough to be looked at '.repeat(50))
    expect(await complaint(settings)).toBe(`mooring: ${path} is not a database`)

    const foreign = join(newFolder(), 'data')
    mkdirSync(foreign)
    const theirs = new Database(join(foreign, 'mooring.sqlite'))
    theirs.exec('create table notes (text)')
    theirs.close()
    expect(await complaint({ ...settings, MOORING_DATA_DIR: foreign })).toContain('is the database of another program')

    const newer = newFolder()
    const first = startProcess({ ...settings, MOORING_DATA_DIR: newer })
    await serving(first)
    await stop(first)
    const ours = new Database(join(newer, 'mooring.sqlite'))
    ours.exec(`insert into kysely_migration values ('9999_later', 'then')`)
    ours.close()
    const before = contents(newer)
    expect(await complaint({ ...settings, MOORING_DATA_DIR: newer })).toContain('written by a newer version')
    expect(contents(newer)).toEqual(before)
  })
})

describe('the sandbox', () => {
  const free = async (): Promise<string> => {
    const server = createServer()
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve)
    })
    // A TCP server's address is never a path.
    const { port } = server.address() as AddressInfo
    await new Promise((resolve) => server.close(resolve))
    return String(port)
  }

  test.each(['1', '2'])(
    'starts in development beside %s workers, without our secrets, and ends with the server',
    async (workers) => {
      const folder = newFolder()
      const port = await free()
      const settings = {
        MOORING_DATA_DIR: folder,
        MOORING_WORKERS: workers,
        MOORING_SANDBOX: 'auto',
        MOORING_SANDBOX_PORT: port,
        MOORING_BOOTSTRAP_API_KEY: bootstrapKey,
      }
      const started = startProcess(settings)
      const url = await serving(started, workers === '1' ? 'serving' : 'supervising')
      await until(() => started.stdout().includes('A sandbox provider to try it with') || undefined, 'the sandbox')
      const registered = (await call(url, 'GET', '/v1/services?query=sandbox')).body['items']
      expect(registered).not.toHaveLength(0)
      // Nothing is to be brought to them, as to any default service that is ready.
      for (const service of registered as unknown[])
        expect(service).toMatchObject({ origin: 'catalogue', stage: 'ready' })
      const made = await call(url, 'POST', '/v1/connections', { body: { name: 'First', service: 'sandbox_machine' } })
      expect(made.body).toMatchObject({ status: 'active' })
      expect((await call(url, 'GET', '/v1/proxy/first/hello')).body).toMatchObject({ ok: true })
      for (const name of readdirSync(folder)) expect([name, mode(join(folder, name))]).toEqual([name, 0o600])
      const children = childrenOf(started.pid)
      const sandbox = children.find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('sandbox')) ?? 0
      expect(readFileSync(`/proc/${sandbox}/environ`, 'utf8')).not.toMatch(/MOORING_|bootstrap/)
      started.child.kill('SIGKILL')
      await started.ended
      for (const pid of children) await until(() => !alive(pid) || undefined, `the end of process ${pid}`)
    },
  )

  test('does not start in production or where it is off', async () => {
    const port = await free()
    const ways: Record<string, string>[] = [
      { NODE_ENV: 'production', MOORING_SANDBOX: 'auto' },
      { MOORING_SANDBOX: 'off' },
    ]
    for (const off of ways) {
      const folder = newFolder()
      const started = startProcess({ MOORING_DATA_DIR: folder, MOORING_SANDBOX_PORT: port, ...off })
      await serving(started)
      expect(childrenOf(started.pid)).toEqual([])
      await stop(started)
      expect(readdirSync(folder)).not.toContain('sandbox.sqlite')
    }
  })

  test('that finds its port busy is warned of, and the server serves', async () => {
    const taken = createServer()
    onTestFinished(() => void taken.close())
    await new Promise<void>((resolve) => {
      taken.listen(0, '127.0.0.1', resolve)
    })
    // A TCP server's address is never a path.
    const { port } = taken.address() as AddressInfo
    const settings = { MOORING_SANDBOX: 'on', MOORING_SANDBOX_PORT: String(port) }
    const started = startProcess({
      MOORING_DATA_DIR: newFolder(),
      MOORING_BOOTSTRAP_API_KEY: bootstrapKey,
      ...settings,
    })
    const url = await serving(started)
    await until(() => started.log().find((line) => line.msg.startsWith('the sandbox did not start')), 'a warning')
    expect((await call(url, 'GET', '/v1/whoami')).status).toBe(200)
    expect(started.stderr()).toBe('')
    await stop(started)
  })
})
