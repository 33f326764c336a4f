/** A service as a form holds it: its general parts beside `auth`, which holds its type and the type's own fields. */
import type { AuthType, FormField, Service } from '@mooring/sdk'
import { doubledNames, placeOf, textAt } from '../../forms/paths.ts'
import type { Problem } from '../../forms/form_state.ts'
import { fieldErrors, ServiceInput } from '../../forms/rules.ts'
import { type FormValue, type FormValues, inputOf, isRecord, valuesOf } from '../../forms/values.ts'

/** The field under which the fields of a type stand. */
export function authField(type: AuthType | undefined): FormField {
  return {
    name: 'auth',
    title: type?.title ?? 'Authentication Type',
    kind: 'group',
    required: true,
    advanced: false,
    fields: type?.fields ?? [],
  }
}

export function typeIn(values: FormValues, types: readonly AuthType[]): AuthType | undefined {
  return types.find(({ type }) => type === textAt(values, 'auth.type'))
}

/** What a form holds of a type that was just chosen. */
export function emptyAuth(type: AuthType): FormValues {
  return { ...valuesOf(type.fields), type: type.type }
}

export function valuesOfService(
  service: Service,
  general: readonly FormField[],
  types: readonly AuthType[],
): FormValues {
  const type = types.find((each) => each.type === service.auth?.type)
  return {
    ...valuesOf(general, { ...service }),
    auth: type === undefined ? { type: '' } : { ...valuesOf(type.fields, service.auth ?? {}), type: type.type },
  }
}

/** The whole of it, as it is sent to create a service or to see what it will do. */
export function definitionOf(
  general: readonly FormField[],
  values: FormValues,
  type: AuthType | undefined,
): Record<string, unknown> {
  const { auth } = values
  return {
    ...inputOf(general, values),
    ...(type === undefined || !isRecord(auth) ? {} : { auth: { type: type.type, ...inputOf(type.fields, auth) } }),
  }
}

/** Where the form shows what the server says of a path of the request. */
export function placeIn(fields: readonly FormField[], values: FormValues, path: string): string | undefined {
  if (path === 'auth' || path === 'auth.type') return 'auth.type'
  // An emptied choice of either has one place only.
  return placeOf(fields, values, path)
}

/** What the contract's rules, and the form itself, say without asking the server. */
export function localProblems(
  fields: readonly FormField[],
  values: FormValues,
  definition: Record<string, unknown>,
): Problem[] {
  const { auth: _, ...general } = definition
  const parsed = ServiceInput.safeParse(general, { reportInput: true })
  const errors = parsed.success ? [] : fieldErrors(parsed.error.issues, [], general)
  return [
    ...errors.flatMap(({ path, code, message }) => {
      const place = placeIn(fields, values, path)
      return place === undefined ? [] : [{ path: place, code, message }]
    }),
    ...doubledNames(fields, values).map((path) => ({
      path,
      code: 'duplicate',
      message: 'This name is in the list twice.',
    })),
  ]
}

/** The part of a form that is sent, and saved, as one: a general field, or one field of `auth`. */
export function partOf(path: string): string {
  const [first = '', second] = path.split('.')
  return (first === 'auth' || first === 'connection') && second !== undefined ? `${first}.${second}` : first
}

/** The value of a part; the same object as long as nothing in it changed. */
export function partValue(values: FormValues, part: string): FormValue | undefined {
  const [first = '', second] = part.split('.')
  const value = values[first]
  return second === undefined || !isRecord(value) ? value : value[second]
}
