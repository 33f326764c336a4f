import { expect, test } from 'vitest'
import { dayOf, instantFromLocal, instantOf, localTime } from './times.ts'

const now = new Date(2026, 0, 31, 0, 30).getTime()

test('a range counts back from now, an instant stays, nothing stays nothing', () => {
  expect(instantOf('1h', Date.UTC(2026, 0, 31, 12))).toBe('2026-01-31T11:00:00.000Z')
  expect(instantOf('2026-01-01T00:00:00Z', now)).toBe('2026-01-01T00:00:00Z')
  expect(instantOf(undefined, now)).toBeUndefined()
})

test('a local time and its instant are the same minute', () => {
  expect(localTime(instantFromLocal('2026-03-29T14:05'))).toBe('2026-03-29T14:05')
  expect([localTime('nonsense'), localTime(undefined), instantFromLocal(''), instantFromLocal('2026-01-31T')]).toEqual([
    '',
    '',
    undefined,
    undefined,
  ])
})

test('days are told by the calendar, not by the hours between', () => {
  expect(dayOf(new Date(2026, 0, 31, 0, 1).toISOString(), now)).toBe('Today')
  expect(dayOf(new Date(2026, 0, 30, 0, 1).toISOString(), now)).toBe('Yesterday')
  expect(dayOf(new Date(2026, 0, 29, 23, 59).toISOString(), now)).toContain('29')
})
