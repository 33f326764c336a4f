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

/**
 * A pattern is somebody's own; one that backtracks without end must not stop the server. In milliseconds by the clock on the
 * wall, so that it also holds where the machine is busy with other things.
 */
const patternPatience = 1000

function matchAll(pattern: string, values: string[]): boolean {
  try {
    const found: unknown = runInNewContext(
      'const rule = new RegExp(pattern, "u"); values.every((value) => rule.test(value))',
      { pattern: `^(?:${pattern})$`, values },
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

/** A connection's parameters, with the default of each placeholder that it gives no value for. */
export function withDefaults(
  placeholders: readonly Placeholder[],
  parameters: Record<string, string>,
): Record<string, string> {
  const defaults = placeholders.flatMap((one): [string, string][] =>
    one.default === undefined ? [] : [[one.name, one.default]],
  )
  const given = Object.entries(parameters).filter(
    ([name, value]) => value !== '' || !defaults.some(([one]) => one === name),
  )
  return { ...Object.fromEntries(defaults), ...Object.fromEntries(given) }
}

/** Placeholders whose own values break their pattern. Paths are relative to `placeholders`. */
export function checkPlaceholders(placeholders: readonly Placeholder[]): FieldError[] {
  const message = 'Write a value that the pattern of this placeholder lets through.'
  return placeholders.flatMap(({ pattern, options = [], default: preset }, index) => {
    const own = [
      ...options.map(({ value }, at): [string, string] => [`${index}.options.${at}.value`, value]),
      ...(preset === undefined ? [] : [[`${index}.default`, preset] satisfies [string, string]]),
    ]
    const right = fit(
      pattern,
      own.map(([, value]) => value),
    )
    const wrong = right ? [] : own.filter(([, value]) => !fit(pattern, [value]))
    return wrong.map(([path]) => ({ path, code: 'invalid_format', message }))
  })
}

/** Whether every value is what the placeholder takes. */
function fit(pattern: string | undefined, values: string[]): boolean {
  return pattern === undefined ? values.every((value) => singleLabel.test(value)) : matchAll(pattern, values)
}

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
    else if (!fit(pattern, [value])) {
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
