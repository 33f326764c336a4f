/**
 * A slice of the fault matrix: every step at which a node can be killed, every fault once; `npm run soak` runs all of it, as
 * long as it is let. A run that fails tells its seed, and `MOORING_FAULT_SEED=… npm test -- server/test/faults` runs it alone.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { matrix, seeded, slice } from './matrix.ts'
import { nameOf, play } from './scenario.ts'
import { databaseOf, told } from './soaking.ts'
import { openWorld, type World } from './world.ts'

const engine = process.env['MOORING_TEST_ENGINE'] ?? 'sqlite'
const seed = process.env['MOORING_FAULT_SEED']
const database = await databaseOf(engine)
const all = matrix(database)
const chosen = seed === undefined ? slice(all, database.engine) : [seeded(seed, all)]

let world: World
beforeAll(async () => {
  world = await openWorld(database)
})
afterAll(() => world.close())

describe('S-20 S-21 S-22 S-23 S-27 S-47 whatever fails', () => {
  test.each(chosen.map((one) => ({ ...one, name: `${nameOf(one.scenario)}@${one.number}` })))(
    '$name',
    async ({ scenario, number }) => {
      const run = await play(world, scenario, number)
      expect(run.violations, told(run)).toEqual([])
    },
  )
})
