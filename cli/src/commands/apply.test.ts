import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { mooringHere, type Ran } from '../../test/mooring.ts'
import { realServer, type RealServer } from '../../test/server.ts'

const secrets = {
  BOOKS_CLIENT_SECRET: 'planted-client-secret-1',
  KEYS_KEY: 'planted-key-2',
}

let one: RealServer
let other: RealServer
beforeAll(async () => {
  ;[one, other] = await Promise.all([realServer(), realServer()])
  const { services, connections } = one.client
  await services.create({
    name: 'Books',
    stage: 'ready',
    auth: {
      type: 'oauth2',
      clientId: 'books-id',
      clientSecret: 'secret-of-the-test-system',
      authorizationUrl: 'https://login.example.com/authorize',
      tokenUrl: 'https://login.example.com/token',
      expiryTime: 1800,
    },
    scopes: ['books.read', 'books.write'],
    scopeDelimiter: 'space',
    baseUrl: 'https://api.example.com',
  })
  await services.create({
    name: 'Keys',
    stage: 'ready',
    auth: { type: 'api_key', parameters: [{ name: 'Key', key: 'key', location: 'query' }] },
    baseUrl: 'https://{shop}.example.com',
    placeholders: [{ name: 'shop', label: 'Shop', example: 'acme' }],
  })
  await services.create({ name: 'Sketch', auth: { type: 'bearer' } })
  await connections.create({ name: 'Reader', service: 'books', scopes: ['books.read'] })
  await connections.create({
    name: 'Shop',
    linkName: 'keys',
    service: 'keys',
    parameters: { shop: 'acme' },
    credentials: { key: 'k' },
  })
}, 60_000)
afterAll(() => Promise.all([one[Symbol.asyncDispose](), other[Symbol.asyncDispose]()]))

const folder = (): string => mkdtempSync(join(tmpdir(), 'mooring-definitions-'))
const mooring = (server: RealServer, args: string[], env: Record<string, string> = {}, stdin = ''): Promise<Ran> =>
  mooringHere(args, { url: server.url, env, stdin })
const contents = (dir: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(dir, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.yaml'))
      .map((name) => [name, readFileSync(join(dir, name), 'utf8')]),
  )

/** All that a server holds, as far as files tell. */
async function held(server: RealServer): Promise<string> {
  return (await mooring(server, ['export'])).stdout
}

describe('from one installation to another', () => {
  const dir = folder()

  test('export writes files in a stable order, with references in the place of secrets', async () => {
    expect((await mooring(one, ['export', dir])).code).toBe(0)
    expect(Object.keys(contents(dir)).toSorted()).toEqual([
      'connections/keys.yaml',
      'connections/reader.yaml',
      'services/books.yaml',
      'services/keys.yaml',
      'services/sketch.yaml',
    ])
    const { 'services/books.yaml': books = '', 'connections/keys.yaml': keys = '' } = contents(dir)
    expect(books).toBe(`kind: service
version: 1
linkName: books
name: Books
stage: ready
auth:
  type: oauth2
  clientId: books-id
  clientSecret: \${env:BOOKS_CLIENT_SECRET}
  authorizationUrl: https://login.example.com/authorize
  tokenUrl: https://login.example.com/token
  expiryTime: 1800
scopes:
  - name: books_read
    value: books.read
  - name: books_write
    value: books.write
scopeDelimiter: space
baseUrl: https://api.example.com
`)
    expect(keys).toContain('credentials:\n  key: ${env:KEYS_KEY}\n')
    expect(Object.values(contents(dir)).join('')).not.toContain('secret-of-the-test-system')
    const again = folder()
    await mooring(one, ['export', again])
    expect(contents(again)).toEqual(contents(dir))
  })

  test('where they came from they change nothing, without any secret at hand', async () => {
    const planned = await mooring(one, ['plan', dir])
    expect([planned.code, planned.stdout]).toEqual([0, '0 to create, 0 to change, 0 to delete, 5 unchanged.\n'])
    expect(await mooring(one, ['apply', dir])).toMatchObject({ code: 0, stderr: 'Nothing to do.\n' })
  })

  test('plan shows what they make elsewhere, and needs no secret for it', async () => {
    const { code, stdout } = await mooring(other, ['plan', dir])
    expect(code).toBe(0)
    expect(stdout).toContain('+ service books\n')
    expect(stdout).toContain('auth.clientSecret: a secret (not in the environment: BOOKS_CLIENT_SECRET)')
    expect(stdout).toContain('5 to create, 0 to change, 0 to delete, 0 unchanged.')
    expect(await held(other)).toBe('\n')
  })

  test('apply does nothing while a secret is missing, or nobody says yes', async () => {
    const without = await mooring(other, ['apply', dir, '--yes'], { BOOKS_CLIENT_SECRET: 'x' })
    expect(without.code).toBe(1)
    expect(without.stderr).toMatch(/connections\/keys\.yaml:\d+ {2}credentials\.key: The environment has no KEYS_KEY\./)
    expect(await mooring(other, ['apply', dir], secrets)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--yes'),
    })
    expect(await held(other)).toBe('\n')
  })

  test('apply makes them all, once, and prints no secret', async () => {
    const applied = await mooring(other, ['apply', dir, '--yes'], secrets)
    expect(applied).toMatchObject({ code: 0, stderr: 'Done: 5 changes.\n' })
    const again = await mooring(other, ['apply', dir, '--yes'], secrets)
    expect(again).toMatchObject({ code: 0, stderr: 'Nothing to do.\n' })
    for (const { stdout, stderr } of [applied, again])
      for (const secret of Object.values(secrets)) expect(stdout + stderr).not.toContain(secret)
    expect(await held(other)).toBe(await held(one))
    expect(await other.client.connections.get('keys')).toMatchObject({ status: 'active' })
    expect(await other.client.services.get('sketch')).toMatchObject({ stage: 'draft' })
  })

  test('through a pipe it is the same', async () => {
    const { stdout } = await mooring(one, ['export', '-'])
    expect(await mooring(other, ['apply', '-', '--yes'], {}, stdout)).toMatchObject({
      code: 0,
      stderr: 'Nothing to do.\n',
    })
  })
})

