/** The kinds of fields that the definition is made of. */
import { fields as field } from '@mooring/contract'
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

export const dotPath = field.text({
  max: 200,
  all: [/^[^\s.]+(\.[^\s.]+)*$/, 'Write the names from the outside in with dots between, such as data.access_token.'],
})

/** A dot path that may be left out. */
export const path = z
  .preprocess((value) => (value === '' || value === null ? undefined : value), dotPath.optional())
  .optional()

/** Another name for a parameter, that may be left out. */
export const renamed = z
  .preprocess((value) => (value === '' || value === null ? undefined : value), field.parameterKey.optional())
  .optional()

const constant = field.text({
  min: 0,
  max: 4096,
  all: [/^[^\p{Cc}\p{Cs}]*$/u, 'Remove line breaks and other control characters.'],
})

/** Constants by the parameter that carries them. */
export const constants = z.record(field.parameterKey, constant)

/** The heading of the form under which the answers to providers' oddities stand. */
export const section = 'Provider specifics'

/** Where a person signs in. */
export const withPerson = { field: 'grantType', in: ['authorization_code', 'authorization_code_pkce'] }
