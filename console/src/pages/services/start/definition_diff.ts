/** What a definition's file changes in a service, what of it is frozen, and what it means for its connections. */
import type { AuthType, FormField, Service, ServicePatch } from '@mooring/sdk'
import { holdsSecrets, isRecord } from '../../../forms/values.ts'
import { same, scopeNameFrom, withoutPresets } from '../../../forms/rules.ts'
import type { Definition } from './definition_file.ts'

type Fields = Record<string, unknown>

export interface Change {
  /** Of the field, dotted. */
  path: string
  before: unknown
  after: unknown
  /** Why it cannot be changed; undefined where it can. */
  frozen: string | undefined
}

/** What a file says of its service. */
export type Plain = Omit<Definition, 'kind' | 'version'>

/** Names of the fields that hold secrets, of one type. */
export function secretsOf(type: AuthType | undefined): string[] {
  return (type?.fields ?? []).filter(holdsSecrets).map(({ name }) => name)
}

/** The file without secrets and references: those are filled in afterwards. */
export function withoutSecrets(
  { kind: _kind, version: _version, auth, ...file }: Definition,
  type: AuthType | undefined,
): Plain {
  if (auth === undefined) return file
  const secrets = secretsOf(type)
  const kept = Object.entries(auth).filter(([name, value]) => !secrets.includes(name) && !isReference(value))
  return { ...file, auth: { ...Object.fromEntries(kept), type: auth.type } }
}

function isReference(value: unknown): boolean {
  return typeof value === 'string' && /^\$\{\w+:[^}]+\}$/.test(value)
}

export function changesOf(held: Service, file: Plain, types: readonly AuthType[]): Change[] {
  const [before, after] = [normal({ ...held }, types), normal(file, types)]
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((path) => !same(before[path] ?? null, after[path] ?? null))
    .map((path) => ({ path, before: before[path], after: after[path] }))
    .map((change) => ({ ...change, frozen: frozen(held, file, change) }))
}

/** Each part under the name of its field, `auth.…` one by one, without secrets and presets. */
function normal(given: Fields, types: readonly AuthType[]): Fields {
  const { probe } = given
  return {
    name: given['name'],
    description: given['description'] ?? '',
    stage: given['stage'] ?? 'draft',
    ...normalAuth(given['auth'], types),
    scopes: listOf(given['scopes'])
      .map(normalScope)
      .toSorted((one, other) => (one.value < other.value ? -1 : 1)),
    scopeDelimiter: given['scopeDelimiter'] ?? 'comma',
    hosts: listOf(given['hosts'])
      .map(String)
      .toSorted((one, other) => (one < other ? -1 : 1)),
    anyHost: given['anyHost'] ?? false,
    baseUrl: given['baseUrl'] ?? null,
    probe: isRecord(probe) ? { method: 'GET', ...probe } : null,
    headers: given['headers'] ?? {},
    placeholders: listOf(given['placeholders']),
  }
}

function normalAuth(auth: unknown, types: readonly AuthType[]): Fields {
  if (!isRecord(auth)) return { 'auth.type': null }
  const type = types.find((one) => one.type === auth['type'])
  const secrets = secretsOf(type)
  const { properties } = type?.schema ?? {}
  const fields = Object.entries(auth).flatMap(([name, value]): [string, unknown][] => {
    if (name === 'type' || secrets.includes(name)) return []
    const kept = withoutPresets(value, isRecord(properties) ? properties[name] : undefined)
    return kept === undefined ? [] : [[`auth.${name}`, kept]]
  })
  return { 'auth.type': auth['type'], ...Object.fromEntries(fields) }
}

function normalScope(scope: unknown): { name: string; value: string } {
  const { name, value } = isRecord(scope) ? scope : { name: undefined, value: scope }
  return { name: typeof name === 'string' ? name : scopeNameFrom(String(value)), value: String(value) }
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

/** The rules of a ready service, told before anything is tried. */
function frozen(
  { stage, connectionCount }: Service,
  { auth }: Plain,
  { path, before, after }: Omit<Change, 'frozen'>,
): string | undefined {
  if (path.startsWith('auth.') && auth === undefined)
    return 'The file says nothing of how it authenticates, and that cannot be taken back.'
  if (stage === 'draft') return undefined
  if (path === 'stage') return 'A Ready service does not go back to Draft.'
  if (path.startsWith('auth.') || path === 'scopeDelimiter') return 'Locked since the service is Ready.'
  if (path !== 'scopes' || connectionCount === 0) return undefined
  const stays = listOf(before).every((scope) => listOf(after).some((other) => same(scope, other)))
  return stays ? undefined : 'It has connections, so scopes can only be added.'
}

/** What the changes mean for whoever uses the service. */
export function effectsOf({ connectionCount, stage }: Service, changes: readonly Change[]): string[] {
  const paths = new Set(changes.filter((change) => change.frozen === undefined).map(({ path }) => path))
  const live = connectionCount === 1 ? '1 live connection' : `${connectionCount} live connections`
  const goes = connectionCount === 1 ? 'goes' : 'go'
  const effects: string[] = []
  if (paths.has('stage')) effects.push('It becomes Ready, for good: how it authenticates is locked from then on.')
  if (stage === 'draft') return effects
  if (connectionCount === 0) return [...effects, 'Nothing uses it yet.']
  if (['baseUrl', 'hosts', 'anyHost', 'headers'].some((path) => paths.has(path)))
    effects.push(`${live} ${goes} by the new settings from the next call on.`)
  if (paths.has('scopes')) effects.push(`${live} ${goes} on as before; each is asked to reconnect for the new scopes.`)
  if (effects.length === 0) effects.push(`${live} ${goes} on as before.`)
  return effects
}

/** Only what changes; what the file leaves out goes back to how a new service has it. */
export function patchOf(
  file: Plain,
  held: Service,
  changes: readonly Change[],
  fields: readonly FormField[],
): ServicePatch {
  const given: Fields = { ...file }
  const cleared: Fields = {
    description: '',
    scopes: [],
    scopeDelimiter: 'comma',
    hosts: [],
    anyHost: false,
    headers: {},
  }
  const patch: Fields = {}
  for (const name of new Set(changes.map(({ path }) => path.split('.')[0] ?? '')))
    patch[name] =
      name === 'auth'
        ? authPatch(file, held, fields)
        : (given[name] ?? cleared[name] ?? (name === 'placeholders' ? [] : null))
  // Another type drops the scopes of the one before.
  if (changes.some(({ path }) => path === 'auth.type')) patch['scopes'] = file.scopes ?? []
  return patch
}

/** Stored secrets stay where the type does. */
function authPatch(
  { auth }: Pick<Definition, 'auth'>,
  held: Service,
  fields: readonly FormField[],
): Fields | undefined {
  if (auth === undefined) return undefined
  const secrets = fields.filter(holdsSecrets).map(({ name }) => name)
  const before = held.auth !== null && held.auth.type === auth.type ? Object.keys(held.auth) : []
  const gone = before.filter((name) => !(name in auth) && !secrets.includes(name)).map((name) => [name, null] as const)
  return { ...Object.fromEntries(gone), ...auth }
}
