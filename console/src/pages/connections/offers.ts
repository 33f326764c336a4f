/** The default services: those that are set up already, and those that are ready-made. */
import type { CatalogueItem, Service } from '@mooring/sdk'
import { type LinkProps, linkOptions } from '@tanstack/react-router'
import { logoOfEntry } from '../../data/catalogue.ts'
import { logoOf } from '../../data/services.ts'

export interface Offer {
  id: string
  name: string
  description: string
  logoUrl: string | null
  authType: string
  /** Undefined: set up already, so that only the connection is missing. */
  category: string | undefined
  verified: boolean
  link: LinkProps
}

/** Those that need least come first. An entry that was set up is offered as the service it became. */
export function offersOf(services: readonly Service[], entries: readonly CatalogueItem[]): Offer[] {
  const present = services.filter(({ origin, stage }) => origin === 'catalogue' && stage === 'ready')
  const known = new Set(present.map(({ catalogueId }) => catalogueId))
  return [
    ...present.toSorted(byName).map(ofService),
    // In the catalogue's own order: what nobody has confirmed comes last.
    ...entries.filter(({ id }) => !known.has(id)).map(ofEntry),
  ]
}

function byName(one: { name: string }, other: { name: string }): number {
  return one.name.localeCompare(other.name)
}

export function ofService(service: Service): Offer {
  const { id, name, description, auth, linkName } = service
  return {
    id,
    name,
    description,
    logoUrl: logoOf(service),
    authType: auth?.type ?? '',
    category: undefined,
    verified: true,
    link: linkOptions({ to: '/connections/new/$service', params: { service: linkName } }),
  }
}

function ofEntry(entry: CatalogueItem): Offer {
  const { id, name, description, authType, category, verified } = entry
  return {
    id,
    name,
    description,
    logoUrl: logoOfEntry(entry),
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
