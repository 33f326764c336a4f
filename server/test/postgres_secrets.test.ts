/** S-47 on PostgreSQL: no byte of a planted secret in its data, its write-ahead log or the log of every statement. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Sandbox } from '@mooring/sandbox'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openCredential } from '../src/connection/bind.ts'
import { type Answer, ownerKey, startServer, type TestServer } from './harness.ts'
import { createNeedles } from './needles.ts'
import { goodPassword, invited, setUpOwner, tokenOf } from './people.ts'
import { type Cluster, startCluster } from './postgres_cluster.ts'
import { connect, sandboxFor } from './sandbox.ts'

const dir = mkdtempSync(join(tmpdir(), 'mooring-s47-'))
const needles = createNeedles()
/** Kept as it is, so that it is found wherever the search looks. */
const plain = `findable-${Date.now()}-in-plain`
let cluster: Cluster
let server: TestServer
let sandbox: Sandbox
/** The numbers of the databases that are ours. */
let ours = ''

beforeAll(async () => {
  cluster = await startCluster({ settings: { log_statement: 'all', log_min_duration_statement: '0' } })
  await cluster.run('create database mooring')
  ours = String((await cluster.run(`select oid from pg_database where datname = 'mooring'`))[0]?.['oid'])
  server = await startServer({ dir, environment: { MOORING_DATABASE_URL: cluster.url('mooring') } })
  sandbox = await sandboxFor(server)
  needles.watch('owner key', ownerKey)
  needles.watch('root key', readFileSync(join(dir, 'mooring.key'), 'utf8').trim().split(':')[1] ?? '')
  await services()
  for (const service of ['sandbox_oauth2', 'sandbox_oauth1', 'sandbox_machine']) {
    await connect(server, service, service)
    await watchCredential(service, 'at first')
  }
  await server.call('POST', '/v1/connections/sandbox_oauth2/refresh')
  await watchCredential('sandbox_oauth2', 'renewed')
  await underWay()
  await people()
  // What is gone leaves its bytes behind.
  await server.call('POST', '/v1/connections/sandbox_oauth1/revoke')
  const deleted = await server.call('DELETE', '/v1/connections/bearer')
  if (deleted.status !== 204) throw new Error(deleted.text)
})
afterAll(async () => {
  await sandbox.close()
  await cluster.remove()
  rmSync(dir, { recursive: true, force: true })
})

async function made(path: string, body: object, headers: Record<string, string> = {}): Promise<Answer> {
  const answer = await server.call('POST', path, body, headers)
  expect(answer.status, answer.text).toBe(201)
  return answer
}

/** A service and a connection of every type that takes secrets by hand. */
async function services(): Promise<void> {
  const { plant } = needles
  const urls = { authorizationUrl: `${sandbox.url}/a`, tokenUrl: `${sandbox.url}/t` }
  const types: Record<string, [auth: object, credentials: object | undefined]> = {
    bearer: [{ type: 'bearer' }, { token: plant('bearer token') }],
    api_key: [
      { type: 'api_key', parameters: [{ name: 'Key', key: 'X-Key', location: 'header' }] },
      { 'X-Key': plant('api key of a service') },
    ],
    basic: [
      {
        type: 'basic',
        delivery: 'header',
        parameters: [
          { name: 'User', key: 'username' },
          { name: 'Password', key: 'password' },
        ],
      },
      { username: 'ada', password: plant('basic password') },
    ],
    aws: [
      { type: 'aws', service: 's3', region: 'us-east-1' },
      {
        accessKeyId: 'AKIAEXAMPLE000000001',
        secretAccessKey: plant('aws secret key', (random) => `${random}${random}`),
      },
    ],
    oauth2: [{ type: 'oauth2', clientId: 'id', clientSecret: plant('client secret'), ...urls }, undefined],
    oauth1: [
      {
        type: 'oauth1',
        consumerKey: 'consumer',
        consumerSecret: plant('consumer secret', (random) => `${random}&${random}`),
        requestTokenUrl: `${sandbox.url}/r`,
        ...urls,
      },
      undefined,
    ],
  }
  for (const [type, [auth, credentials]] of Object.entries(types)) {
    const service = { name: type, linkName: type, description: plain, stage: 'ready', auth, baseUrl: sandbox.url }
    await made('/v1/services', service)
    if (credentials !== undefined)
      await made('/v1/connections', { name: type, linkName: type, service: type, credentials })
  }
  // The first reply is kept, for whoever repeats the request.
  const kept = { name: 'Kept', auth: { type: 'oauth2', clientSecret: plant('secret of a kept request') } }
  await made('/v1/services', kept, { 'Idempotency-Key': 'kept' })
  const key = await made('/v1/api-keys', { name: 'Shown once', role: 'viewer' }, { 'Idempotency-Key': 'key' })
  needles.watch('api key', String(key.body['key']))
}

