import { fieldOf } from './json.ts'

/** `failures`: a line each, with the file, the test and the first line of what went wrong. */
export type Totals = { passed: number; failed: number; failures: string[] }

/**
 * The totals of vitest's JSON report. A test file that could not be loaded counts as one failure, as its tests cannot
 * be counted. No report, or one that is not understood, means nothing passed and nothing failed.
 */
export function totalsOf(readReport: () => string): Totals {
  try {
    const report: unknown = JSON.parse(readReport())
    const files = listOf(report, 'testResults')
    const unloaded = files.filter((file) => isFailed(file) && listOf(file, 'assertionResults').length === 0)
    return {
      passed: count(report, 'numPassedTests'),
      failed: count(report, 'numFailedTests') + unloaded.length,
      failures: [
        ...unloaded.map((file) => `${text(file, 'name')}: ${firstLine(fieldOf(file, 'message'))}`),
        ...files.flatMap(failuresOf),
      ],
    }
  } catch {
    return { passed: 0, failed: 0, failures: [] }
  }
}

function failuresOf(file: unknown): string[] {
  const failed = listOf(file, 'assertionResults').filter(isFailed)
  return failed.map(
    (test) => `${text(file, 'name')} > ${text(test, 'fullName')}: ${firstLine(listOf(test, 'failureMessages')[0])}`,
  )
}

function count(report: unknown, field: string): number {
  const value = fieldOf(report, field)
  return typeof value === 'number' ? value : 0
}

function isFailed(entry: unknown): boolean {
  return fieldOf(entry, 'status') === 'failed'
}

function listOf(entry: unknown, field: string): unknown[] {
  const list = fieldOf(entry, field)
  return Array.isArray(list) ? list : []
}

function text(entry: unknown, field: string): string {
  const value = fieldOf(entry, field)
  return typeof value === 'string' ? value : ''
}

function firstLine(message: unknown): string {
  return typeof message === 'string' ? (message.split('\n')[0] ?? '') : ''
}
