import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Ending, type Ground, live, openGround, type Plan } from './alive_world.fixture.ts'

let ground: Ground
beforeAll(async () => {
  ground = await openGround()
})
afterAll(() => ground.store.close())

const plans = fc.record<Plan>({
  seed: fc.integer({ min: 0, max: 2 ** 31 }),
  servers: fc.integer({ min: 1, max: 4 }),
  provider: fc.constantFrom('detects', 'strict', 'lenient'),
  rounds: fc.integer({ min: 1, max: 6 }),
  callers: fc.integer({ min: 1, max: 6 }),
  crash: fc.constantFrom(0, 0, 2, 10),
  stall: fc.constantFrom(0, 0, 2, 10),
  storeFails: fc.constantFrom(0, 0, 5, 30),
  providerFails: fc.constantFrom(0, 20, 60),
  answerLost: fc.constantFrom(0, 0, 10),
  sameMachine: fc.boolean(),
})

async function holds(plan: Plan): Promise<Ending> {
  const ending = await live(ground, plan)
  const { record, usable, violations } = ending
  expect(violations).toEqual([])
  expect(record).toMatchObject({ leaseOwner: null, leaseUntil: null, inFlight: null })
  if (record.status === 'active') {
    expect(usable).toBe(true)
    expect(record.lastError).toBeNull()
  } else {
    // Only a rotation that nobody could have saved ends a grant, and its owner is told so.
    expect(record.status).toBe('reauthorization_required')
    expect(record.lastError?.detail).toMatch(/^Possibly lost rotation: /)
  }
  return ending
}

/** Runs a property; what it prints when it fails holds the plan with its seed. */
const always = (arbitrary: fc.Arbitrary<Plan>, judge: (plan: Plan) => Promise<void>, numRuns: number): Promise<void> =>
  fc.assert(fc.asyncProperty(arbitrary, judge), { numRuns, interruptAfterTimeLimit: 5000 })

describe('S-20 S-21 S-22 S-23 whatever fails, and whenever', () => {
  test('one token request at a time, no refresh token used twice without need, every lease ends, the end is usable or explained', async () => {
    let asked = 0
    await always(
      plans,
      async (plan) => {
        asked += (await holds(plan)).tokenRequests
      },
      90,
    )
    expect(asked).toBeGreaterThan(20)
  })

  test('a grant survives failing providers, failing stores, and servers that stand still where one answer is enough', async () => {
    await always(
      plans.map((plan) => ({
        ...plan,
        crash: 0,
        answerLost: 0,
        // Whoever ends a grant over a token used twice leaves nothing to save.
        stall: plan.provider === 'detects' ? 0 : plan.stall,
      })),
      async (plan) => {
        expect((await holds(plan)).record.status).toBe('active')
      },
      40,
    )
  })

  test('where nothing fails, each round costs one token request however many call', async () => {
    await always(
      plans.map((plan) => ({ ...plan, crash: 0, answerLost: 0, stall: 0, storeFails: 0, providerFails: 0 })),
      async (plan) => {
        expect((await holds(plan)).tokenRequests).toBe(plan.rounds + 1)
      },
      25,
    )
  })
})
