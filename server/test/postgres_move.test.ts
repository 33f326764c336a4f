/** `mooring migrate --to`: an installation that ran on SQLite goes on on PostgreSQL. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Sandbox } from '@mooring/sandbox'
import { afterEach, expect, test } from 'vitest'
import { moveTo } from '../src/move.ts'
import { openInstallation } from '../src/start.ts'
import { readConfig } from '../src/config.ts'
import { newDatabase } from './engine.ts'
import { startServer, type TestServer } from './harness.ts'
import { newFolder } from './processes.ts'
import { connect, sandboxFor } from './sandbox.ts'

const ends: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0)) await end()
})

const onFile = (dir: string): Promise<TestServer> => startServer({ dir, environment: { MOORING_DATABASE_URL: '' } })
const nothing = (): void => undefined

/** An installation on a file that was used, and has stopped. */
async function used(): Promise<{ dir: string; sandbox: Sandbox }> {
  const dir = newFolder()
  const server = await onFile(dir)
  const sandbox = await sandboxFor(server, { accessTokenLifeSeconds: 900 })
  ends.push(() => sandbox.close())
  await connect(server, 'sandbox_oauth2', 'crm')
  expect((await server.call('GET', '/v1/proxy/crm/me')).status).toBe(200)
  const { store, workspaceId } = server.installation
  const told = { workspaceId, type: 'service.ready', at: 1, ok: true, actor: null, user: null, cause: null, call: null }
  const many = Array.from({ length: 3000 }, (_, n) => ({
    ...told,
    sequence: 0,
    serviceId: null,
    connectionId: null,
    detail: n === 0 ? 'a\0b' : `${n}`,
  }))
  await store.events.append(many)
  await server.stop()
  return { dir, sandbox }
}

async function target(): Promise<string> {
  const { url, drop } = await newDatabase('empty')
  ends.push(drop)
  return url
}

const refusal = (dir: string, url: string): Promise<string> =>
  moveTo({ MOORING_DATA_DIR: dir }, url, nothing).then(
    () => 'moved',
    (error: unknown) => (error instanceof Error ? error.message : ''),
  )

test('everything works there as it did, and the file is not gone on with', async () => {
  const { dir } = await used()
  const url = await target()
  const steps: string[] = []
  const counts = await moveTo({ MOORING_DATA_DIR: dir }, url, ({ step, table }) => steps.push(`${step} ${table}`))
  expect(counts).toMatchObject({ workspaces: 1, connections: 1, authorizations: 1 })
  for (const table of Object.keys(counts).filter((name) => (counts[name] ?? 0) > 0))
    expect(steps).toEqual(expect.arrayContaining([`copied ${table}`, `verified ${table}`]))

  const there = await startServer({ dir, environment: { MOORING_DATABASE_URL: url } })
  try {
    expect((await there.call('GET', '/v1/proxy/crm/me')).status).toBe(200)
    expect((await there.call('POST', '/v1/connections/crm/refresh')).body).toMatchObject({ status: 'active' })
    expect((await there.call('GET', '/v1/audit-log/verify')).body).toMatchObject({ ok: true })
    const before = (await there.call('GET', '/v1/events?limit=100&after=3000')).body['items']
    expect(before).not.toEqual([])
  } finally {
    await there.stop()
  }
  await expect(openInstallation(readConfig({ MOORING_DATA_DIR: dir }))).rejects.toThrow(/was moved to postgres:/)
  expect(await refusal(dir, url)).toContain('holds an installation already')
})

test('cut short by kill -9, it is repeated and goes on', async () => {
  const { dir } = await used()
  const url = await target()
  const child = fork(fileURLToPath(new URL('move.fixture.ts', import.meta.url)), [dir, url], { execArgv: [] })
  for (;;) {
    const [at]: unknown[] = await once(child, 'message')
    if (at === 'events') break
  }
  const dead = once(child, 'exit')
  child.kill('SIGKILL')
  expect((await dead)[1]).toBe('SIGKILL')
  await expect(openInstallation(readConfig({ MOORING_DATA_DIR: dir, MOORING_DATABASE_URL: url }))).rejects.toThrow(
    /is being filled by "mooring migrate"/,
  )
  const counts = await moveTo({ MOORING_DATA_DIR: dir }, url, nothing)
  expect(counts['events']).toBeGreaterThanOrEqual(3000)
})

test('begins anew where the file was used between two tries', async () => {
  const { dir } = await used()
  const url = await target()
  const stopped = moveTo({ MOORING_DATA_DIR: dir }, url, ({ table }) => {
    if (table === 'events') throw new Error('cut short')
  })
  await expect(stopped).rejects.toThrow('cut short')
  const between = await onFile(dir)
  await between.call('PATCH', '/v1/connections/crm', { name: 'Renamed' })
  await between.stop()
  await moveTo({ MOORING_DATA_DIR: dir }, url, nothing)
  const there = await startServer({ dir, environment: { MOORING_DATABASE_URL: url } })
  try {
    expect((await there.call('GET', '/v1/connections/crm')).body).toMatchObject({ name: 'Renamed' })
  } finally {
    await there.stop()
  }
})

test('a file in use, another installation’s database and another program’s are refused', async () => {
  const { dir } = await used()
  const url = await target()
  const running = await onFile(dir)
  expect(await refusal(dir, url)).toMatch(/mooring\.sqlite is in use: stop the server that runs on it$/)
  await running.stop()
  const { url: foreign, run, drop } = await newDatabase('empty')
  ends.push(drop)
  await run('create table notes (body text)')
  expect(await refusal(dir, foreign)).toMatch(/is the database of another program$/)
  expect(await refusal(newFolder(), url)).toContain('there is nothing to move')
  expect(await refusal(dir, 'mysql://x')).toContain('--to is not the URL of a PostgreSQL database')
  const { dir: second } = await used()
  await moveTo({ MOORING_DATA_DIR: second }, url, nothing)
  expect(await refusal(dir, url)).toContain('holds an installation already')
})
