/** The default services: those that are set up already, and those that are ready-made, the ways into each on one card. */
import type { CatalogueItem, Service } from '@mooring/sdk'
import { type LinkProps, linkOptions } from '@tanstack/react-router'
import { logoOfEntry } from '../../data/catalogue.ts'
import { logoOf } from '../../data/services.ts'

/** One way to authenticate. */
export interface Way {
  id: string
  /** As it differs from the others: "personal access token"; empty where only its type says how. */
  label: string
  authType: string
  link: LinkProps
}

export interface Offer {
  id: string
  name: string
  description: string
  logoUrl: string | null
  /** Undefined: set up already, so that only the connection is missing. */
  category: string | undefined
  verified: boolean
  /** The best first; one at least. */
  ways: readonly [Way, ...Way[]]
}

/** Set up already: an entry that was is offered as the service it became. */
export function presentOffers(services: readonly Service[]): Offer[] {
  return services
    .filter(({ origin, stage }) => origin === 'catalogue' && stage === 'ready')
    .toSorted((one, other) => one.name.localeCompare(other.name))
    .map(offerOfService)
}

/** The entries, less those that are set up, in their own order; what nobody has confirmed comes last. */
export function entryOffers(entries: readonly CatalogueItem[], services: readonly Service[]): Offer[] {
  const present = new Set(services.filter(({ stage }) => stage === 'ready').map(({ catalogueId }) => catalogueId))
  const groups = new Map<string, CatalogueItem[]>()
  for (const entry of entries) {
    if (present.has(entry.id)) continue
    // Many services share a sign-in; the ways into one of them share its name too.
    const key = `${entry.variantOf ?? entry.id} ${plainName(entry.name)}`
    groups.set(key, [...(groups.get(key) ?? []), entry])
  }
  const offers = [...groups.values()].map(offerOfEntries)
  return [...offers.filter(({ verified }) => verified), ...offers.filter(({ verified }) => !verified)]
}

export function offerOfService(service: Service): Offer {
  const { id, name, description, auth, linkName } = service
  const link = linkOptions({ to: '/connections/new/$service', params: { service: linkName } })
  return {
    id,
    name,
    description,
    logoUrl: logoOf(service),
    category: undefined,
    verified: true,
    ways: [{ id, label: '', authType: auth?.type ?? '', link }],
  }
}

function offerOfEntries(entries: readonly CatalogueItem[]): Offer {
  const [first, ...others] = entries
  if (first === undefined) throw new Error('A group holds one entry at least.')
  return {
    id: first.id,
    name: others.length === 0 ? first.name : plainName(first.name),
    description: first.description,
    logoUrl: logoOfEntry(first),
    category: first.category,
    verified: first.verified,
    ways: [wayOf(first), ...others.map(wayOf)],
  }
}

function wayOf({ id, name, authType }: CatalogueItem): Way {
  const link = linkOptions({ to: '/connections/new/$service', params: { service: id }, search: { from: 'catalogue' } })
  return { id, label: /\(([^()]*)\)$/.exec(name)?.[1] ?? '', authType, link }
}

/** "GitHub (personal access token)" as "GitHub". */
export function plainName(name: string): string {
  return name.replace(/\s*\([^()]*\)$/, '')
}

/** By name, authentication type or description. `type`: the title of its authentication type. */
export function isOffered({ name, description }: Offer, type: string, query: string): boolean {
  const wanted = query.toLowerCase()
  return [name, description, type].some((text) => text.toLowerCase().includes(wanted))
}

/** "project-management" as "Project management". */
export function categoryWords(category: string): string {
  const text = category.replaceAll('-', ' ')
  // Two or three letters are initials.
  return text.length <= 3 ? text.toUpperCase() : text.slice(0, 1).toUpperCase() + text.slice(1)
}
