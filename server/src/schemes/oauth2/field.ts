/** The kinds of fields that an OAuth 2 definition is made of. */
import { z } from 'zod'

/** A field that may be left out: an empty string and null count as absent, so that a form can send what it holds. */
export function optional<Rule extends z.ZodType>(rule: Rule) {
  return z
    .preprocess((value) => (value === '' || value === undefined ? null : value), z.nullable(rule))
    .default(null as z.core.util.NoUndefined<z.output<Rule> | null>)
}

/** A field with a preset: an empty string and null give the preset. */
export function preset<Rule extends z.ZodType>(rule: Rule, value: z.core.util.NoUndefined<z.output<Rule>>) {
  return z
    .preprocess((given) => (given === '' || given === null || given === undefined ? value : given), rule)
    .default(value)
}

export function choice<const Values extends readonly string[]>(values: Values) {
  const last = values.at(-1) ?? ''
  return z.enum(values, { error: `Use ${values.slice(0, -1).join(', ')} or ${last}.` })
}
