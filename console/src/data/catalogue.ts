import type { CatalogueEntry } from '@mooring/sdk'
import { queryOptions } from '@tanstack/react-query'
import { client } from './client.ts'

/** The ready-made services, the best first, without their details; they change with the server's version only. */
export const catalogueEntries = queryOptions({
  queryKey: ['catalogue'],
  queryFn: async ({ signal }) => (await client.catalogue.list({ summary: 'true' }, { signal })).items,
  staleTime: Infinity,
})

export const catalogueEntry = (id: string) =>
  queryOptions({
    queryKey: ['catalogue', id],
    queryFn: ({ signal }) => client.catalogue.get(id, { signal }),
    staleTime: Infinity,
  })

/** Where the browser gets the logo: from here, whatever the public address is. */
export function logoOfEntry({ logoUrl }: Pick<CatalogueEntry, 'logoUrl'>): string | null {
  return logoUrl === null ? null : new URL(logoUrl).pathname
}
