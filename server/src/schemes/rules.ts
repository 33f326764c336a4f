/** Rules for fields that several schemes declare in the same way. */
import { fields as field } from '@mooring/contract'
import { z } from 'zod'
import { isConnectionHeader } from './request.ts'

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

/** A text that goes out as part of a request: nothing that would end a line. */
export const lineText = field.text({
  min: 0,
  max: 4096,
  all: [/^[^\p{Cc}\p{Cs}]*$/u, 'Remove line breaks and other control characters.'],
})

/** Where a value stands in JSON, from the outside in. */
export const dotPath = field.text({
  max: 200,
  all: [/^[^\s.]+(\.[^\s.]+)*$/, 'Write the names from the outside in with dots between, such as data.access_token.'],
})

/** A header that a scheme may set: none that the connection itself, or the way a call is steered, decides about. */
export const ownHeaderName = field.headerName.refine(
  (name) => !isConnectionHeader(name.toLowerCase()) && !/^(mooring-|cookie$)/i.test(name),
  { error: 'Mooring sets this header itself; choose another.' },
)

/** What a `{placeholder}` of a scheme's own is called: a key of its prompt. */
export const promptKey = field.text({
  max: 50,
  all: [/^([A-Za-z][A-Za-z0-9_]*)?$/, 'Start with a letter (A to Z); use letters, digits and _ only.'],
})

/** Fills `{names}` by these values, each through `encode`. A name without a value stays as it is. */
export function fillIn(
  template: string,
  values: Readonly<Record<string, string>>,
  encode: (value: string) => string = (value) => value,
): string {
  return template.replace(field.placeholderPattern, (whole, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined
    return value === undefined ? whole : encode(value)
  })
}

/** Rows of things to ask for: each key once. */
export function askedOnce(prompts: { key: string }[], context: z.RefinementCtx): void {
  prompts.forEach(({ key }, index) => {
    if (prompts.findIndex((other) => other.key === key) === index) return
    const message = 'Another row asks under this key already.'
    context.addIssue({ code: 'custom', path: [index, 'key'], message, params: { code: 'duplicate' } })
  })
}
