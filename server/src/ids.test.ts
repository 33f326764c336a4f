import { describe, expect, test } from 'vitest'
import { requestIds } from './ids.ts'

describe('requestIds', () => {
  test('never gives an id twice, across many refills of its stock', () => {
    const next = requestIds()
    const ids = Array.from({ length: 10_000 }, next)
    expect(new Set(ids).size).toBe(10_000)
    expect(ids.every((id) => /^req_[\w-]{16}$/.test(id))).toBe(true)
  })
})
