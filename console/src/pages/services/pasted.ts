/** A pasted list of scopes, one by one: what would be added under which name, and what would not, and why. */
import { fields, maxScopes, scopeNameFrom } from '../../forms/rules.ts'

export interface PastedScope {
  value: string
  name: string
  /** Why it is not added; undefined where it is. */
  problem: string | undefined
}

/** Splits at commas, semicolons, blanks and line ends; quotes around a value, as in code, are left out. */
export function readPasted(text: string, present: readonly string[]): PastedScope[] {
  const values = text
    .split(/[\s,;]+/)
    .map((value) => value.replace(/^["'`[\]]+|["'`[\]]+$/g, ''))
    .filter(Boolean)
  let room = maxScopes - present.length
  return values.map((value, index) => {
    const problem = problemOf(value, values.slice(0, index), present) ?? (room <= 0 ? overTheTop : undefined)
    if (problem === undefined) room--
    return { value, name: scopeNameFrom(value), problem }
  })
}

const overTheTop = `A service holds at most ${maxScopes} scopes.`

function problemOf(value: string, before: readonly string[], present: readonly string[]): string | undefined {
  if (present.includes(value)) return 'The service has this scope already.'
  if (before.includes(value)) return 'It is in what you pasted twice.'
  return fields.scopeValue.safeParse(value).error?.issues[0]?.message
}
