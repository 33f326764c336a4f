import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createPace } from './pace.ts'

describe('a pace', () => {
  test('gives ten seconds’ worth at once, then one at a time, and says how long to wait', () => {
    let at = 1_000_000
    const pace = createPace(5, () => at)
    const taken = Array.from({ length: 60 }, () => pace.take('a'))
    expect(taken.filter((wait) => wait === 0)).toHaveLength(50)
    expect([pace.take('a'), pace.look('a'), pace.look('b'), pace.take('b')]).toEqual([200, 200, 0, 0])
    at += 200
    expect([pace.look('a'), pace.take('a'), pace.take('a')]).toEqual([0, 0, 200])
  })

  test('never allows more than a burst and what has filled since, whenever it is asked', () => {
    const steps = fc.array(fc.integer({ min: 0, max: 3000 }), { minLength: 1, maxLength: 300 })
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), steps, (perSecond, pauses) => {
        let at = 0
        const pace = createPace(perSecond, () => at)
        let allowed = 0
        for (const pause of pauses) {
          at += pause
          const wait = pace.take('a')
          if (wait === 0) allowed++
          else expect(wait).toBeLessThanOrEqual(1000 / perSecond)
          expect(allowed).toBeLessThanOrEqual(perSecond * 10 + (at * perSecond) / 1000 + 1)
        }
      }),
    )
  })

  test('keeps nobody waiting for a future that a clock has named which was put back since', () => {
    let at = 86_400_000
    const pace = createPace(5, () => at)
    for (let taken = 0; taken < 50; taken++) pace.take('a')
    expect(pace.look('a')).toBe(200)
    at = 0
    expect([pace.look('a'), pace.take('a')]).toEqual([0, 0])
  })

  test('remembers as many as it may, and forgets first who was first seen', () => {
    const pace = createPace(1, () => 0, 100)
    for (let index = 0; index < 10; index++) pace.take('first')
    expect(pace.take('first')).toBe(1000)
    for (let index = 0; index < 1000; index++) pace.take(`other ${index}`)
    expect([pace.size(), pace.take('first')]).toEqual([100, 0])
  })

  test('of 0 is no limit and remembers nobody', () => {
    const pace = createPace(0, () => 0)
    expect([...Array.from({ length: 1000 }, () => pace.take('a')), pace.size()].every((one) => one === 0)).toBe(true)
  })
})
