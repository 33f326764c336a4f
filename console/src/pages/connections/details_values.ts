/** The form of Connection Details: its values, their rules, and what is sent. */
import type { ConnectionInput, Placeholder } from '@mooring/sdk'
import type { Path } from 'react-hook-form'
import { z } from 'zod'
import { fields, linkNameFrom } from '../../forms/rules.ts'
import type { Target } from './details_target.ts'

export interface DetailsValues {
  name: string
  linkName: string
  level: 'shared' | 'per_user'
  /** Who signs in first, on a per-user connection. */
  user: string
  scopes: string[]
  parameters: Record<string, string>
  asks: Record<string, string>
}

/** Known connections, whose names and link names are taken. */
export interface Known {
  name: string
  linkName: string
}

export function firstValues(target: Target, known: readonly Known[]): DetailsValues {
  const name = freeName(target.name, known)
  return {
    name,
    linkName: linkNameFor(name, known),
    level: 'shared',
    user: '',
    scopes: [],
    parameters: Object.fromEntries(
      target.placeholders.map((placeholder) => [placeholder.name, placeholder.default ?? '']),
    ),
    asks: Object.fromEntries((target.entry?.asks ?? []).map(({ field }) => [field, ''])),
  }
}

export function linkNameFor(name: string, known: readonly Known[]): string {
  return name.trim() === ''
    ? ''
    : linkNameFrom(name.trim(), (wanted) => known.some(({ linkName }) => linkName === wanted))
}

/** Two connections of one name could not be told apart in a list. */
function freeName(name: string, known: readonly Known[]): string {
  const taken = new Set(known.map((one) => one.name))
  if (!taken.has(name)) return name
  for (let count = 2; ; count++) {
    const numbered = `${name.slice(0, 46)} ${count}`
    if (!taken.has(numbered)) return numbered
  }
}

/** `taken`: link names that are in use. */
export function detailsSchema(target: Target, taken: (linkName: string) => boolean): z.ZodType {
  // In the order of the page, which is the order in which errors are told.
  return z.object({
    asks: z.object(
      Object.fromEntries(
        (target.entry?.asks ?? []).map(({ field, required }) => [
          field,
          z.string().refine((value) => !required || value.trim() !== '', 'Fill this in.'),
        ]),
      ),
    ),
    name: fields.displayName,
    linkName: fields.linkName.refine((linkName) => !taken(linkName), 'This link name is taken. Choose another one.'),
    parameters: z.object(
      Object.fromEntries(target.placeholders.map((placeholder) => [placeholder.name, ruleOf(placeholder)])),
    ),
    scopes: z.array(z.string()),
    level: z.string(),
    user: z.string().max(200, 'Use at most 200 characters.'),
  })
}

/** As the server checks it: without a pattern one DNS label or path word. */
function ruleOf({ example, pattern, default: preset }: Placeholder): z.ZodType {
  const such = example === undefined ? '' : `, such as ${example}`
  const expression = new RegExp(
    pattern === undefined ? '^[A-Za-z0-9](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?$' : `^(?:${pattern})$`,
    'u',
  )
  return (
    z
      .string()
      // Empty, the server takes the one that is usual.
      .refine((value) => value.trim() !== '' || preset !== undefined, { message: `Fill this in${such}.`, abort: true })
      .refine(
        (value) => value.trim() === '' || expression.test(value.trim()),
        `This does not have the expected form${such}.`,
      )
  )
}

export function inputOf(target: Target, values: DetailsValues): ConnectionInput {
  const { name, linkName, level, scopes, parameters, asks } = values
  const trimmed = (given: Record<string, string>): Record<string, string> =>
    Object.fromEntries(
      Object.entries(given).flatMap(([key, value]) => (value.trim() === '' ? [] : [[key, value.trim()] as const])),
    )
  return {
    name: name.trim(),
    linkName,
    service: target.service(trimmed(asks)),
    authorizationLevel: level,
    ...(target.scopes.length === 0 ? {} : { scopes }),
    ...(target.placeholders.length === 0 ? {} : { parameters: trimmed(parameters) }),
  }
}

/** Which field of the form shows what the server says of a path of the request. `values`: of the form. */
export function fieldOfPath(path: string, { asks, parameters }: DetailsValues): Path<DetailsValues> | undefined {
  const named = (under: string): string | undefined => (path.startsWith(under) ? path.slice(under.length) : undefined)
  const ask = named('service.auth.')
  if (ask !== undefined && Object.hasOwn(asks, ask)) return `asks.${ask}`
  const parameter = named('parameters.')
  if (parameter !== undefined && Object.hasOwn(parameters, parameter)) return `parameters.${parameter}`
  if (path.startsWith('scopes')) return 'scopes'
  return path === 'name' || path === 'linkName' || path === 'user' ? path : undefined
}
