/** S-47 the way to PostgreSQL: TLS, the name and the authority of the server checked as the URL says. */
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parseDatabaseUrl } from '../src/database_url.ts'
import { selfSigned } from '../src/egress/certificate.fixture.ts'
import { openPostgres } from '../src/storage/postgres.ts'
import { startServer } from './harness.ts'
import { type Cluster, startCluster } from './postgres_cluster.ts'

const folder = mkdtempSync(join(tmpdir(), 'mooring-tls-'))
const [server, stranger, client] = ['localhost', 'localhost', 'test'].map((name) => selfSigned([name], new Date()))
let cluster: Cluster

/** A file of this text, for the URL. */
function file(name: string, text = ''): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

beforeAll(async () => {
  cluster = await startCluster({
    settings: { ssl: 'on', ssl_ca_file: 'client.crt' },
    files: {
      'server.crt': server?.cert ?? '',
      'server.key': server?.key ?? '',
      'client.crt': client?.cert ?? '',
      'pg_hba.conf': [
        'hostssl all test all cert',
        'hostnossl mooring all all reject',
        'host all all all scram-sha-256',
        '',
      ].join('\n'),
    },
  })
  await cluster.run('create database mooring')
  // The name in the client's certificate.
  await cluster.run('create role test login superuser')
})
afterAll(async () => {
  await cluster.remove()
  rmSync(folder, { recursive: true })
})

/** The database by a host's name, with these parameters. */
function urlBy(host: string, parameters: Record<string, string>): string {
  const url = new URL(cluster.url('mooring', new URLSearchParams(parameters).toString()))
  url.hostname = host
  return url.href
}

/** `opened`, or why not. */
async function outcome(url: string, trusted: string | null = null): Promise<string> {
  try {
    const store = await openPostgres({ target: parseDatabaseUrl(url), connections: 2, trusted })
    await store.close()
    return 'opened'
  } catch (error) {
    return error instanceof Error ? error.message : 'thrown'
  }
}

test('verify-full takes the server whose name and authority are right, for every connection', async () => {
  const sslrootcert = file('ca.crt', server?.cert)
  const dir = mkdtempSync(join(folder, 'data-'))
  const mooring = await startServer({
    dir,
    environment: { MOORING_DATABASE_URL: urlBy('localhost', { sslmode: 'verify-full', sslrootcert }) },
  })
  try {
    expect((await mooring.call('POST', '/v1/services', { name: 'Over TLS' })).status).toBe(201)
    const connections = `select ssl, version, query like 'listen%' as listens from pg_stat_ssl join pg_stat_activity using (pid)
      where datname = 'mooring'`
    await expect.poll(async () => (await cluster.run(connections)).map(({ listens }) => listens)).toContain(true)
    for (const each of await cluster.run(connections)) expect(each).toMatchObject({ ssl: true, version: 'TLSv1.3' })
  } finally {
    await mooring.stop()
  }
})

test('verify-full refuses another name, which verify-ca takes', async () => {
  const sslrootcert = file('ca.crt', server?.cert)
  expect(await outcome(urlBy('127.0.0.1', { sslmode: 'verify-full', sslrootcert }))).toMatch(
    /^postgres:\/\/mooring:\*\*\*@127\.0\.0\.1:\d+\/mooring\?\S+ cannot be used: .*(?:altnames|IP)/i,
  )
  expect(await outcome(urlBy('127.0.0.1', { sslmode: 'verify-ca', sslrootcert }))).toBe('opened')
})

test('both refuse another authority, and one that nobody named; MOORING_CA_FILE names one', async () => {
  const sslrootcert = file('stranger.crt', stranger?.cert)
  const strange = /cannot be used: .*(?:self-signed|unable to verify)/
  for (const sslmode of ['verify-full', 'verify-ca']) {
    expect(await outcome(urlBy('localhost', { sslmode, sslrootcert }))).toMatch(strange)
    expect(await outcome(urlBy('localhost', { sslmode }))).toMatch(strange)
  }
  expect(await outcome(urlBy('localhost', { sslmode: 'verify-full' }), server?.cert)).toBe('opened')
})

test('require and prefer use TLS unchecked; without TLS the server lets nobody in', async () => {
  for (const sslmode of ['require', 'prefer']) expect(await outcome(urlBy('127.0.0.1', { sslmode }))).toBe('opened')
  expect(await outcome(urlBy('127.0.0.1', { sslmode: 'disable' }))).toContain('no encryption')
})

test('a certificate of our own is shown to the server', async () => {
  const own = { sslcert: file('own.crt', client?.cert), sslkey: file('own.key', client?.key) }
  const url = new URL(urlBy('localhost', { sslmode: 'verify-full', sslrootcert: file('ca.crt', server?.cert), ...own }))
  url.username = 'test'
  url.password = ''
  expect(await outcome(url.href)).toBe('opened')
  for (const name of Object.keys(own)) url.searchParams.delete(name)
  expect(await outcome(url.href)).toMatch(/certificate/)
})

test('who says that there is no TLS hears nothing more, above all no password', async () => {
  const heard: Buffer[] = []
  const pretender = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.on('data', (bytes) => {
      heard.push(bytes)
      socket.write('N')
    })
  }).listen(0, '127.0.0.1')
  await once(pretender, 'listening')
  const address = pretender.address()
  const url = new URL(urlBy('127.0.0.1', { sslmode: 'verify-full' }))
  url.port = typeof address === 'object' ? String(address?.port) : ''
  expect(await outcome(url.href)).toContain('does not support SSL connections')
  pretender.close()
  // SSLRequest (PostgreSQL, 54.7), and nothing else.
  expect(heard.length).toBeGreaterThan(0)
  for (const bytes of heard) expect(bytes.toString('hex')).toBe('0000000804d2162f')
})
