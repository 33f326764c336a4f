import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { backOff, planRenewal, shortestLife } from './plan.ts'

const now = 1_800_000_000_000
const unit = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })

describe('planRenewal (S-25)', () => {
  test('is early by min(5 min, half the life) and up to a tenth of that more', () => {
    fc.assert(
      fc.property(fc.integer({ min: shortestLife, max: 10 ** 10 }), unit, (life, random) => {
        const at = planRenewal({ now, expiresAt: now + life, refreshable: true, marginSeconds: null, random })
        const margin = Math.min(300_000, life / 2)
        expect(at).toBeLessThanOrEqual(Math.round(now + life - margin))
        expect(at).toBeGreaterThanOrEqual(Math.floor(now + life - margin * 1.1))
      }),
    )
  })

  test('takes the margin that a service asks for, up to half of the life', () => {
    expect(planRenewal({ now, expiresAt: now + 600_000, refreshable: true, marginSeconds: 30, random: 0 })).toBe(
      now + 570_000,
    )
    expect(planRenewal({ now, expiresAt: now + 10_000, refreshable: true, marginSeconds: 30, random: 0 })).toBe(
      now + 5000,
    )
  })

  test('plans nothing for what does not end, cannot be renewed, or is over in a moment', () => {
    expect(
      planRenewal({ now, expiresAt: now + shortestLife - 1, refreshable: true, marginSeconds: null, random: 0 }),
    ).toBeNull()
    expect(planRenewal({ now, expiresAt: null, refreshable: true, marginSeconds: null, random: 0 })).toBeNull()
    expect(planRenewal({ now, expiresAt: now + 1, refreshable: false, marginSeconds: null, random: 0 })).toBeNull()
  })

  test('spreads tokens that were issued together', () => {
    const plans = Array.from({ length: 100 }, (_, index) =>
      planRenewal({ now, expiresAt: now + 3_600_000, refreshable: true, marginSeconds: null, random: index / 100 }),
    )
    expect(Math.max(...plans.map(Number)) - Math.min(...plans.map(Number))).toBeGreaterThan(25_000)
  })
})

describe('backOff (S-26)', () => {
  test('never waits longer than five minutes and a quarter, nor shorter than a Retry-After of up to an hour', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1000 }),
        fc.option(fc.integer({ min: 0, max: 86_400 })),
        unit,
        (failures, retryAfter, random) => {
          const wait = backOff(failures, retryAfter, random)
          const asked = Math.min(3600, retryAfter ?? 0) * 1000
          expect(wait).toBeGreaterThanOrEqual(Math.max(750, asked))
          expect(wait).toBeLessThanOrEqual(Math.max(375_000, asked * 1.1))
        },
      ),
    )
  })

  test('doubles from one second', () => {
    expect([1, 2, 3, 4].map((failures) => backOff(failures, null, 0.5))).toEqual([1000, 2000, 4000, 8000])
  })
})