describe('what a change means', () => {
  let dir: string
  const edit = (file: string, from: string, to: string): void => {
    const path = join(dir, file)
    const text = readFileSync(path, 'utf8')
    expect(text).toContain(from)
    writeFileSync(path, text.replace(from, to))
  }
  const fresh = async (): Promise<void> => {
    dir = folder()
    await mooring(one, ['export', dir])
  }

  test('other scopes of an active connection: it needs to be authorized again', async () => {
    await one.client.connections.authorize('reader', { credentials: { accessToken: 'taken-over' } })
    await fresh()
    edit('connections/reader.yaml', '  - books.read\n', '  - books.read\n  - books.write\n')
    const planned = await mooring(one, ['plan', dir])
    expect(planned.stdout).toContain('~ connection reader\n    scopes: ["books.read"] → ["books.read","books.write"]\n')
    expect(planned.stdout).toContain('1 connection will need to be authorized again.')
    expect((await mooring(one, ['apply', dir, '-y'])).code).toBe(0)
    expect(await one.client.connections.get('reader')).toMatchObject({ status: 'active', reauthorizationNeeded: true })
    expect(await mooring(one, ['apply', dir, '-y'])).toMatchObject({ code: 0, stderr: 'Nothing to do.\n' })
  })

  test('what a ready service allows is changed, and told to its connections', async () => {
    await fresh()
    edit('services/books.yaml', 'name: Books', 'name: Books and more\ndescription: All of them.')
    edit('services/books.yaml', 'baseUrl: https://api.example.com', 'baseUrl: https://api.example.org')
    edit('services/sketch.yaml', 'type: bearer', 'type: basic')
    const planned = await mooring(one, ['plan', dir, '--json'])
    expect(JSON.parse(planned.stdout)).toMatchObject({
      errors: [],
      steps: expect.arrayContaining([
        expect.objectContaining({
          linkName: 'books',
          effects: ['1 connection of it will call by the new settings from now on.'],
        }),
      ]),
    })
    expect((await mooring(one, ['apply', dir, '-y'])).code).toBe(0)
    expect(await one.client.services.get('books')).toMatchObject({
      name: 'Books and more',
      baseUrl: 'https://api.example.org',
    })
    expect(await one.client.services.get('sketch')).toMatchObject({ auth: { type: 'basic' } })
    expect(await mooring(one, ['apply', dir, '-y'])).toMatchObject({ stderr: 'Nothing to do.\n' })
  })

  test('a draft becomes ready, and loses what its file leaves out', async () => {
    await fresh()
    edit(
      'services/sketch.yaml',
      'stage: draft\nauth:\n  type: basic',
      'stage: ready\nhosts: [a.example.com]\nauth:\n  type: bearer\n  tokenPrefix: ""',
    )
    const planned = await mooring(one, ['plan', dir])
    expect(planned.stdout).toContain('It becomes ready, for good')
    expect((await mooring(one, ['apply', dir, '-y'])).code, planned.stdout).toBe(0)
    expect(await one.client.services.get('sketch')).toMatchObject({
      stage: 'ready',
      auth: { type: 'bearer', tokenPrefix: '' },
    })
    expect(await mooring(one, ['apply', dir, '-y'])).toMatchObject({ stderr: 'Nothing to do.\n' })
  })

  test('what is frozen, and every other mistake, is told with file, line and field before anything is changed', async () => {
    await fresh()
    const before = await held(one)
    edit('services/books.yaml', 'expiryTime: 1800', 'expiryTime: 3000')
    edit('services/books.yaml', '    value: books.write', '    value: books.delete')
    edit('services/keys.yaml', 'name: Keys', 'name: "?Keys"')
    edit('connections/keys.yaml', 'service: keys', 'service: nowhere')
    edit('connections/reader.yaml', '  - books.read', '  - books.fly')
    mkdirSync(join(dir, 'more'))
    writeFileSync(
      join(dir, 'more/a.yaml'),
      'kind: service\nversion: 1\nlinkName: literal\nname: L\nauth:\n  type: oauth2\n  clientSecret: in-the-clear-4711\n',
    )
    writeFileSync(
      join(dir, 'more/b.yaml'),
      'kind: service\nversion: 1\nlinkName: literal\nname: ${env:NOT_THERE}\ncolour: red\n',
    )
    writeFileSync(join(dir, 'more/c.yaml'), 'kind: [service\n')
    writeFileSync(join(dir, 'more/d.yaml'), 'kind: server\n')
    const { code, stdout, stderr } = await mooring(one, ['apply', dir, '-y'])
    expect([code, stdout]).toEqual([1, ''])
    for (const [place, says] of [
      [
        'services/books.yaml:13',
        'auth.expiryTime: Frozen: the service is ready. Clone it (mooring services clone books)',
      ],
      ['services/books.yaml:14', 'scopes: Frozen: it has connections'],
      ['services/keys.yaml:4', 'name: Start with'],
      ['connections/keys.yaml:5', 'service: There is no service nowhere'],
      ['connections/reader.yaml:8', 'scopes.0: The service has no scope books.fly'],
      ['more/a.yaml:7', 'auth.clientSecret: A secret does not belong into a file'],
      ['more/b.yaml:3', 'linkName: There is the service literal already'],
      ['more/b.yaml:4', 'name: The environment has no NOT_THERE.'],
      ['more/b.yaml:5', 'colour: There is no field'],
      ['more/c.yaml:2', 'This is not YAML'],
      ['more/d.yaml:1', 'kind: Write kind'],
    ])
      expect(stderr).toContain(`${dir}/${place}  ${says}`)
    expect(stderr).toContain('1 connection of it would then need to be authorized again.')
    expect(stderr).not.toContain('in-the-clear-4711')
    expect(await held(one)).toBe(before)
    expect((await mooring(one, ['plan', dir])).code).toBe(1)
  })

  test('nothing is deleted without --prune, and with it what no file names', async () => {
    await fresh()
    rmSync(join(dir, 'services/sketch.yaml'))
    rmSync(join(dir, 'connections/keys.yaml'))
    expect((await mooring(one, ['plan', dir])).stdout).toContain('0 to delete')
    rmSync(join(dir, 'services/keys.yaml'))
    const planned = await mooring(one, ['plan', dir, '--prune'])
    expect(planned.stdout).toContain('- connection keys\n    ! It is revoked at its provider')
    expect((await mooring(one, ['apply', dir, '-y', '--prune'])).stderr).toContain('Done: 3 changes.')
    expect((await held(one)).match(/^linkName: .*/gm)).toEqual(['linkName: books', 'linkName: reader'])
  })

  test('a service that a file still uses is not pruned', async () => {
    await fresh()
    rmSync(join(dir, 'services/books.yaml'))
    expect(await mooring(one, ['apply', dir, '-y', '--prune'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('--prune would delete it'),
    })
  })

  test('a secret is written again only where that is asked for', async () => {
    await fresh()
    const first = await mooring(one, ['plan', dir, '--replace-secrets'], secrets)
    expect(first.stdout).toContain('auth.clientSecret: a secret\n    ! 1 connection of it use the new secret')
    expect((await mooring(one, ['apply', dir, '-y', '--replace-secrets'], secrets)).stderr).toBe('Done: 1 change.\n')
    const log = await one.client.audit.list({ action: 'service.replace_secrets' })
    expect(log.items).toHaveLength(1)
  })

  test('what fails in the middle says what was done, and goes on from there', async () => {
    await fresh()
    // May manage, and may not say where a stored credential goes (`credentials`).
    const { key } = await one.client.keys.create({ name: 'pipeline', role: 'developer' })
    writeFileSync(join(dir, 'services/aaa.yaml'), 'kind: service\nversion: 1\nlinkName: aaa\nname: First\n')
    writeFileSync(join(dir, 'services/zzz.yaml'), 'kind: service\nversion: 1\nlinkName: zzz\nname: Last\n')
    edit('services/books.yaml', 'baseUrl: https://api.example.org', 'baseUrl: https://elsewhere.example.com')
    const failed = await mooring(one, ['apply', dir, '-y'], { MOORING_API_KEY: key })
    expect(failed.code).toBe(3)
    expect(failed.stderr).toContain('service books could not be changed:')
    expect(failed.stderr).toContain('Done before: service aaa. Not done: service books, service zzz.')
    expect(await mooring(one, ['apply', dir, '-y'])).toMatchObject({ code: 0, stderr: 'Done: 2 changes.\n' })
  })
})
