/** What a connection's parameters hold: values for the `{placeholders}` of its service, asked for or learned. */
import type { FieldError, Placeholder } from '@mooring/contract'
import { keepsHost, matches } from '../schemes/placeholders.ts'
import type { Learned } from '../schemes/scheme.ts'

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
    const right = allMatch(
      pattern,
      own.map(([, value]) => value),
    )
    const wrong = right ? [] : own.filter(([, value]) => !allMatch(pattern, [value]))
    return wrong.map(([path]) => ({ path, code: 'invalid_format', message }))
  })
}

/** Whether every value is what the placeholder takes. */
function allMatch(pattern: string | undefined, values: string[]): boolean {
  return values.every((value) => (pattern === undefined ? singleLabel.test(value) : matches(pattern, value)))
}

export interface Parameterized {
  placeholders: readonly Placeholder[]
  /** What connecting learns: never asked for, and taken where it is given, such as for a grant made elsewhere. */
  learned: readonly Learned[]
  /** The URLs and hosts that the values go into. */
  places: readonly string[]
}

/** What is wrong with a connection's parameters. Paths begin with `parameters`. */
export function checkParameters(
  { placeholders, learned, places }: Parameterized,
  parameters: Record<string, string>,
): FieldError[] {
  const errors: FieldError[] = []
  const judge = (name: string, label: string, example: string | undefined, patterns: (string | undefined)[]): void => {
    const path = `parameters.${name}`
    const value = parameters[name] ?? ''
    const such = example === undefined ? '' : `, such as ${example}`
    const fits = patterns.some((pattern) => (pattern === undefined ? singleLabel.test(value) : matches(pattern, value)))
    if (!fits) {
      errors.push({ path, code: 'invalid_format', message: `${label} does not have the expected form${such}.` })
    } else if (!places.every((text) => patterns.some((pattern) => keepsHost(text, name, value, pattern)))) {
      errors.push({
        path,
        code: 'invalid_format',
        message: `${label} would lead to another host than the service means.`,
      })
    }
  }
  for (const { name, label, pattern, example } of placeholders) {
    const value = parameters[name]
    const such = example === undefined ? '' : `, such as ${example}`
    if (value === undefined || value === '')
      errors.push({ path: `parameters.${name}`, code: 'required', message: `Fill in ${label}${such}.` })
    // Whoever sends back what was read sends what was learned.
    else judge(name, label, example, [pattern, ...patternsOf(learned, name)])
  }
  for (const name of Object.keys(parameters)) {
    if (placeholders.some((placeholder) => placeholder.name === name)) continue
    const patterns = patternsOf(learned, name)
    if (patterns.length > 0) judge(name, name, undefined, patterns)
    else
      errors.push({
        path: `parameters.${name}`,
        code: 'unknown_field',
        message: `The service has no placeholder {${name}}.`,
      })
  }
  return errors
}

function patternsOf(learned: readonly Learned[], name: string): string[] {
  return learned.flatMap((one) => (one.name === name && one.pattern !== null ? [one.pattern] : []))
}

/** What an authorization without a person at the provider cannot learn, and nobody has given. */
export function missingLearned(learned: readonly Learned[], parameters: Record<string, string>): FieldError[] {
  return learned
    .filter(({ name, optional }) => !optional && !Object.hasOwn(parameters, name))
    .map(({ name }) => ({
      path: `parameters.${name}`,
      code: 'required',
      message: `The provider tells {${name}} when somebody signs in. For a grant made elsewhere give it in the connection's parameters.`,
    }))
}
