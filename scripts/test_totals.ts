import { fieldOf } from './json.ts'

export type Totals = { passed: number; failed: number }

/**
 * The totals of vitest's JSON report. A test file that could not be loaded counts as one failure, as its tests cannot
 * be counted. No report, or one that is not understood, means nothing passed and nothing failed.
 */
export function totalsOf(readReport: () => string): Totals {
  try {
    const report: unknown = JSON.parse(readReport())
    return { passed: count(report, 'numPassedTests'), failed: count(report, 'numFailedTests') + unloaded(report) }
  } catch {
    return { passed: 0, failed: 0 }
  }
}

function count(report: unknown, field: string): number {
  const value = fieldOf(report, field)
  return typeof value === 'number' ? value : 0
}

function unloaded(report: unknown): number {
  const files = fieldOf(report, 'testResults')
  if (!Array.isArray(files)) return 0
  return files.filter((file) => {
    const tests = fieldOf(file, 'assertionResults')
    return fieldOf(file, 'status') === 'failed' && Array.isArray(tests) && tests.length === 0
  }).length
}
