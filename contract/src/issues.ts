/** From zod's issues to the field errors of a problem document. */
import type { z } from 'zod'
import type { FieldError } from './problem.ts'

type Issue = z.core.$ZodIssue
type Path = readonly PropertyKey[]

/**
 * Every broken rule as `{path, code, message}`, unknown fields one by one. `under` is put before each path. `input` is
 * the value that was parsed: with it a missing field is told from one of the wrong type whatever the rule's sentence
 * is; without it only rules without a sentence of their own tell the two apart.
 */
export function fieldErrors(
  issues: readonly Issue[],
  under: readonly (string | number)[] = [],
  input?: unknown,
): FieldError[] {
  return issues.flatMap((issue) => {
    const path = [...under, ...issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part))]
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({
        path: [...path, key].join('.'),
        code: 'unknown_field',
        message: `There is no field ${JSON.stringify(key)} here; remove it or check its spelling.`,
      }))
    }
    if (issue.code === 'invalid_key') return fieldErrors(issue.issues, path)
    const absent = isAbsent(issue, input)
    if (issue.code === 'invalid_union' && !absent) {
      const branch = closestBranch(issue)
      if (branch) return fieldErrors(branch, path, at(input, issue.path))
    }
    return [{ path: path.join('.'), ...codeAndMessage(issue, absent) }]
  })
}

/** Where one alternative takes values of this kind, what is wrong is that alternative's to say. */
function closestBranch(issue: z.core.$ZodIssueInvalidUnion): Issue[] | undefined {
  return issue.errors
    .filter((branch) => !branch.some((each) => each.path.length === 0 && isKindIssue(each)))
    .reduce<Issue[] | undefined>((best, branch) => (best && best.length <= branch.length ? best : branch), undefined)
}

function isKindIssue(issue: Issue): boolean {
  return issue.code === 'invalid_type' || issue.code === 'invalid_value' || issue.code === 'invalid_union'
}

function isAbsent(issue: Issue, input: unknown): boolean {
  if (!isKindIssue(issue)) return false
  if (input !== undefined) return at(input, issue.path) === undefined
  if (issue.code === 'invalid_union') {
    const kinds = issue.errors.flat()
    return kinds.length > 0 && kinds.every((each) => each.path.length === 0 && isAbsent(each, undefined))
  }
  return issue.message.endsWith('received undefined')
}

function at(value: unknown, path: Path): unknown {
  let found: unknown = value
  for (const part of path) {
    found =
      typeof found === 'object' && found !== null && Object.hasOwn(found, part) ? Reflect.get(found, part) : undefined
  }
  return found
}

/** A sentence of zod's own, which speaks to programmers; rules of ours that have a sentence keep it. */
const zodSays = /^(Invalid |Too (big|small): )/

function codeAndMessage(issue: Issue, absent: boolean): { code: string; message: string } {
  const says = (message: string): string => (zodSays.test(issue.message) ? message : issue.message)
  if (absent) return { code: 'required', message: says('Fill this in.') }
  switch (issue.code) {
    case 'custom': {
      const code: unknown = issue.params?.['code']
      return { code: typeof code === 'string' ? code : 'invalid', message: issue.message }
    }
    case 'invalid_type':
      return { code: 'invalid_type', message: says(`Write this as ${withArticle(issue.expected)}.`) }
    case 'invalid_union': {
      const kinds = issue.errors.flat().flatMap((each) => (each.code === 'invalid_type' ? [each.expected] : []))
      return {
        code: 'invalid_type',
        message: says(`Write this as ${[...new Set(kinds)].map(withArticle).join(' or ')}.`),
      }
    }
    case 'invalid_value':
      return { code: 'invalid_value', message: says(`Use one of: ${issue.values.map(String).join(', ')}.`) }
    case 'too_big':
      if (issue.origin === 'string')
        return { code: 'too_long', message: says(`Use at most ${issue.maximum} characters.`) }
      if (isCounted(issue.origin)) return { code: 'too_many', message: says(`Give at most ${issue.maximum}.`) }
      return { code: 'too_large', message: says(`Use at most ${issue.maximum}.`) }
    case 'too_small':
      if (issue.origin === 'string') {
        return Number(issue.minimum) <= 1
          ? { code: 'required', message: says('Fill this in.') }
          : { code: 'too_short', message: says(`Use at least ${issue.minimum} characters.`) }
      }
      if (isCounted(issue.origin)) return { code: 'too_few', message: says(`Give at least ${issue.minimum}.`) }
      return { code: 'too_small', message: says(`Use at least ${issue.minimum}.`) }
    case 'invalid_format':
    case 'invalid_element':
    case 'invalid_key':
    case 'not_multiple_of':
    case 'unrecognized_keys':
      break
  }
  return { code: 'invalid_format', message: says('This is not in the form that is asked for.') }
}

function isCounted(origin: string): boolean {
  return origin === 'array' || origin === 'set' || origin === 'map' || origin === 'object'
}

function withArticle(expected: string): string {
  const word = expected === 'record' ? 'object' : expected === 'int' ? 'whole number' : expected
  return `${/^[aeiou]/.test(word) ? 'an' : 'a'} ${word}`
}