/** What a provider gave. */
async function watchCredential(link: string, when: string): Promise<void> {
  const { store, vault, workspaceId } = server.installation
  const connection = await store.connections.find(workspaceId, link)
  const record = await store.authorizations.find(connection?.id ?? '', '')
  if (record === undefined) throw new Error(`${link} is not authorized`)
  const before = needles.names().length
  const seen = (at: string, value: unknown): void => {
    if (typeof value === 'object' && value !== null)
      for (const [name, inner] of Object.entries(value)) seen(`${at} ${name}`, inner)
    else if (typeof value === 'string' && /token|secret/i.test(at.split(' ').at(-1) ?? '') && value.length >= 12)
      needles.watch(`${at} ${when}`, value)
  }
  seen(link, openCredential(vault, record))
  expect(needles.names().length, link).toBeGreaterThan(before)
}

/** A sign-in that has left for the provider, and a link for an end user. */
async function underWay(): Promise<void> {
  await made('/v1/connections', { name: 'Waits', linkName: 'waits', service: 'sandbox_oauth2' })
  const begun = await server.call('POST', '/v1/connections/waits/authorize')
  const url = String(begun.body['authorizationUrl'])
  needles.watch('connect token', url.split('/').at(-1) ?? '')
  const left = await fetch(`${url}/start`, { method: 'POST', redirect: 'manual' })
  needles.watch('state', new URL(left.headers.get('location') ?? 'http://none/').searchParams.get('state') ?? '')
  const [cookie = ''] = left.headers.getSetCookie()
  needles.watch('binding cookie', cookie.split(';')[0]?.split('=')[1] ?? '')
  const service = 'bearer'
  await made('/v1/connections', { name: 'Each', linkName: 'each', service, authorizationLevel: 'per_user' })
  const session = await made('/v1/connect-sessions', { user: { id: 'ada' } })
  needles.watch('connect link', String(session.body['token']))
}

async function people(): Promise<void> {
  needles.watch('password', goodPassword)
  const owner = await setUpOwner(server)
  for (const [name, person] of Object.entries({ owner, viewer: await invited(server, owner, 'Vi', 'viewer') }))
    for (const [cookie, value] of person.cookies) if (value.length >= 12) needles.watch(`${cookie} of ${name}`, value)
  const invitation = await owner.call('POST', '/v1/invitations', { role: 'viewer' })
  needles.watch('invitation', tokenOf(invitation.body['url']))
}

/** What is in this file, without pages that are empty. */
function contents(path: string): Buffer {
  const bytes = readFileSync(path)
  const page = 8192
  const pages = Array.from({ length: Math.ceil(bytes.length / page) }, (_, n) =>
    bytes.subarray(n * page, (n + 1) * page),
  )
  return Buffer.concat(pages.filter((each) => each.some((byte) => byte !== 0)))
}

/** Every file of the server's, but those of the databases that it came with. */
function files(): string[] {
  return readdirSync(cluster.data, { recursive: true, encoding: 'utf8' })
    .filter((name) => !name.startsWith('base/') || name.startsWith(`base/${ours}/`))
    .filter((name) => statSync(join(cluster.data, name), { throwIfNoEntry: false })?.isFile() === true)
}

/** Where secrets are, and in which files the text is that anybody may see. */
function search(): { found: string[]; seenIn: string[] } {
  const found: string[] = []
  const seenIn: string[] = []
  for (const name of files()) {
    const bytes = contents(join(cluster.data, name))
    found.push(...needles.foundIn(bytes).map((one) => `${name}: ${one}`))
    if (bytes.includes(plain)) seenIn.push(name.split('/')[0] ?? '')
  }
  return { found, seenIn }
}

test('S-47 no planted secret is in the data, the write-ahead log or the log, while it runs and after', async () => {
  expect(needles.names().length).toBeGreaterThan(20)
  await cluster.run('checkpoint')
  const running = search()
  await server.stop()
  await cluster.stop('fast')
  const stopped = search()
  expect([...running.found, ...stopped.found]).toEqual([])
  for (const { seenIn } of [running, stopped])
    expect(new Set(seenIn)).toEqual(new Set(['base', 'pg_wal', 'server.log']))
  expect(needles.foundIn(server.logged())).toEqual([])
})
