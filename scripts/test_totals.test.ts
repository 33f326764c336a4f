import { expect, test } from 'vitest'
import { totalsOf } from './test_totals.ts'

test('takes the totals from the report', () => {
  expect(totalsOf(() => '{"numPassedTests":7,"numFailedTests":2,"testResults":[]}')).toEqual({
    passed: 7,
    failed: 2,
    failures: [],
  })
})

test('counts a file that could not be loaded as a failure, and names what failed in a line each', () => {
  const failed = { status: 'failed', fullName: 'boats float', failureMessages: ['expected 1 to be 2\n    at boats'] }
  const testResults = [
    { name: 'tides.test.ts', status: 'failed', message: 'no such module\n  at tides', assertionResults: [] },
    { name: 'boats.test.ts', status: 'failed', assertionResults: [failed, { status: 'passed' }] },
    { status: 'passed', assertionResults: [{ status: 'passed' }] },
  ]
  const report = { numPassedTests: 1, numFailedTests: 1, testResults }
  expect(totalsOf(() => JSON.stringify(report))).toEqual({
    passed: 1,
    failed: 2,
    failures: ['tides.test.ts: no such module', 'boats.test.ts > boats float: expected 1 to be 2'],
  })
})

test('a missing or broken report proves nothing', () => {
  expect(totalsOf(() => '')).toEqual({ passed: 0, failed: 0, failures: [] })
  expect(totalsOf(() => 'null')).toEqual({ passed: 0, failed: 0, failures: [] })
})
