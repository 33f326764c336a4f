/** Fits an `auth` that was read from somewhere to what this server's authentication types take. */
import { type Auth, fieldErrors } from '@mooring/contract'
import { findScheme } from '../schemes/index.ts'
import type { AnyScheme } from '../schemes/scheme.ts'
import { type Notes, quoted } from './notes.ts'
import type { Fields } from './values.ts'

export interface Fitted {
  auth: Auth
  scheme: AnyScheme
}

/** Whether this server's type has such a field, and takes this value in it where one is given. */
export function takesField({ type }: Auth, field: string, value?: string): boolean {
  const rule = findScheme(type)?.fields.shape[field]
  return rule !== undefined && (value === undefined || rule.safeParse(value).success)
}

/**
 * Fields that the type does not have, and values that it does not take, are left out and noted. Undefined, with a note,
 * where there is no such type or not this variant of it. `way` is the document's own name for it.
 */
export function fitAuth({ type, ...given }: Auth, way: string, notes: Notes): Fitted | undefined {
  const scheme = findScheme(type)
  const name = quoted(way)
  if (scheme === undefined) {
    notes.add(`${name}: this server has no authentication type ${type}, so there is no draft of it.`)
    return undefined
  }
  const fields: Fields = {}
  for (const [field, value] of Object.entries(given)) {
    if (value === undefined) continue
    const rule = scheme.fields.shape[field]
    if (rule === undefined) {
      notes.add(`${name}: ${scheme.title} has no field ${field}, so it was left out.`)
      continue
    }
    const parsed = rule.safeParse(value, { reportInput: true })
    if (parsed.success) {
      fields[field] = value
      continue
    }
    // The rest of a definition means little without its variant: a grant this server does not speak, say.
    if (typeof value === 'string' && field.endsWith('Type')) {
      notes.add(`${name}: ${scheme.title} does not offer ${quoted(value)} as its ${field}, so there is no draft of it.`)
      return undefined
    }
    const [error] = fieldErrors(parsed.error.issues, [field], value)
    notes.add(`${name}: ${error?.path ?? field} was left out. ${error?.message ?? ''}`)
  }
  return { auth: { ...fields, type }, scheme }
}
