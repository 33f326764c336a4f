/**
 * What of a draft is saved as one: each general field, and each field of `auth`. Compared part by part, so that two
 * people who change different parts do not undo each other's work.
 */
import type { AuthType, FormField, Service, ServicePatch } from '@mooring/sdk'
import type { Problem } from '../../forms/form_state.ts'
import { withValue } from '../../forms/paths.ts'
import {
  asked,
  type FormValues,
  holdsSecrets,
  inputOf,
  isBlank,
  isRecord,
  isShown,
  valueOf,
  valuesOf,
} from '../../forms/values.ts'
import { partOf, typeIn, valuesOfService } from './definition.ts'

/** By the name of the part, as a patch holds it. */
export type Parts = ReadonlyMap<string, unknown>

export interface Shape {
  general: readonly FormField[]
  types: readonly AuthType[]
}

/** What is stored, fields included that do not matter with the others as they are. Secrets are in none. */
export function storedParts({ general, types }: Shape, service: Service): Parts {
  const parts = new Map(Object.entries(inputOf(general, valuesOf(general, { ...service }), { hidden: true })))
  const type = types.find((each) => each.type === service.auth?.type)
  if (type === undefined) return parts
  parts.set('auth.type', type.type)
  const values = valuesOf(type.fields, service.auth ?? {})
  for (const [name, value] of Object.entries(inputOf(type.fields, values, { hidden: true })))
    parts.set(`auth.${name}`, value)
  return parts
}

/** What a form would store. A field that is hidden gives up what is stored for it, unless that is a secret. */
export function formParts({ general, types }: Shape, values: FormValues, stored: Parts): Parts {
  const parts = new Map(Object.entries(inputOf(general, values)))
  const type = typeIn(values, types)
  const { auth } = values
  if (type === undefined || !isRecord(auth)) return parts
  parts.set('auth.type', type.type)
  const sent = inputOf(type.fields, auth)
  for (const field of asked(type.fields)) {
    const part = `auth.${field.name}`
    if (isShown(field, type.fields, auth)) {
      if (field.name in sent) parts.set(part, sent[field.name])
    } else if (!holdsSecrets(field) && !isUsual(field, stored.get(part))) parts.set(part, null)
  }
  return parts
}

function isUsual(field: FormField, input: unknown): boolean {
  if (input === undefined || input === null || input === '') return true
  const usual = inputOf([field], { [field.name]: valueOf(field, field.default) }, { hidden: true })[field.name]
  return sameJson(usual, input)
}

export function sameJson(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}

/** Parts that differ from what is stored, and from what was sent last: the server may have written that its own way. */
export function changedParts(mine: Parts, stored: Parts, sent: ReadonlyMap<string, string>): string[] {
  return [...mine]
    .filter(([part, value]) => !sameJson(value, stored.get(part)) && JSON.stringify(value) !== sent.get(part))
    .map(([part]) => part)
}

/** Parts that somebody else changed between two copies of the stored service. */
export function changedThere(before: Parts, after: Parts): string[] {
  const all = [...new Set([...before.keys(), ...after.keys()])]
  return all.filter((part) => !sameJson(before.get(part), after.get(part)))
}

/** Whether the stage lets a part change. */
export function isOpen(part: string, stage: Service['stage']): boolean {
  return stage === 'draft' || !(part.startsWith('auth.') || part === 'linkName' || part === 'scopeDelimiter')
}

/** Parts that even a draft cannot hold as they are. What is merely missing keeps nothing back. */
export function blockedParts(problems: readonly Problem[]): Set<string> {
  return new Set(
    problems
      .filter(({ path, code }) => code !== 'required' || path !== partOf(path) || ['name', 'linkName'].includes(path))
      .map(({ path }) => partOf(path)),
  )
}

export function patchOf(mine: Parts, parts: readonly string[]): ServicePatch {
  const patch: Record<string, unknown> = {}
  const auth: Record<string, unknown> = {}
  for (const part of parts) {
    if (part.startsWith('auth.')) auth[part.slice('auth.'.length)] = mine.get(part)
    else patch[part] = mine.get(part)
  }
  if (Object.keys(auth).length > 0) patch['auth'] = { ...auth, type: mine.get('auth.type') }
  return patch
}

/** The form with these parts as the service has them. Another type brings all of its fields. */
export function withStored(shape: Shape, values: FormValues, parts: readonly string[], service: Service): FormValues {
  const stored = valuesOfService(service, shape.general, shape.types)
  if (parts.includes('auth.type')) {
    const rest = parts.filter((part) => !part.startsWith('auth.'))
    return withStored(shape, { ...values, auth: stored['auth'] }, rest, service)
  }
  return parts.reduce((before, part) => {
    const [first = '', second] = part.split('.')
    const whole = stored[first]
    return withValue(before, part, second === undefined || !isRecord(whole) ? whole : whole[second])
  }, values)
}

/** The form without the secrets that were just stored; what was typed on in the meantime stays. */
export function withoutSecrets(
  shape: Shape,
  values: FormValues,
  parts: readonly string[],
  sent: FormValues,
): FormValues {
  const type = typeIn(values, shape.types)
  const [auth, was] = [values['auth'], sent['auth']]
  if (type === undefined || !isRecord(auth) || !isRecord(was)) return values
  const kept = { ...auth }
  for (const field of type.fields.filter(holdsSecrets)) {
    if (!parts.includes(`auth.${field.name}`) || auth[field.name] !== was[field.name]) continue
    const removed = auth[field.name] === null
    if (field.kind === 'secret') kept[field.name] = ''
    else kept[field.name] = removed || isBlank(field, auth[field.name]) ? valuesOf(field.fields ?? []) : undefined
  }
  return { ...values, auth: kept }
}
