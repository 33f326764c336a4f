import { expect, test } from 'vitest'
import { totalsOf } from './test_totals.ts'

test('takes the totals from the report', () => {
  expect(totalsOf(() => '{"numPassedTests":7,"numFailedTests":2,"testResults":[]}')).toEqual({ passed: 7, failed: 2 })
})

test('counts a file that could not be loaded as a failure', () => {
  const testResults = [
    { status: 'failed', assertionResults: [] },
    { status: 'failed', assertionResults: [{ status: 'failed' }] },
    { status: 'passed', assertionResults: [{ status: 'passed' }] },
  ]
  const report = { numPassedTests: 1, numFailedTests: 1, testResults }
  expect(totalsOf(() => JSON.stringify(report))).toEqual({ passed: 1, failed: 2 })
})

test('a missing or broken report proves nothing', () => {
  expect(totalsOf(() => '')).toEqual({ passed: 0, failed: 0 })
  expect(totalsOf(() => 'null')).toEqual({ passed: 0, failed: 0 })
})
