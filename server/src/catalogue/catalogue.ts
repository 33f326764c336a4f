/** Ready-made services: finding one, and making a service of it. */
import type { CatalogueEntry, CatalogueServiceInput, FieldError, ServiceInput } from '@mooring/contract'
import { notFound } from '../errors.ts'
import { findScheme } from '../schemes/index.ts'
import { fill } from '../schemes/placeholders.ts'
import { entries, type Entry } from './entry.ts'

/** Entries whose name, description or category holds the text, narrowed by what is given; by name. */
export function listEntries(filter: {
  query?: string | undefined
  category?: string | undefined
  authType?: string | undefined
}): CatalogueEntry[] {
  const wanted = filter.query?.toLowerCase() ?? ''
  return entries()
    .filter(
      ({ name, description, category, service }) =>
        [name, description, category].some((text) => text.toLowerCase().includes(wanted)) &&
        (filter.category ?? category) === category &&
        (filter.authType ?? service.auth.type) === service.auth.type,
    )
    .map(shown)
}

/** Throws not_found. */
export function getEntry(id: string): CatalogueEntry {
  const entry = find(id)
  if (entry === undefined) throw notFound('catalogue entry')
  return shown(entry)
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
}: CatalogueServiceInput): { input: ServiceInput; errors: FieldError[] } | undefined {
  const entry = find(from)
  if (entry === undefined) return undefined
  const errors: FieldError[] = []
  for (const { field, label, required } of entry.asks) {
    if (required && isBlank(auth[field]))
      errors.push({ path: `auth.${field}`, code: 'required', message: `Fill in ${label}.` })
  }
  for (const field of Object.keys(auth)) {
    if (entry.asks.some((ask) => ask.field === field)) continue
    const asked = entry.asks.map((ask) => ask.field).join(', ') || 'nothing'
    errors.push({ path: `auth.${field}`, code: 'unknown_field', message: `${entry.name} asks for: ${asked}.` })
  }
  const texts = Object.entries(auth).filter((pair): pair is [string, string] => typeof pair[1] === 'string')
  const service = fill(entry.service, Object.fromEntries(texts))
  return {
    input: {
      ...service,
      ...rest,
      name: name ?? entry.name,
      description: entry.description,
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

function find(id: string): Entry | undefined {
  return entries().find((entry) => entry.id === id)
}

function shown(entry: Entry): CatalogueEntry {
  const { id, name, description, category, docsUrl, verified, asks, service, guide } = entry
  const scopes = (service.scopes ?? []).map(({ name: label, value }) => ({ name: label ?? value, value }))
  const { type, ...auth } = service.auth
  const scheme = findScheme(type)
  const brought = { ...auth, ...Object.fromEntries(asks.map(({ field }) => [field, 'x'])) }
  const redirects =
    scheme?.fields.safeParse(brought).success === true
      ? scheme.flow(brought) === 'redirect'
      : scheme?.redirects === true
  return {
    id,
    name,
    description,
    category,
    authType: type,
    docsUrl,
    logoUrl: null,
    verified,
    scopes,
    asks,
    placeholders: service.placeholders ?? [],
    redirects,
    guide,
  }
}
