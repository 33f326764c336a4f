import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { backOff, planRenewal, shortestLife } from './plan.ts'

const now = 1_800_000_000_000
const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
const plan = (life: number | null, marginSeconds: number | null = null, chance = 0): number | null => {
  const at = planRenewal({
    now,
    expiresAt: life === null ? null : now + life,
    refreshable: true,
    marginSeconds,
    random: chance,
  })
  return at === null ? null : at - now
}

describe('S-25 when a token is renewed', () => {
  test('five minutes before its end, or at half of its life if that is shorter', () => {
    expect(plan(3_600_000)).toBe(3_300_000)
    expect(plan(86_400_000)).toBe(86_100_000)
    expect(plan(60_000)).toBe(30_000)
  })

  test('as early as the service says', () => {
    expect(plan(600_000, 30)).toBe(570_000)
    expect(plan(600_000, 0)).toBe(600_000)
  })

  test('is never planned for what does not end, cannot be renewed, or hardly lives', () => {
    expect(plan(null)).toBeNull()
    expect(
      planRenewal({ now, expiresAt: now + 3_600_000, refreshable: false, marginSeconds: null, random: 0 }),
    ).toBeNull()
    expect(plan(shortestLife - 1)).toBeNull()
    expect(plan(-1)).toBeNull()
    expect(plan(shortestLife)).toBe(shortestLife / 2)
  })

  test('lies in the second half of the life, give or take the jitter, whatever margin a service asks for', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: shortestLife, max: 10 * 365 * 86_400_000 }),
        fc.option(fc.integer({ min: 0, max: 86_400 })),
        random,
        (life, marginSeconds, chance) => {
          const at = plan(life, marginSeconds, chance) ?? Number.NaN
          const margin = Math.min((marginSeconds ?? 300) * 1000, life / 2)
          expect(at).toBeLessThanOrEqual(life - margin + 1)
          expect(at).toBeGreaterThanOrEqual(life - 1.1 * margin - 1)
          // Not at once, else each renewal would bring the next.
          expect(at).toBeGreaterThanOrEqual(life * 0.45 - 1)
        },
      ),
    )
  })

  test('is spread: of a thousand tokens issued together no tenth of the span has more than a fifth', () => {
    const spans = new Map<number, number>()
    for (let index = 0; index < 1000; index++) {
      const early = 3_300_000 - (plan(3_600_000, null, index / 1000) ?? 0)
      const span = Math.min(9, Math.floor(early / 3000))
      spans.set(span, (spans.get(span) ?? 0) + 1)
    }
    expect([...spans.keys()].toSorted((one, other) => one - other)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    expect(Math.max(...spans.values())).toBeLessThan(200)
  })
})

describe('S-26 how long to wait after failures', () => {
  test('doubles from a second to five minutes, give or take a quarter', () => {
    expect([1, 2, 3, 9, 10, 1000].map((failures) => backOff(failures, null, 0.5))).toEqual([
      1000, 2000, 4000, 256_000, 300_000, 300_000,
    ])
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000 }), random, (failures, chance) => {
        const wait = Math.min(300_000, 1000 * 2 ** Math.min(failures - 1, 20))
        expect(backOff(failures, null, chance)).toBeGreaterThanOrEqual(Math.floor(wait * 0.75))
        expect(backOff(failures, null, chance)).toBeLessThanOrEqual(Math.ceil(wait * 1.25))
      }),
    )
  })

  test('keeps to Retry-After, up to an hour, and never comes before it', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 0, max: 2_000_000_000 }),
        random,
        (failures, seconds, chance) => {
          const wait = backOff(failures, seconds, chance)
          expect(wait).toBeGreaterThanOrEqual(Math.min(seconds, 3600) * 1000)
          expect(wait).toBeLessThanOrEqual(3600 * 1100)
        },
      ),
    )
  })
})
