/** The default services: those that are set up already, and those that are ready-made. */
import type { CatalogueEntry, Service } from '@mooring/sdk'
import { type LinkProps, linkOptions } from '@tanstack/react-router'
import { logoOf } from '../../data/services.ts'

export interface Offer {
  id: string
  name: string
  description: string
  logoUrl: string | null
  /** Of the catalogue entry that it is, or was made of. */
  catalogueId: string | undefined
  authType: string
  /** Undefined: set up already, so that only the connection is missing. */
  category: string | undefined
  verified: boolean
  link: LinkProps
}

/** Those that need least come first. An entry that was set up is offered as the service it became. */
export function offersOf(services: readonly Service[], entries: readonly CatalogueEntry[]): Offer[] {
  const present = services.filter(({ origin, stage }) => origin === 'catalogue' && stage === 'ready')
  const known = new Set(present.map(({ catalogueId }) => catalogueId))
  return [
    ...present.toSorted(byName).map(ofService),
    // Of one kind side by side; what nobody has confirmed comes last.
    ...entries
      .filter(({ id }) => !known.has(id))
      .toSorted(
        (one, other) =>
          Number(other.verified) - Number(one.verified) ||
          one.category.localeCompare(other.category) ||
          byName(one, other),
      )
      .map(ofEntry),
  ]
}

function byName(one: { name: string }, other: { name: string }): number {
  return one.name.localeCompare(other.name)
}

export function ofService(service: Service): Offer {
  const { id, name, description, auth, linkName, catalogueId } = service
  return {
    id,
    name,
    description,
    logoUrl: logoOf(service),
    catalogueId,
    authType: auth?.type ?? '',
    category: undefined,
    verified: true,
    link: linkOptions({ to: '/connections/new/$service', params: { service: linkName } }),
  }
}

function ofEntry({ id, name, description, logoUrl, authType, category, verified }: CatalogueEntry): Offer {
  return {
    id,
    name,
    description,
    logoUrl,
    catalogueId: id,
    authType,
    category,
    verified,
    link: linkOptions({ to: '/connections/new/$service', params: { service: id }, search: { from: 'catalogue' } }),
  }
}

/** By name, category, authentication type or description. `type`: the title of its authentication type. */
export function isOffered({ name, description, category = '' }: Offer, type: string, query: string): boolean {
  const wanted = query.toLowerCase()
  return [name, description, category, type].some((text) => text.toLowerCase().includes(wanted))
}
