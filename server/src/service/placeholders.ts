/** `{placeholders}` of a service, filled in by each connection's parameters. */
import { types } from 'node:util'
import { runInNewContext } from 'node:vm'
import { type FieldError, fields, type Placeholder } from '@mooring/contract'

/** The names used in a text. */
export function placeholdersIn(text: string): string[] {
  return Array.from(text.matchAll(fields.placeholderPattern), (match) => match[1] ?? '')
}

/** Fills every string inside a value. A name without a value stays as it is. */
export function fill<T>(value: T, parameters: Record<string, string>): T
export function fill(value: unknown, parameters: Record<string, string>): unknown {
  if (typeof value === 'string') {
    return value.includes('{')
      ? value.replace(fields.placeholderPattern, (whole, name: string) => parameters[name] ?? whole)
      : value
  }
  if (Array.isArray(value)) return value.map((item: unknown) => fill(item, parameters))
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]: [string, unknown]) => [key, fill(item, parameters)]),
    )
  }
  return value
}

/** A pattern is somebody's own; one that backtracks without end must not stop the server. In milliseconds. */
const patternPatience = 50

function matches(pattern: string, value: string): boolean {
  try {
    const found: unknown = runInNewContext(
      'new RegExp(pattern, "u").test(value)',
      { pattern: `^(?:${pattern})$`, value },
      { timeout: patternPatience },
    )
    return found === true
  } catch (error) {
    // It comes from the other realm, where Error is another class.
    if (types.isNativeError(error) && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return false
    throw error
  }
}

/** Without a pattern a value is one DNS label or path word: it cannot leave its place in a host. */
const singleLabel = /^[A-Za-z0-9](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?$/

/** What is wrong with a connection's parameters. Paths begin with `parameters`. */
export function checkParameters(
  placeholders: readonly Placeholder[],
  parameters: Record<string, string>,
): FieldError[] {
  const errors: FieldError[] = []
  for (const { name, label, pattern, example } of placeholders) {
    const value = parameters[name]
    const path = `parameters.${name}`
    const such = example === undefined ? '' : `, such as ${example}`
    if (value === undefined || value === '')
      errors.push({ path, code: 'required', message: `Fill in ${label}${such}.` })
    else if (!(pattern === undefined ? singleLabel.test(value) : matches(pattern, value))) {
      errors.push({ path, code: 'invalid_format', message: `${label} does not have the expected form${such}.` })
    }
  }
  for (const name of Object.keys(parameters)) {
    if (placeholders.some((placeholder) => placeholder.name === name)) continue
    errors.push({
      path: `parameters.${name}`,
      code: 'unknown_field',
      message: `The service has no placeholder {${name}}.`,
    })
  }
  return errors
}
