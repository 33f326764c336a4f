import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { checkDirections } from './directions.ts'

const all = ['contract', 'server', 'sdk', 'cli', 'sandbox', 'bench', 'console']
const roots: string[] = []

afterEach(() => {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true })
})

/** The violations of a repository made of `files` and empty workspaces. */
function check(files: Record<string, string>, workspaces = all): string[] {
  const root = mkdtempSync(join(tmpdir(), 'directions-'))
  roots.push(root)
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  write('package.json', JSON.stringify({ workspaces }))
  for (const name of [...workspaces, 'scripts']) write(`${name}/src/empty.ts`, '')
  for (const [path, text] of Object.entries(files)) write(path, text)
  return checkDirections(root)
}

const registry = {
  'server/src/schemes/index.ts': "import { basic } from './basic.ts'\nimport { oauth2 } from './oauth2.ts'",
}

describe('checkDirections', () => {
  test('passes a tree that keeps every direction', () => {
    const files = {
      ...registry,
      'contract/src/index.ts': "import { z } from 'zod'\nexport * from './service.ts'",
      'contract/src/service.ts': "import { z } from 'zod'",
      'sdk/src/index.ts': "import type { Service } from '@mooring/contract'",
      'cli/src/main.ts': "import { client } from '@mooring/sdk'\nawait import('@mooring/server')",
      'console/src/app.tsx': "import { client } from '@mooring/sdk'\nconst a = <p>don't import('@mooring/server')</p>",
      'bench/src/main.ts': "import '@mooring/server'\nimport '@mooring/sandbox'",
      'bench/src/database.ts': "import '../../server/test/postgres_cluster.ts'",
      'console/test/world.ts': "await import('../../server/test/engine.ts')",
      'scripts/reference.ts': "import '@mooring/contract'",
      'server/src/main.ts': "import './http/app.ts'\nimport './storage/sqlite.ts'\nread(process.env)",
      'server/src/index.ts': "export { start } from './main.ts'\nawait import('@mooring/sandbox')",
      'server/src/config.ts': 'export const read = (env = process.env) => env',
      'server/src/store.ts': "import type { Connection } from './connection/connection.ts'",
      'server/src/connection/connection.ts':
        "import type { Store } from '../store.ts'\nimport { schemes } from '../schemes/index.ts'\n// process.env fetch(x)",
      'server/src/connection/connection.test.ts':
        "import '@mooring/sdk'\nimport '@mooring/sandbox'\nimport '../storage/sqlite.ts'\nawait fetch(url)",
      'server/src/http/app.ts': "import '../connection/connection.ts'\nimport { createServer } from 'node:http'",
      'server/src/storage/sqlite.ts':
        "import type { Connection } from '../connection/connection.ts'\nimport '../store.ts'\nimport 'kysely'\nimport './rows.ts'",
      'server/src/storage/rows.ts': '',
      'server/src/egress/send.ts': "import { Agent } from 'undici'\nimport { connect } from 'node:net'\nfetch(url)",
      'server/src/call/call.ts':
        "import type { Dispatcher } from 'undici'\nimport { isIP } from 'node:net'\ntype Way = {\n  fetch(url: URL): Reply\n}\nway.fetch(url)",
      'server/src/schemes/scheme.ts': "import type { Scheme } from '@mooring/contract'",
      'server/src/schemes/placement.ts': "import { createHmac } from 'node:crypto'",
      'server/src/schemes/basic.ts': "import './scheme.ts'\nimport './placement.ts'\nimport '../errors.ts'",
      'server/src/schemes/oauth2.ts': "import './oauth2/token.ts'\nimport 'oauth4webapi'\nimport '@mooring/contract'",
      'server/src/schemes/oauth2/token.ts': "import '../scheme.ts'",
      'server/src/errors.ts': '',
    }
    expect(check(files)).toEqual([])
  })

  test('writes file, line, import and reason', () => {
    expect(check({ 'contract/src/index.ts': "import 'zod'\n\nimport { client } from '@mooring/sdk'" })).toEqual([
      'contract/src/index.ts:3 imports @mooring/sdk — ' +
        'the contract is what all others agree on, so it depends on none of them',
    ])
  })

  test.each([
    ['contract imports ours', 'contract/src/a.ts', "import '@mooring/server'", 'the contract is what all others'],
    ['sandbox imports ours', 'sandbox/src/a.ts', "import '@mooring/contract'", 'knows nothing of ours'],
    ['sdk takes a value', 'sdk/src/a.ts', "import { z } from '@mooring/contract'", 'takes only types'],
    [
      'sdk takes a value beside types',
      'sdk/src/a.ts',
      "import { type Z } from '@mooring/contract'",
      'takes only types',
    ],
    ['sdk imports the server', 'sdk/src/a.ts', "import type { A } from '@mooring/server'", 'takes only types'],
    ['cli imports the bench', 'cli/src/a.ts', "import '@mooring/bench'", 'the CLI is a user'],
    ['console imports the server', 'console/src/a.tsx', "import '@mooring/server'", 'the console is an ordinary user'],
    ['server needs the sandbox', 'server/src/index.ts', "import '@mooring/sandbox'", 'stands on the contract alone'],
    ['server imports the sdk', 'server/src/index.ts', "await import('@mooring/sdk')", 'stands on the contract alone'],
    ['a server test needs the cli', 'server/src/a.test.ts', "import '@mooring/cli'", 'stands on the contract alone'],
    ['a path leaves the workspace', 'cli/src/a.ts', "import '../../server/src/main.ts'", 'use its package name'],
    ['a script enters a workspace', 'scripts/a.ts', "await import('../sdk/src/a.ts')", 'use its package name'],
    ['a deep path', 'bench/src/a.ts', "export * from '@mooring/server/src/store.ts'", 'only its public entry'],
    ['code imports a test', 'cli/src/a.ts', "import './b.test.ts'", 'does not depend on tests'],
    ['code imports test support', 'cli/src/a.ts', "import '../test/b.ts'", 'does not depend on tests'],
    ['domain imports http', 'server/src/call/a.ts', "import type { A } from '../http/app.ts'", 'how it is reached'],
    ['domain imports storage', 'server/src/vault/a.ts', "import '../storage/sqlite.ts'", 'ask store.ts'],
    ['a new folder imports storage', 'server/src/new/a.ts', "import '../storage/sqlite.ts'", 'ask store.ts'],
    ['a root file imports http', 'server/src/errors.ts', "import './http/problem.ts'", 'how it is reached'],
    ['http imports storage', 'server/src/http/a.ts', "import '../storage/sqlite.ts'", 'ask store.ts'],
    ['storage uses the domain', 'server/src/storage/a.ts', "import { open } from '../vault/vault.ts'", 'sealed bytes'],
    ['storage imports http', 'server/src/storage/a.ts', "import type { A } from '../http/app.ts'", 'sealed bytes'],
    [
      'storage imports a scheme',
      'server/src/storage/a.ts',
      "import type { A } from '../schemes/index.ts'",
      'sealed bytes',
    ],
    ['storage uses the contract', 'server/src/storage/a.ts', "import '@mooring/contract'", 'sealed bytes'],
    ['a scheme imports domain', 'server/src/schemes/a.ts', "import type { A } from '../call/call.ts'", 'is passed in'],
    ['a scheme imports http', 'server/src/schemes/a/b.ts', "import '../../http/app.ts'", 'is passed in'],
    ['a scheme imports storage', 'server/src/schemes/a.ts', "import '../storage/sqlite.ts'", 'is passed in'],
    ['a scheme imports egress', 'server/src/schemes/a.ts', "import '../egress/send.ts'", 'is passed in'],
    ['a scheme imports another', 'server/src/schemes/basic.ts', "import './oauth2.ts'", 'knows no other scheme'],
    [
      'a scheme imports another’s file',
      'server/src/schemes/basic.ts',
      "import './oauth2/b.ts'",
      'knows no other scheme',
    ],
    ['a shared file imports a scheme', 'server/src/schemes/a.ts', "import './basic.ts'", 'knows no other scheme'],
    ['a scheme imports the registry', 'server/src/schemes/basic.ts', "import './index.ts'", 'knows no other scheme'],
    ['domain imports a scheme', 'server/src/call/a.ts', "import '../schemes/oauth2.ts'", 'only the registry'],
    ['main imports a scheme', 'server/src/main.ts', "import './schemes/oauth2/token.ts'", 'only the registry'],
    ['undici outside egress', 'server/src/call/a.ts', "import { request } from 'undici'", 'S-30'],
    ['fetch outside egress', 'server/src/call/a.ts', 'const reply = await fetch(url)', 'S-30'],
    ['fetch in a condition', 'server/src/call/a.ts', 'const a = b\n  ? fetch(url)\n  : c', 'S-30'],
    ['the global fetch by name', 'server/src/call/a.ts', 'send({ fetch: globalThis.fetch })', 'S-30'],
    ['http.request', 'server/src/call/a.ts', "import http from 'node:http'\nhttp.request(url)", 'S-30'],
    ['https.get', 'server/src/call/a.ts', "import * as web from 'https'\nweb.get(url)", 'S-30'],
    ['net.connect', 'server/src/call/a.ts', "import { connect as open } from 'node:net'", 'S-30'],
    ['tls.connect', 'server/src/http/a.ts', "import tls from 'node:tls'\ntls.connect(1)", 'S-30'],
    ['process.env', 'server/src/call/a.ts', 'const a = process.env.HOME', 'only config.ts reads'],
    ['process.env in a test', 'server/src/call/a.test.ts', 'const a = process.env', 'only config.ts reads'],
    ['process.env by index', 'server/src/call/a.ts', "const a = process['env']", 'only config.ts reads'],
    ['process.env taken apart', 'server/src/call/a.ts', 'const { env } = process', 'only config.ts reads'],
    ['process.env imported', 'server/src/call/a.ts', "import { env } from 'node:process'", 'only config.ts reads'],
  ])('finds: %s', (_name, path, text, reason) => {
    const found = check({ ...registry, [path]: text }).filter((line) => !line.includes(' → '))
    expect(found).toEqual([expect.stringContaining(reason)])
    expect(found[0]).toMatch(new RegExp(`^${RegExp.escape(path)}:[12] (?:imports|uses) `))
  })

  test('finds a cycle inside a workspace and shows the way round', () => {
    const found = check({
      'sdk/src/a.ts': "import './b.ts'",
      'sdk/src/b.ts': "\nexport * from './c.ts'",
      'sdk/src/c.ts': "await import('./a.ts')",
      'sdk/src/outside.ts': "import './a.ts'",
    })
    expect(found).toEqual([expect.stringContaining('sdk/src/a.ts → sdk/src/b.ts → sdk/src/c.ts → sdk/src/a.ts')])
  })

  test('finds a cycle over two packages', () => {
    const found = check({
      'cli/src/index.ts': "import '@mooring/server'",
      'server/src/index.ts': "import '@mooring/cli'",
    })
    expect(found).toContainEqual(
      expect.stringContaining('server/src/index.ts → cli/src/index.ts → server/src/index.ts'),
    )
  })

  test('lets types go round', () => {
    expect(check({ 'sdk/src/a.ts': "import './b.ts'", 'sdk/src/b.ts': "import type { A } from './a.ts'" })).toEqual([])
  })

  test('asks for a rule when a workspace has none', () => {
    expect(check({}, ['contract', 'plugins'])).toEqual([expect.stringContaining('lists plugins')])
  })
})
