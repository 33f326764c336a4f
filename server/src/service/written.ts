/** Taking what somebody wrote into a definition, and telling everything that is wrong with it at once. */
import { isDeepStrictEqual } from 'node:util'
import {
  type FieldError,
  type Scope,
  type ScopeInput,
  scopeNameFrom,
  type ServicePatch,
  ServicePatch as ServicePatchRule,
} from '@mooring/contract'
import { newId } from '../ids.ts'
import { checkDefinition, type Definition, emptyDefinition, withAuth } from './definition.ts'

/**
 * What is wrong with those parts of a written service that can be read at all. For a body whose schema is broken
 * elsewhere, so that its sender learns of everything at once.
 */
export function wrongIn(body: unknown, under = ''): FieldError[] {
  // What is taken from the catalogue has no parts of its own.
  if (typeof body !== 'object' || body === null || 'from' in body) return []
  const { readable, unreadable } = readParts(body)
  const errors = besides(unreadable, written(emptyDefinition, readable, readable.stage ?? 'draft', 0).errors)
  const named = new Set(Object.keys(body))
  return errors
    .filter((error) => named.has(error.path.split('.')[0] ?? ''))
    .map((error) => ({ ...error, path: under + error.path }))
}

/** Those parts of a written service that follow the contract, and the names of those that do not. */
export function readParts(body: object): { readable: ServicePatch; unreadable: Set<string> } {
  const readable: Record<string, unknown> = {}
  const unreadable = new Set<string>()
  const given = new Map<string, unknown>(Object.entries(body))
  for (const [name, rule] of Object.entries(ServicePatchRule.shape)) {
    const value = given.get(name)
    const parsed = value === undefined ? undefined : rule.safeParse(value)
    if (parsed?.success === true) readable[name] = parsed.data
    else if (parsed !== undefined) unreadable.add(name)
  }
  // Parts that are right one by one are right together: no rule of the contract looks at two.
  return { readable: ServicePatchRule.parse(readable), unreadable }
}

/** A part that cannot be read is not told to be missing as well; nor are hosts where it is the base URL. */
export function besides(unreadable: ReadonlySet<string>, errors: FieldError[]): FieldError[] {
  return errors.filter(({ path, code }) => {
    if (path === 'hosts' && code === 'required' && unreadable.has('baseUrl')) return false
    return !unreadable.has(path.split('.')[0] ?? '')
  })
}

/** A definition with a patch taken in, and everything that is wrong with it. */
export function written(
  before: Definition,
  patch: Omit<ServicePatch, 'stage'>,
  stage: 'draft' | 'ready',
  now: number,
): { definition: Definition; errors: FieldError[] } {
  const errors: FieldError[] = []
  let definition = before
  let authWrong = false
  if (patch.auth !== undefined) {
    const result = withAuth(before, patch.auth, stage)
    if ('errors' in result) {
      errors.push(...result.errors)
      authWrong = true
    } else definition = result.definition
  }
  const { document } = definition
  definition = {
    ...definition,
    document: {
      ...document,
      scopes: patch.scopes === undefined ? document.scopes : mergeScopes(document.scopes, patch.scopes, now),
      scopeDelimiter: patch.scopeDelimiter ?? document.scopeDelimiter,
      hosts: patch.hosts ?? document.hosts,
      anyHost: patch.anyHost ?? document.anyHost,
      baseUrl: patch.baseUrl === undefined ? document.baseUrl : patch.baseUrl,
      probe: patch.probe === undefined ? document.probe : patch.probe,
      headers: patch.headers ?? document.headers,
      placeholders: patch.placeholders ?? document.placeholders,
    },
  }
  const checked = checkDefinition(definition, stage)
  errors.push(
    ...(authWrong ? checked.errors.filter((error) => !/^auth\b/.test(error.path)) : checked.errors).filter(
      (error) => !errors.some((other) => isDeepStrictEqual(other, error)),
    ),
  )
  return {
    definition: { ...definition, document: { ...definition.document, hosts: [...new Set(checked.hosts)] } },
    errors,
  }
}

/** Scopes keep their ids where the value stays. */
function mergeScopes(before: Scope[], input: ScopeInput[], now: number): Scope[] {
  return input.map((scope) => {
    const same = before.find((other) => other.value === scope.value)
    return same === undefined ? scopeOf(scope, now) : { ...same, name: scope.name ?? same.name }
  })
}

export function scopeOf({ name, value }: ScopeInput, now: number): Scope {
  return { id: newId('scp', now), name: name ?? scopeNameFrom(value), value }
}
