/** What somebody types into a form of declared fields, and what of it is sent. Knows kinds of fields, no types of anything. */
import type { FormField } from '@mooring/sdk'

/**
 * By the kind of the field. `text`, `secret`, `url`, `number`, `choice`: a string, empty for nothing. `boolean`: itself.
 * `map`: rows of `{name, value}`. `list`: rows of its fields. `group`: the values of its fields. `strings`: strings.
 * null, for a secret or a group: what is stored is to be removed. undefined, for a group: what is stored stays.
 */
export type FormValue = string | boolean | null | FormValues | FormValue[]
export interface FormValues {
  [name: string]: FormValue | undefined
}

type Stored = Readonly<Record<string, unknown>>

/** `{set: true}`: kept by the server, never given back. */
export function isSet(value: unknown): boolean {
  return isRecord(value) && value['set'] === true
}

/** What the form shows for what is stored. What is not stored stands at its default. */
export function valuesOf(fields: readonly FormField[], stored: Stored = {}, defaults = true): FormValues {
  return Object.fromEntries(
    asked(fields).map((field) => {
      const given = stored[field.name] ?? (defaults ? field.default : undefined)
      return [field.name, valueOf(field, given)]
    }),
  )
}

export function valueOf(field: FormField, given: unknown): FormValue | undefined {
  const { kind, fields = [], minItems = 0 } = field
  switch (kind) {
    case 'text':
    case 'url':
    case 'choice':
      return typeof given === 'string' ? given : ''
    case 'number':
      return typeof given === 'number' ? String(given) : ''
    case 'secret':
      return ''
    case 'boolean':
      return given === true
    case 'map':
      return Object.entries(isRecord(given) ? given : {}).map(([name, value]) => ({ name, value: textOf(value) }))
    case 'strings':
      return Array.isArray(given) ? given.map(textOf) : []
    case 'list': {
      const rows = (Array.isArray(given) ? given : []).map((row: unknown) => valuesOf(fields, isRecord(row) ? row : {}))
      while (rows.length < minItems) rows.push(valuesOf(fields))
      return rows
    }
    case 'group':
      if (isSet(given)) return undefined
      // A group that is not there has no values, its fields' defaults included: filling one in makes it be there.
      return valuesOf(fields, isRecord(given) ? given : {}, false)
  }
}

/** A condition on a sibling, which counts as its default while it is empty. */
function holds(condition: FormField['shownWhen'], siblings: readonly FormField[], values: FormValues): boolean {
  if (condition === undefined) return false
  const value = values[condition.field]
  const counted =
    value === '' || value === undefined ? siblings.find(({ name }) => name === condition.field)?.default : value
  return condition.in.includes(String(counted))
}

export function isShown(field: FormField, siblings: readonly FormField[], values: FormValues): boolean {
  return field.shownWhen === undefined || holds(field.shownWhen, siblings, values)
}

export function isRequired(field: FormField, siblings: readonly FormField[], values: FormValues): boolean {
  return field.required && !holds(field.optionalWhen, siblings, values)
}

/** Fields that hold a value, unlike fixed ones. */
export function asked(fields: readonly FormField[]): FormField[] {
  return fields.filter(({ fixed }) => fixed === undefined)
}

/**
 * What is sent. Hidden fields are not (unless `hidden` is kept). At the top an emptied text is sent as one, since no
 * prefix is not the usual prefix, and null takes back what else was there; inside rows and groups what is empty is left out.
 */
export function inputOf(
  fields: readonly FormField[],
  values: FormValues,
  { inside = false, hidden = false }: { inside?: boolean; hidden?: boolean } = {},
): Record<string, unknown> {
  const sent: Record<string, unknown> = {}
  for (const field of asked(fields)) {
    if (!hidden && !isShown(field, fields, values)) continue
    const value = fieldInput(field, values[field.name])
    if (value === undefined || (inside && isNothing(value))) continue
    sent[field.name] = value
  }
  return sent
}

function isNothing(value: unknown): boolean {
  if (value === null || value === '') return true
  return typeof value === 'object' && Object.keys(value ?? {}).length === 0
}

function fieldInput(field: FormField, value: FormValue | undefined): unknown {
  switch (field.kind) {
    case 'text':
      return value
    case 'secret':
      return value === '' ? undefined : value
    case 'url':
    case 'choice':
      return value === '' ? null : value
    case 'number':
      return typeof value === 'string' ? numberInput(value) : value
    case 'boolean':
      return value
    case 'map':
      return Object.fromEntries(
        rowsOf(value)
          .filter((row) => row['name'] !== '' || row['value'] !== '')
          .map((row) => [textOf(row['name']), row['value']]),
      )
    case 'strings':
      return textsOf(value).filter((text) => text !== '')
    case 'list':
      return rowsOf(value).map((row) => inputOf(field.fields ?? [], row, { inside: true }))
    case 'group':
      if (!isRecord(value)) return value
      if (!isBlank(field, value)) return inputOf(field.fields ?? [], value, { inside: true })
      // Secrets stay what they are unless something is typed; the rest is taken back by emptying it.
      return holdsSecrets(field) ? undefined : null
  }
}

/** What is no number is sent as it is: the rule of the field says what to write. */
function numberInput(text: string): number | string | null {
  const trimmed = text.trim()
  if (trimmed === '') return null
  return /^-?\d+(\.\d+)?$/.test(trimmed) ? Number(trimmed) : text
}

/** Whether nothing was filled in below it. */
export function isBlank(field: FormField, value: FormValue | undefined): boolean {
  if (value === undefined || value === null || value === '' || value === false) return true
  if (Array.isArray(value)) return value.length === 0
  if (!isRecord(value)) return false
  return asked(field.fields ?? []).every((inner) => isBlank(inner, value[inner.name]))
}

/** Whether some of what is below it never comes back from the server. */
export function holdsSecrets({ kind, fields = [] }: FormField): boolean {
  return kind === 'secret' || (kind === 'group' && fields.some(holdsSecrets))
}

export function rowsOf(value: unknown): FormValues[] {
  return Array.isArray(value) ? value.filter(isRecord) : []
}

export function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map(textOf) : []
}

/** A text or a number as it is read; anything else is none. */
export function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}

export function isRecord(value: unknown): value is FormValues {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
