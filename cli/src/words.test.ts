import { describe, expect, test } from 'vitest'
import { relativeTime, statusWords } from './words.ts'

const now = new Date('2026-01-01T12:00:00Z')

describe('relativeTime', () => {
  test.each([
    ['2026-01-01T12:00:00Z', 'now'],
    ['2026-01-01T12:00:59Z', 'in 59 s'],
    ['2026-01-01T12:42:10Z', 'in 42 min'],
    ['2026-01-01T09:00:00Z', '3 h ago'],
    ['2025-12-01T12:00:00Z', '31 d ago'],
    [null, 'never'],
    ['later', 'later'],
  ])('%s is %s', (instant, expected) => {
    expect(relativeTime(instant, now)).toBe(expected)
  })
})

test.each([
  [{ status: 'active', reauthorizationNeeded: false } as const, '✓ Active'],
  [{ status: 'active', reauthorizationNeeded: true } as const, '! Active, reconnect for new scopes'],
  [{ status: 'reauthorization_required', reauthorizationNeeded: true } as const, '✗ Reconnect needed'],
  [{ status: 'created', reauthorizationNeeded: false } as const, '○ Not connected'],
])('%j reads %s, a sign and a word whatever the colour', (connection, expected) => {
  expect(statusWords(connection, (_, text) => text)).toBe(expected)
})
