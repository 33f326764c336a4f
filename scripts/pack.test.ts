/** What people install: made, put into empty folders by npm, and used. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freePort } from '../server/test/free_port.ts'
import { pack } from './pack.ts'

let folder: string
let child: ChildProcess
let output = ''
/** The command where only the command is installed. */
let alone: ReturnType<typeof runs>

const install = (where: string, archives: string[]): void => {
  writeFileSync(join(where, 'package.json'), '{"private": true}')
  const args = ['install', '--prefer-offline', '--no-audit', '--no-fund', ...archives]
  const { status, stderr } = spawnSync('npm', args, {
    cwd: where,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  })
  if (status !== 0) throw new Error(`npm install failed:\n${stderr}`)
}
const runs = (name: string, args: string[], environment: Record<string, string> = {}) =>
  spawnSync(process.execPath, [join(folder, 'node_modules', '.bin', name), ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], HOME: folder, ...environment },
  })

beforeAll(async () => {
  const archives = pack()
  folder = mkdtempSync(join(tmpdir(), 'mooring-installed-'))
  install(
    folder,
    archives.filter((path) => path.includes('cli')),
  )
  alone = runs('mooring', ['start'])
  install(folder, archives)
  const sandboxPort = await freePort()
  child = spawn(process.execPath, [join(folder, 'node_modules', '.bin', 'mooring-server')], {
    cwd: folder,
    env: { PATH: process.env['PATH'], HOME: folder, MOORING_PORT: '0', MOORING_SANDBOX_PORT: String(sandboxPort) },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')))
  child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')))
  // Printed last, when the sandbox's services are there too.
  while (!output.includes('A sandbox provider')) {
    if (child.exitCode !== null) throw new Error(`the server ended:\n${output}`)
    await wait(50)
  }
}, 600_000)
afterAll(async () => {
  if (child?.exitCode === null) {
    child.kill('SIGTERM')
    await new Promise((resolve) => child.once('close', resolve))
  }
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
})

const address = (): string => /"url":"(http:[^"]+)"/.exec(output)?.[1] ?? ''

test('the command by itself says what it lacks', () => {
  expect([alone.status, alone.stderr]).toEqual([1, expect.stringContaining('npm install @mooring/server')])
})

test('the server serves, with the console that was built', async () => {
  expect(await (await fetch(`${address()}/readyz`)).json()).toEqual({ status: 'ready' })
  const page = await fetch(`${address()}/connections`, { headers: { accept: 'text/html' } })
  const script = /src="(\/console\/[^"]+\.js)"/.exec(await page.text())?.[1]
  expect(script).toBeDefined()
  expect((await fetch(`${address()}${script}`)).status).toBe(200)
})

test('the command connects and calls through it, with the sandbox that came along', () => {
  const environment = {
    MOORING_URL: address(),
    MOORING_API_KEY: readFileSync(join(folder, 'data', 'owner.key'), 'utf8').trim(),
  }
  const connected = runs('mooring', ['connect', 'sandbox_machine'], environment)
  expect([connected.status, connected.stderr]).toEqual([0, expect.stringContaining('Made the connection')])
  const called = runs('mooring', ['call', 'sandbox_machine', '/hello'], environment)
  expect([called.status, called.stderr]).toEqual([0, ''])
  expect(JSON.parse(called.stdout)).toMatchObject({ scheme: 'oauth2' })
})
