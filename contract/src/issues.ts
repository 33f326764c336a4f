/** From zod's issues to the field errors of a problem document. */
import type { z } from 'zod'
import type { FieldError } from './problem.ts'

type Issue = z.core.$ZodIssue

/** Every broken rule as `{path, code, message}`, unknown fields one by one. `under` is put before each path. */
export function fieldErrors(issues: readonly Issue[], under: readonly (string | number)[] = []): FieldError[] {
  return issues.flatMap((issue) => {
    const path = [...under, ...issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part))]
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({
        path: [...path, key].join('.'),
        code: 'unknown_field',
        message: `There is no field ${JSON.stringify(key)} here; remove it or check its spelling.`,
      }))
    }
    return [{ path: path.join('.'), ...codeAndMessage(issue) }]
  })
}

function codeAndMessage(issue: Issue): { code: string; message: string } {
  if (issue.code === 'custom') {
    const code: unknown = issue.params?.['code']
    return { code: typeof code === 'string' ? code : 'invalid', message: issue.message }
  }
  if (issue.code === 'invalid_type') {
    if (issue.input === undefined && issue.message.startsWith('Invalid input'))
      return { code: 'required', message: 'Fill this in.' }
    return {
      code: issue.input === undefined ? 'required' : 'invalid_type',
      message: issue.message.startsWith('Invalid input')
        ? `Write this as ${withArticle(issue.expected)}.`
        : issue.message,
    }
  }
  if (issue.code === 'too_big')
    return { code: issue.origin === 'array' ? 'too_many' : 'too_long', message: issue.message }
  if (issue.code === 'too_small') return { code: 'too_small', message: issue.message }
  if (issue.code === 'invalid_value') return { code: 'invalid_value', message: issue.message }
  return { code: 'invalid_format', message: issue.message }
}

function withArticle(expected: string): string {
  const word = expected === 'record' ? 'object' : expected === 'int' ? 'whole number' : expected
  return `${/^[aeiou]/.test(word) ? 'an' : 'a'} ${word}`
}
