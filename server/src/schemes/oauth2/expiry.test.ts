import { describe, expect, test } from 'vitest'
import { lifetime } from './expiry.ts'

const now = Date.UTC(2026, 0, 15, 12)
const inSeconds = Math.floor(now / 1000)
const day = 86_400

function after(relative: unknown, absolute?: unknown, zero: 'now' | 'never' = 'now') {
  const { expiresAt, notes } = lifetime({ relative, absolute, now, zero, fallbackSeconds: 900 })
  return { seconds: expiresAt === null ? null : (expiresAt - now) / 1000, notes }
}

describe('S-25 when a token ends', () => {
  test.each([
    ['a number', 3600, 3600],
    ['a numeric string', '3600', 3600],
    ['a padded numeric string', ' 3600 ', 3600],
    ['a fraction', '59.5', 59.5],
    ['sixty days', 60 * day, 60 * day],
    ['a year', 365 * day, 365 * day],
    ['what is left of sixty days', 5_183_944, 5_183_944],
  ])('%s is taken as seconds without a remark', (_, relative, seconds) => {
    expect(after(relative)).toEqual({ seconds, notes: [] })
  })

  test.each([
    ['an hour', 3_600_000, 3600],
    ['half an hour beyond 30 days', 7_200_000, 7200],
    ['12 hours', 43_200_000, 43_200],
    ['a day', '86400000', day],
    ['30 days', 30 * day * 1000, 30 * day],
  ])('%s in milliseconds is recognised and noted', (_, relative, seconds) => {
    const result = after(relative)
    expect(result.seconds).toBe(seconds)
    expect(result.notes).toEqual(['The provider gave the expiry in milliseconds.'])
  })

  test.each([
    ['twenty years', 20 * 365 * day],
    ['as long as possible', 2 ** 31 - 1],
    ['all nines', 9_999_999_999],
  ])('%s is taken not to end, and noted', (_, relative) => {
    const result = after(relative)
    expect(result.seconds).toBeNull()
    expect(result.notes).toHaveLength(1)
  })

  test.each([
    ['seconds', inSeconds + 120],
    ['seconds as text', String(inSeconds + 120)],
    ['milliseconds', now + 120_000],
    ['ISO 8601', '2026-01-15T12:02:00Z'],
    ['ISO 8601 with an offset', '2026-01-15T14:02:00+02:00'],
    ['ISO 8601 with a bare offset', '2026-01-15T14:02:00.000+0200'],
    ['ISO 8601 without a zone, which is UTC', '2026-01-15T12:02:00'],
    ['a space in the middle', '2026-01-15 12:02:00'],
  ])('an instant in %s wins over expires_in', (_, absolute) => {
    expect(after(3600, absolute)).toEqual({ seconds: 120, notes: [] })
  })

  test('an instant that has passed gives way to expires_in, and stands without one', () => {
    expect(after(3600, inSeconds - 5).seconds).toBe(3600)
    expect(after(3600, inSeconds - 5).notes).toHaveLength(1)
    expect(after(undefined, inSeconds - 5).seconds).toBe(-5)
  })

  test('an instant where seconds belong, and seconds where an instant belongs, are recognised and noted', () => {
    expect(after(inSeconds + 60).seconds).toBe(60)
    expect(after('2026-01-15T12:01:00Z').seconds).toBe(60)
    expect(after(undefined, 3600).seconds).toBe(3600)
    expect(after(inSeconds + 60).notes).toHaveLength(1)
    expect(after(undefined, 3600).notes).toHaveLength(1)
  })

  test('0 means what the service says it means', () => {
    expect(after(0).seconds).toBe(0)
    expect(after('0', undefined, 'never').seconds).toBeNull()
  })

  test.each([
    [undefined],
    [null],
    [''],
    [-1],
    ['soon'],
    [Number.NaN],
    [Number.POSITIVE_INFINITY],
    [{}],
    [true],
    ['1e9'],
  ])("%j is not an expiry: the service's own time is used, and noted", (relative) => {
    const result = after(relative)
    expect(result.seconds).toBe(900)
    expect(result.notes.at(-1)).toContain('900 seconds')
  })

  test('nothing said and nothing to renew with: the token does not end, and that is noted', () => {
    const result = lifetime({ relative: undefined, absolute: undefined, now, zero: 'now', fallbackSeconds: null })
    expect(result.expiresAt).toBeNull()
    expect(result.notes).toHaveLength(1)
  })
})
