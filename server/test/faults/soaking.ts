/** Runs of the matrix, counted. */
import type { FaultyDatabase } from './database.ts'
import { matrix, seeded } from './matrix.ts'
import { nameOf, play, type Run, type Scenario } from './scenario.ts'
import { postgresDatabase } from './postgres_database.ts'
import { sqliteDatabase } from './sqlite_database.ts'
import { openWorld } from './world.ts'

export interface Soak {
  minutes: number
  /** How often each cell is run. */
  seeds: number
  /** The first number of a seed. */
  from: number
  engine: string
  /** Only what has this in its name. */
  only: string
  seed: string | undefined
  say: (line: string) => void
}

type Counts = Map<Scenario, { runs: number; failed: number }>

export async function databaseOf(engine: string): Promise<FaultyDatabase> {
  if (engine === 'sqlite') return sqliteDatabase()
  if (engine === 'postgres') return postgresDatabase()
  throw new Error(`there is no engine named ${engine}`)
}

/** How many runs failed. */
export async function createSoak({ minutes, seeds, from, engine, only, seed, say }: Soak): Promise<number> {
  const until = performance.now() + minutes * 60_000
  const world = await openWorld(await databaseOf(engine))
  const all = matrix(world.database)
  const counts: Counts = new Map()
  let failed = 0
  const once = async (scenario: Scenario, number: number): Promise<void> => {
    const run = await play(world, scenario, number)
    const count = counts.get(scenario) ?? { runs: 0, failed: 0 }
    count.runs++
    if (run.violations.length > 0) {
      count.failed++
      failed++
      say(told(run))
    }
    counts.set(scenario, count)
  }
  try {
    if (seed !== undefined) {
      const { scenario, number } = seeded(seed, all)
      await once(scenario, number)
    } else {
      const chosen = all.filter((one) => nameOf(one).includes(only))
      for (let number = from; number < from + seeds && performance.now() < until; number++) {
        for (const scenario of chosen) {
          if (performance.now() > until) break
          await once(scenario, number)
        }
      }
    }
  } finally {
    await world.close()
  }
  say(table(counts))
  return failed
}

export function told({ seed, violations }: Run): string {
  const lines = violations.map(({ invariant, what }) => `  ${invariant}: ${what}`)
  return [`FAILED  MOORING_FAULT_SEED=${seed}`, ...lines].join('\n')
}

/** Each cell, then by operation and step. */
function table(counts: Counts): string {
  const cells = Array.from(counts, ([scenario, { runs, failed }]) => [
    `${scenario.operation}: ${scenario.step}`,
    scenario.fault,
    String(runs),
    String(failed),
  ])
  const steps = new Map<string, { faults: number; runs: number; failed: number }>()
  for (const [{ operation, step }, { runs, failed }] of counts) {
    const name = `${operation}: ${step}`
    const sum = steps.get(name) ?? { faults: 0, runs: 0, failed: 0 }
    steps.set(name, { faults: sum.faults + 1, runs: sum.runs + runs, failed: sum.failed + failed })
  }
  const summed = Array.from(steps, ([name, { faults, runs, failed }]) => [name, ...[faults, runs, failed].map(String)])
  const total = [...counts.values()].reduce((sum, one) => sum + one.runs, 0)
  return [
    ...aligned([['step', 'fault', 'runs', 'failed'], ...cells]),
    '',
    ...aligned([['step', 'faults', 'runs', 'failed'], ...summed]),
    '',
    `${total} runs of ${counts.size} cells`,
  ].join('\n')
}

function aligned(rows: string[][]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}
