/** Finding fields by dotted path: those of the form (rows of a map by number) and those of requests (by their name). */
import type { FormField } from '@mooring/sdk'
import {
  asked,
  type FormValue,
  type FormValues,
  isRecord,
  isShown,
  rowsOf,
  textOf,
  textsOf,
  valueOf,
} from './values.ts'

export function valueAt(values: FormValues, path: string): FormValue | undefined {
  let found: FormValue | undefined = values
  for (const part of path.split('.')) {
    if (Array.isArray(found)) found = found[Number(part)]
    else found = isRecord(found) ? found[part] : undefined
  }
  return found
}

export function textAt(values: FormValues, path: string): string {
  const value = valueAt(values, path)
  return typeof value === 'string' ? value : ''
}

/** A copy with another value there. */
export function withValue(values: FormValues, path: string, value: FormValue | undefined): FormValues {
  const [first = '', ...rest] = path.split('.')
  if (rest.length === 0) return { ...values, [first]: value }
  const inner = values[first]
  const below = rest.join('.')
  if (!Array.isArray(inner)) return { ...values, [first]: withValue(isRecord(inner) ? inner : {}, below, value) }
  const [index = '0', ...deeper] = rest
  return {
    ...values,
    [first]: inner.map((row, at) => {
      if (at !== Number(index)) return row
      return deeper.length === 0 || !isRecord(row) ? (value ?? null) : withValue(row, deeper.join('.'), value)
    }),
  }
}

/** Where the form shows what is said of a path of the request; undefined where no field that is shown does. */
export function placeOf(fields: readonly FormField[], values: FormValues, requestPath: string): string | undefined {
  const [name = '', ...rest] = requestPath.split('.')
  const field = asked(fields).find((each) => each.name === name)
  if (field === undefined || !isShown(field, fields, values)) return undefined
  const value = values[name]
  const [index] = rest
  if (index === undefined) return name
  const inner = field.fields ?? []
  switch (field.kind) {
    case 'map': {
      // Names may hold dots.
      const at = rowsOf(value).findIndex((row) => row['name'] === rest.join('.'))
      return at < 0 ? name : `${name}.${at}`
    }
    case 'strings': {
      const filled = textsOf(value).flatMap((text, at) => (text === '' ? [] : [at]))
      const at = filled[Number(index)]
      return at === undefined ? name : `${name}.${at}`
    }
    case 'list': {
      const row = rowsOf(value)[Number(index)]
      if (row === undefined) return name
      if (rest.length === 1) return `${name}.${index}`
      const below = placeOf(inner, row, rest.slice(1).join('.'))
      return `${name}.${index}${below === undefined ? '' : `.${below}`}`
    }
    case 'group': {
      const below = isRecord(value) ? placeOf(inner, value, rest.join('.')) : undefined
      return below === undefined ? name : `${name}.${below}`
    }
    case 'text':
    case 'secret':
    case 'url':
    case 'number':
    case 'boolean':
    case 'choice':
      return name
  }
}

/** What a place of the form is called: "Parameters 2, Parameter Key". */
export function titleOf(fields: readonly FormField[], path: string): string {
  const [name = '', ...rest] = path.split('.')
  const field = fields.find((each) => each.name === name)
  if (field === undefined) return path
  const [first, ...deeper] = rest
  if (first === undefined) return field.title
  if (field.kind === 'group') return `${field.title}, ${titleOf(field.fields ?? [], rest.join('.'))}`
  const row = `${field.title} ${Number(first) + 1}`
  return field.kind === 'list' && deeper.length > 0 ? `${row}, ${titleOf(field.fields ?? [], deeper.join('.'))}` : row
}

/** Sets what a fix names by path of the request. Gives back what no field of the form takes. */
export function withFix(
  fields: readonly FormField[],
  values: FormValues,
  fix: Readonly<Record<string, unknown>>,
): { values: FormValues; rest: Record<string, unknown> } {
  let changed = values
  const rest: Record<string, unknown> = {}
  for (const [path, value] of Object.entries(fix)) {
    const set = withFixAt(fields, changed, path.split('.'), value)
    if (set === undefined) rest[path] = value
    else changed = set
  }
  return { values: changed, rest }
}

function withFixAt(
  fields: readonly FormField[],
  values: FormValues,
  [name = '', ...rest]: string[],
  value: unknown,
): FormValues | undefined {
  const field = asked(fields).find((each) => each.name === name)
  if (field === undefined) return undefined
  if (rest.length === 0) return { ...values, [name]: valueOf(field, value) }
  const before = values[name]
  if (field.kind === 'group') {
    const inner = withFixAt(field.fields ?? [], isRecord(before) ? before : {}, rest, value)
    return inner && { ...values, [name]: inner }
  }
  if (field.kind !== 'map') return undefined
  const row = { name: rest.join('.'), value: textOf(value) }
  return { ...values, [name]: [...rowsOf(before).filter((each) => each['name'] !== row.name), row] }
}

/** Names that are in a map twice: what is sent could hold only one of them. */
export function doubledNames(fields: readonly FormField[], values: FormValues): string[] {
  return asked(fields)
    .filter((field) => isShown(field, fields, values))
    .flatMap((field) => {
      const value = values[field.name]
      if (field.kind === 'group' && isRecord(value))
        return doubledNames(field.fields ?? [], value).map((path) => `${field.name}.${path}`)
      if (field.kind !== 'map') return []
      const names = rowsOf(value).map((row) => row['name'])
      return names.flatMap((name, at) => (name !== '' && names.indexOf(name) < at ? [`${field.name}.${at}`] : []))
    })
}
