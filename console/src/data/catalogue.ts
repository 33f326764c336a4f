import type { CatalogueEntry } from '@mooring/sdk'
import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { client } from './client.ts'

export interface CatalogueFilter {
  query?: string
  category?: string
  authType?: string
}

/**
 * The ready-made services that answer, in the server's order, without their details. While others are looked for, those
 * that were found last stay. They change with the server's version only.
 */
export const catalogueSearch = (filter: CatalogueFilter) =>
  queryOptions({
    queryKey: ['catalogue', 'search', filter],
    queryFn: async ({ signal }) => (await client.catalogue.list({ ...filter, summary: 'true' }, { signal })).items,
    staleTime: Infinity,
    placeholderData: keepPreviousData,
  })

/** A few to begin with. */
export const catalogueFirst = queryOptions({
  queryKey: ['catalogue', 'first'],
  queryFn: async ({ signal }) => (await client.catalogue.list({ summary: 'true', limit: 12 }, { signal })).items,
  staleTime: Infinity,
})

export const catalogueCategories = queryOptions({
  queryKey: ['catalogue', 'categories'],
  queryFn: async ({ signal }) => (await client.catalogue.categories({ signal })).items,
  staleTime: Infinity,
})

export const catalogueEntry = (id: string) =>
  queryOptions({
    queryKey: ['catalogue', 'entry', id],
    queryFn: ({ signal }) => client.catalogue.get(id, { signal }),
    staleTime: Infinity,
  })

/** Where the browser gets the logo: from here, whatever the public address is. */
export function logoOfEntry({ logoUrl }: Pick<CatalogueEntry, 'logoUrl'>): string | null {
  return logoUrl === null ? null : new URL(logoUrl).pathname
}
