/** Services and connections in one form, so that a file and what a server holds can be compared field by field. */
import { same, scopeNameFrom, withoutPresets } from '@mooring/contract'
import type { AuthType } from '@mooring/sdk'
import type { Fields } from './read.ts'

/** What a plan needs to know of an authentication type. */
export interface TypeFacts {
  secrets: string[]
  properties: Fields
}

export type Types = ReadonlyMap<string, TypeFacts>

export function typesFrom(items: readonly AuthType[]): Types {
  return new Map(
    items.map(({ type, schema }) => {
      const properties = isFields(schema['properties']) ? schema['properties'] : {}
      const secrets = Object.entries(properties).flatMap(([name, property]) =>
        isFields(property) && property['secret'] === true ? [name] : [],
      )
      return [type, { secrets, properties }]
    }),
  )
}

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const isSet = (value: unknown): boolean => isFields(value) && value['set'] === true

export const without = (fields: Fields, ...names: string[]): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)))

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])

/** What a service says, each part under the name of its field; `auth.…` one by one, without secrets and presets. */
export function normalService(given: Fields, types: Types): Fields {
  const { auth, scopes, hosts, probe, placeholders } = given
  return {
    name: given['name'],
    description: given['description'] ?? '',
    stage: given['stage'] ?? 'draft',
    ...normalAuth(auth, types),
    scopes: listOf(scopes).map(normalScope).toSorted(byText),
    scopeDelimiter: given['scopeDelimiter'] ?? 'comma',
    hosts: [...new Set(listOf(hosts).map((host) => String(host).toLowerCase().replace(/\.$/, '')))].toSorted(),
    anyHost: given['anyHost'] ?? false,
    baseUrl: given['baseUrl'] ?? null,
    probe: isFields(probe) ? { method: 'GET', ...probe } : null,
    headers: given['headers'] ?? {},
    placeholders: listOf(placeholders),
  }
}

function normalAuth(auth: unknown, types: Types): Fields {
  if (!isFields(auth)) return { 'auth.type': null }
  const facts = types.get(String(auth['type']))
  const fields = Object.entries(auth).flatMap(([name, value]): [string, unknown][] => {
    if (name === 'type' || facts?.secrets.includes(name) === true) return []
    const kept = withoutPresets(value, facts?.properties[name])
    return kept === undefined ? [] : [[`auth.${name}`, kept]]
  })
  return { 'auth.type': auth['type'], ...Object.fromEntries(fields) }
}

function normalScope(scope: unknown): Fields {
  const { name, value } = isFields(scope) ? scope : { value: scope, name: undefined }
  return { name: name ?? scopeNameFrom(String(value)), value }
}

const byText = (one: Fields, other: Fields): number => (String(one['value']) < String(other['value']) ? -1 : 1)

/** Scopes that a file does not name are not its business. */
export function normalConnection(given: Fields): Fields {
  const { service, scopes } = given
  return {
    name: given['name'],
    service: isFields(service) ? service['linkName'] : service,
    authorizationLevel: given['authorizationLevel'] ?? 'shared',
    ...(Array.isArray(scopes) ? { scopes: scopes.map(String).toSorted() } : {}),
    parameters: given['parameters'] ?? {},
    enabled: given['enabled'] ?? true,
  }
}

export interface Change {
  /** Dotted. */
  path: string
  before: unknown
  /** As it is written in the file, references included. */
  after: unknown
}

/** `written`: the file's own words, which are shown in place of what they came to. */
export function changesBetween(before: Fields, after: Fields, written: Fields): Change[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((path) => !same(before[path] ?? null, after[path] ?? null))
    .map((path) => ({ path, before: before[path], after: written[path] ?? after[path] }))
}
