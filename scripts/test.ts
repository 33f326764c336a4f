import './node_version.js'
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import process from 'node:process'
import { totalsOf } from './test_totals.ts'

// `npm test`: every check, then every test. `npm test -- server/src/vault` runs only the tests that match.

const root = join(import.meta.dirname, '..')
const filters = process.argv.slice(2)

const checks = [
  { name: 'types', command: ['tsc', '--noEmit', '-p', 'tsconfig.json'] },
  { name: 'types (console)', command: ['tsc', '--noEmit', '-p', 'console'] },
  { name: 'lint', command: ['oxlint', '--type-aware', '--deny-warnings'] },
  { name: 'format', command: ['oxfmt', '--check', '.'] },
  { name: 'directions', command: ['node', 'scripts/directions.ts'] },
  { name: 'repository', command: ['node', 'scripts/repository.ts'] },
]

type Outcome = { ok: boolean; output: string }

/** Runs a command of node_modules/.bin, without input. `quiet` keeps its output for the outcome. */
function run(command: string[], quiet: boolean): Promise<Outcome> {
  const [program = '', ...args] = command
  const bin = join(root, 'node_modules', '.bin')
  const { promise, resolve } = Promise.withResolvers<Outcome>()
  const child = spawn(program, args, {
    cwd: root,
    env: { ...process.env, PATH: `${bin}${delimiter}${process.env['PATH'] ?? ''}` },
    stdio: ['ignore', quiet ? 'pipe' : 'inherit', quiet ? 'pipe' : 'inherit'],
  })
  let output = ''
  const collect = (chunk: Buffer) => (output += chunk.toString())
  child.stdout?.on('data', collect)
  child.stderr?.on('data', collect)
  child.on('error', (error) => resolve({ ok: false, output: `${program}: ${error.message}\n` }))
  child.on('close', (code) => resolve({ ok: code === 0, output }))
  return promise
}

async function step(name: string, action: () => Promise<Outcome>): Promise<boolean> {
  const startedAt = performance.now()
  const { ok, output } = await action()
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
  if (!ok) process.stdout.write(output)
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${name.padEnd(10)} ${seconds} s`)
  return ok
}

const results: boolean[] = []
if (filters.length === 0) {
  for (const { name, command } of checks) results.push(await step(name, () => run(command, true)))
}

// Once, before many servers start at the same time and each would build it.
results.push(await step('console', () => run(['node', 'console/build.ts'], true)))

const folder = mkdtempSync(join(tmpdir(), 'mooring-test-'))
const report = join(folder, 'report.json')
const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
results.push(await step('tests', () => run(['vitest', 'run', ...reporters, ...filters], false)))

const totals = totalsOf(() => readFileSync(report, 'utf8'))
rmSync(folder, { recursive: true })
// Once more, together and last: among thousands of lines a failure is hard to find.
for (const failure of totals.failures) console.log(`FAILED ${failure.replace(`${root}/`, '')}`)
if (totals.passed + totals.failed === 0) console.log('No test ran, which is a failure.')
const ok = results.every(Boolean) && totals.passed > 0 && totals.failed === 0
// Machines read the line below: keep its form.
console.log(`${totals.passed} passed, ${totals.failed} failed`)
process.exitCode = ok ? 0 : 1
