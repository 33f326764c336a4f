/** Ready-made services: finding one, and making a service of it. */
import { setImmediate } from 'node:timers/promises'
import type { CatalogueEntry, CatalogueItem, CatalogueServiceInput, FieldError, ServiceInput } from '@mooring/contract'
import { invalid, notFound } from '../errors.ts'
import { fill } from '../schemes/placeholders.ts'
import { asksOf, entries, type Entry, findEntry, templateOf } from './entry.ts'
import { descriptionOf, flowOf, guideOf, serviceNameOf } from './guide.ts'
import { logoUrlOf } from './logo.ts'
import { type Filter, findEntries } from './search.ts'

export interface Listing {
  items: CatalogueItem[]
  nextCursor: string | null
}

export interface Asked extends Filter {
  /** Without it every entry that answers is in the list. */
  limit?: number | undefined
  cursor?: string | undefined
  /** Only what a list shows. */
  summary?: boolean | undefined
}

/** The best first (`search.ts`). Throws validation_failed for a cursor that is none of ours. */
export async function listEntries(
  { limit, cursor = '0', summary = false, ...filter }: Asked,
  publicUrl: string,
): Promise<Listing> {
  if (!/^\d{1,6}$/.test(cursor))
    throw invalid([{ path: 'cursor', code: 'invalid_value', message: 'Use the nextCursor of a reply.' }])
  const start = Number(cursor)
  const all = findEntries(entries().values(), filter)
  const end = limit === undefined ? all.length : start + limit
  const items: CatalogueItem[] = []
  for (const [index, entry] of all.slice(start, end).entries()) {
    // The words of hundreds take a while, the first time; calls under way do not wait for them.
    if (index % 25 === 24) await setImmediate()
    items.push(summary ? summaryOf(entry, publicUrl) : shown(entry, publicUrl))
  }
  return { items, nextCursor: end < all.length ? String(end) : null }
}

/** How many entries stand in each category, the largest first. */
export function listCategories(): { name: string; count: number }[] {
  const counts = new Map<string, number>()
  for (const { categories } of entries().values())
    for (const name of categories) counts.set(name, (counts.get(name) ?? 0) + 1)
  return [...counts]
    .map(([name, count]) => ({ name, count }))
    .toSorted((one, other) => other.count - one.count || one.name.localeCompare(other.name))
}

/** Throws not_found. */
export function getEntry(id: string, publicUrl: string): CatalogueEntry {
  const entry = findEntry(id)
  if (entry === undefined) throw notFound('catalogue entry')
  return shown(entry, publicUrl)
}

/**
 * A whole service of an entry and what its user brings, ready as soon as nothing is missing; and what is wrong with what
 * was brought, as far as the entry knows. Undefined where there is no such entry.
 */
export function serviceFrom({
  from,
  auth = {},
  name,
  ...rest
}: CatalogueServiceInput): { id: string; input: ServiceInput; errors: FieldError[] } | undefined {
  const entry = findEntry(from)
  if (entry === undefined) return undefined
  const errors: FieldError[] = []
  const asks = asksOf(entry)
  for (const { field, label, required } of asks) {
    if (required && isBlank(auth[field]))
      errors.push({ path: `auth.${field}`, code: 'required', message: `Fill in ${label}.` })
  }
  for (const field of Object.keys(auth)) {
    if (asks.some((ask) => ask.field === field)) continue
    const asked = asks.map((ask) => ask.field).join(', ') || 'nothing'
    errors.push({ path: `auth.${field}`, code: 'unknown_field', message: `${entry.name} asks for: ${asked}.` })
  }
  // What is filled in is kept and shown with the service, so a secret never is.
  const texts = asks.flatMap(({ field, secret }): [string, string][] => {
    const value = auth[field]
    return !secret && typeof value === 'string' ? [[field, value]] : []
  })
  const service = fill(templateOf(entry), Object.fromEntries(texts))
  return {
    id: entry.id,
    input: {
      ...service,
      ...rest,
      name: name ?? serviceNameOf(entry),
      description: descriptionOf(entry),
      auth: { ...service.auth, ...auth, type: service.auth.type },
      scopes: rest.scopes ?? service.scopes,
      stage: 'ready',
    },
    errors,
  }
}

function isBlank(value: unknown): boolean {
  return value === undefined || value === null || value === ''
}

/** What does not depend on where the server is, made once. */
type Details = 'scopes' | 'asks' | 'placeholders' | 'guide'
const summaries = new WeakMap<Entry, Omit<CatalogueItem, Details | 'logoUrl'>>()
const details = new WeakMap<Entry, Pick<CatalogueEntry, Details>>()

function summaryOf(entry: Entry, publicUrl: string): Omit<CatalogueItem, Details> {
  let summary = summaries.get(entry)
  if (summary === undefined) {
    const { id, name, variantOf, categories, homepage, docsUrl, confidence, verified, service } = entry
    summary = {
      id,
      name,
      description: descriptionOf(entry),
      category: categories[0] ?? '',
      categories,
      authType: service.auth.type,
      variantOf,
      homepage,
      docsUrl,
      verified,
      confidence,
      redirects: flowOf(entry) === 'redirect',
    }
    summaries.set(entry, summary)
  }
  return { ...summary, logoUrl: logoUrlOf(entry.id, publicUrl) }
}

function shown(entry: Entry, publicUrl: string): CatalogueEntry {
  let rest = details.get(entry)
  if (rest === undefined) {
    const { scopes = {}, placeholders = [] } = entry.service
    rest = {
      scopes: Object.entries(scopes).map(([value, name]) => ({ name, value })),
      asks: asksOf(entry),
      placeholders,
      guide: guideOf(entry),
    }
    details.set(entry, rest)
  }
  return { ...summaryOf(entry, publicUrl), ...rest }
}
