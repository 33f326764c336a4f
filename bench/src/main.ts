/**
 * `npm run bench`, `npm run bench -- api-key --seconds 3 --rounds 5`: runs the rows whose name holds the word, prints one
 * table and writes it as JSON to bench/results. `--engine postgres`: on a PostgreSQL server that comes with `npm ci`.
 * `--tokens 500`: a smaller storm of renewals. `--profile` also writes processor profiles of both servers there, which
 * slows them.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { chooseCores, describeMachine, root } from './machine.ts'
import { killAll } from './process.ts'
import { openDatabases } from './database.ts'
import { describe, table } from './report.ts'
import type { Finding } from './row.ts'
import { rows } from './rows/index.ts'

const results = join(root, 'bench', 'results')

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '5' },
    rounds: { type: 'string', default: '7' },
    engine: { type: 'string', default: 'sqlite' },
    tokens: { type: 'string', default: '10000' },
    profile: { type: 'boolean', default: false },
  },
})
const seconds = numberFrom('seconds', values.seconds, 0.2, 60)
const rounds = Math.round(numberFrom('rounds', values.rounds, 1, 25))
const tokens = Math.round(numberFrom('tokens', values.tokens, 1, 100_000))
const engine = values.engine === 'postgres' ? 'postgres' : 'sqlite'
if (values.engine !== engine) fail('--engine takes sqlite or postgres.')
const [word = ''] = positionals
const chosen = rows.filter(
  (row) => (row.engine ?? engine) === engine && `${row.id} ${row.what}`.toLowerCase().includes(word.toLowerCase()),
)
if (chosen.length === 0)
  fail(`No row on ${engine} is called "${word}". There are: ${rows.map(({ id }) => id).join(', ')}.`)

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    killAll()
    process.exit(130)
  })
}

const cores = chooseCores()
const machine = describeMachine(cores)
console.log(`${describe(machine, rounds, seconds)}\non ${engine}\n`)
mkdirSync(results, { recursive: true })
const nodeArgs = values.profile ? ['--cpu-prof', `--cpu-prof-dir=${results}`] : []

const databases = openDatabases(engine)
const findings: Finding[] = []
const failures: { row: string; error: string }[] = []
for (const row of chosen) {
  process.stderr.write(`${row.what} ...\n`)
  try {
    findings.push(...(await row.run({ cores, nodeArgs, databases, seconds, rounds, tokens })))
  } catch (error) {
    failures.push({ row: row.id, error: error instanceof Error ? error.message : String(error) })
  }
}
await databases.close()
if (findings.length > 0) console.log(`\n${table(findings)}`)
for (const { row, error } of failures) console.error(`\nNot measured: ${row}. ${error}`)

const file = join(results, `${machine.at.replaceAll(':', '-')}.json`)
writeFileSync(file, `${JSON.stringify({ machine, engine, rounds, seconds, findings, failures }, null, 2)}\n`)
console.log(`\nWritten to ${relative(root, file)}`)
process.exitCode = failures.length === 0 ? 0 : 1

function numberFrom(name: string, text: string, min: number, max: number): number {
  const value = Number(text)
  if (!(value >= min && value <= max)) fail(`--${name} takes a number from ${min} to ${max}.`)
  return value
}

function fail(message: string): never {
  console.error(message)
  process.exit(1)
}
