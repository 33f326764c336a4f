/** From what a source found out to drafts that `POST /v1/services` takes as they are. */
import {
  type Auth,
  type FieldError,
  fields as rules,
  maxScopes,
  type Placeholder,
  type Probe,
  ServiceDraft,
} from '@mooring/contract'
import { emptyDefinition } from '../service/definition.ts'
import { written } from '../service/written.ts'
import { fitAuth } from './fit.ts'
import { descriptionFrom, nameFrom, scopeNameOf } from './names.ts'
import { type Notes, quoted } from './notes.ts'

/** One way to authenticate. */
export interface Way {
  /** As its document calls it; told apart by this where there are several. */
  label: string
  /** What tells it apart from the others of one name, where the label is long. */
  short?: string
  auth: Auth
  scopes?: { value: string; name?: string | undefined }[] | undefined
  scopeDelimiter?: 'comma' | 'space' | undefined
  /** Brought along where it is registered with the provider already. */
  callbackId?: string | undefined
}

/** What a source found out about an API. */
export interface Found {
  name: string
  description?: string | undefined
  baseUrl?: string | undefined
  hosts?: string[] | undefined
  placeholders?: Placeholder[] | undefined
  headers?: Record<string, string> | undefined
  probe?: Probe | undefined
  ways: Way[]
}

/** A document with more ways to authenticate than this lists those of many APIs. */
const mostDrafts = 20
const mostWays = 200
const mostScopesRead = 5000

export function draftsOf(found: Found, notes: Notes): ServiceDraft[] {
  const ways = found.ways.slice(0, mostWays).flatMap((way) => {
    const fitted = fitAuth(way.auth, way.label, notes)
    return fitted === undefined ? [] : [{ ...way, ...fitted }]
  })
  if (ways.length > mostDrafts) notes.add(`Of ${ways.length} ways to authenticate the first ${mostDrafts} were taken.`)
  const { description, baseUrl, hosts = [], probe, headers = {}, placeholders = [] } = found
  const base = {
    ...given('description', descriptionFrom(description)),
    stage: 'draft' as const,
    ...given('baseUrl', baseUrl),
    ...(hosts.length === 0 ? {} : { hosts }),
    ...given('probe', probe),
    ...(Object.keys(headers).length === 0 ? {} : { headers }),
    ...(placeholders.length === 0 ? {} : { placeholders }),
  }
  if (ways.length === 0) {
    if (baseUrl === undefined) return []
    notes.add('There is no way to authenticate here that could be taken over; choose a type for the draft yourself.')
    return [draftOf({ name: nameFrom(found.name), ...base }, 'The draft', notes)]
  }
  const names = new Map<string, number>()
  return ways.slice(0, mostDrafts).map((way) => {
    const short = way.short ?? way.label
    const same = (names.get(short) ?? 0) + 1
    names.set(short, same)
    const suffix = same === 1 ? short : `${same} ${short}`
    const name = nameFrom(found.name, ways.length > 1 ? suffix : undefined)
    const own = { ...given('callbackId', way.callbackId), auth: way.auth }
    return draftOf({ name, ...base, ...own, ...(way.scheme.scopes ? scopesOf(way, notes) : {}) }, way.label, notes)
  })
}

/** What stands between a draft and `ready`. */
export function missingIn(draft: ServiceDraft): FieldError[] {
  return written(emptyDefinition, draft, 'ready', 0).errors
}

/** Left out, each with a note, until what remains is taken as a draft. */
function draftOf(draft: ServiceDraft, way: string, notes: Notes): ServiceDraft {
  let rest: Record<string, unknown> = { ...draft }
  for (let tries = 0; tries < 20; tries++) {
    const parsed = ServiceDraft.safeParse(rest)
    const broken: FieldError[] = parsed.success
      ? written(emptyDefinition, parsed.data, 'draft', 0).errors
      : parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), code: 'invalid', message }))
    const [first] = broken
    if (first === undefined) return parsed.success ? parsed.data : draft
    const [part = ''] = first.path.split('.')
    notes.add(`${quoted(way)}: ${first.path} was left out. ${first.message}`)
    const { [part]: _, ...others } = rest
    rest = others
  }
  return { name: draft.name, stage: 'draft' }
}

function scopesOf(way: Way, notes: Notes): Pick<ServiceDraft, 'scopes' | 'scopeDelimiter'> {
  const known = new Map<string, string>()
  for (const { value, name } of way.scopes?.slice(0, mostScopesRead) ?? []) {
    const wrong = rules.scopeValue.safeParse(value).error?.issues[0]?.message
    if (wrong !== undefined) notes.add(`${quoted(way.label)}: the scope ${quoted(value)} was left out. ${wrong}`)
    else if (!known.has(value)) known.set(value, scopeNameOf(value, name))
  }
  const scopes = [...known].map(([value, name]) => ({ value, name }))
  if (scopes.length > maxScopes)
    notes.add(
      `${quoted(way.label)}: of ${scopes.length} scopes the first ${maxScopes} were taken; a service holds no more.`,
    )
  const delimiter = given('scopeDelimiter', way.scopeDelimiter)
  return scopes.length === 0 ? delimiter : { scopes: scopes.slice(0, maxScopes), ...delimiter }
}

/** An entry of an object, or nothing where there is no value. */
function given<Name extends string, Value>(name: Name, value: Value | undefined): { [N in Name]?: Value } {
  const entry: { [N in Name]?: Value } = {}
  if (value !== undefined) entry[name] = value
  return entry
}
