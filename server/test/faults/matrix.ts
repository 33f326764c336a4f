/** Every scenario of an engine, and what is run when. */
import type { FaultyDatabase } from './database.ts'
import { failings } from './failing.ts'
import { interleaving } from './interleaving.ts'
import { killings } from './killing.ts'
import { nameOf, type Scenario } from './scenario.ts'
import { times } from './time.ts'

export function matrix(database: Pick<FaultyDatabase, 'faults' | 'ofOneNode'>): Scenario[] {
  return [...killings, ...failings(database), ...times, interleaving]
}

/** The scenario and number of a seed. Throws where there is no such scenario here. */
export function seeded(seed: string, all: readonly Scenario[]): { scenario: Scenario; number: number } {
  const [name, number] = seed.split('@')
  const scenario = all.find((one) => nameOf(one) === name)
  if (scenario === undefined || number === undefined || !/^\d+$/.test(number))
    throw new Error(
      `MOORING_FAULT_SEED is ${seed}; it takes one of:\n${all.map((one) => `${nameOf(one)}@1`).join('\n')}`,
    )
  return { scenario, number: Number(number) }
}

/**
 * For the tests of every day: each step at which a node can be killed, each fault once, some storms. On PostgreSQL what is
 * particular to it: its own faults, the kills around a write, and clocks that nodes do not share.
 */
export function slice(
  all: readonly Scenario[],
  engine: FaultyDatabase['engine'],
): { scenario: Scenario; number: number }[] {
  const cells = new Map<string, Scenario[]>()
  for (const scenario of all) {
    if (scenario.long === true) continue
    const { operation, step, fault } = scenario
    const isKill = fault.startsWith('kill')
    // By an hour; further jumps show the same.
    const isJump = /clocks? jumps? /.test(fault)
    if (isJump && !fault.includes('an hour')) continue
    const ofPostgres = isJump || fault.startsWith('database') || (isKill && step === 'answered and not written')
    if (engine === 'postgres' && !ofPostgres) continue
    // Kills by their step, whatever the provider's habit; other faults once, wherever they come.
    const cell = isKill ? `${operation.replace(', again', '')} ${step}` : fault
    cells.set(cell, [...(cells.get(cell) ?? []), scenario])
  }
  const once = [...cells.values()].flatMap((list, index) => {
    const scenario = list[index % list.length]
    return scenario === undefined ? [] : [{ scenario, number: 1 }]
  })
  return [...once, ...[2, 3].map((number) => ({ scenario: interleaving, number }))]
}
