/** One thing that goes wrong at one step of one operation, run in a world, from a seed. */
import { setTimeout as delay } from 'node:timers/promises'
import { check, type Violation } from './invariants.ts'
import { type Random, randomOf } from './random.ts'
import type { Node } from './nodes.ts'
import type { World } from './world.ts'

export interface Scenario {
  /** What is done: a column of the matrix. */
  operation: string
  /** When it goes wrong. */
  step: string
  /** What goes wrong. */
  fault: string
  /** Takes so long that it is left to the long run. */
  long?: boolean
  run(world: World, random: Random): Promise<void>
}

export function nameOf({ operation, step, fault }: Scenario): string {
  return [operation, step, fault].map((part) => part.replaceAll(/[^A-Za-z0-9]+/g, '-')).join('/')
}

export interface Run {
  /** Runs exactly this again: `MOORING_FAULT_SEED`. */
  seed: string
  violations: Violation[]
}

/** Runs it, calms everything, and looks whether all still holds. */
export async function play(world: World, scenario: Scenario, number: number): Promise<Run> {
  const seed = `${nameOf(scenario)}@${number}`
  const violations: Violation[] = []
  try {
    await scenario.run(world, randomOf(seed))
    await world.calm()
    violations.push(...(await check(world)))
  } catch (error) {
    violations.push({ invariant: 'told', what: `it could not be run to its end: ${describe(error)}` })
    await world.calm()
  }
  await world.clear()
  return { seed, violations }
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

/** One of the two nodes to do it, the other to go on. */
export function roles(world: World, random: Random): { doer: Node; other: Node } {
  const [one, two] = world.nodes
  return random.chance(50) ? { doer: one, other: two } : { doer: two, other: one }
}

/** Looks every few milliseconds. Throws after half a minute: a busy machine is slow. */
export async function until(look: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = performance.now() + 30_000
  while (!(await look())) {
    if (performance.now() > deadline) throw new Error(`${what} did not happen in time`)
    await delay(5)
  }
}

/** Whatever comes first; throws where it is neither after half a minute. */
export async function reached(step: Promise<void>, what: string): Promise<void> {
  const over = new AbortController()
  const late = delay(30_000, undefined, { signal: over.signal }).then(
    () => Promise.reject(new Error(`${what} was not reached in time`)),
    () => undefined,
  )
  await Promise.race([step, late])
  over.abort()
}
