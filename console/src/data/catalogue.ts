import { queryOptions } from '@tanstack/react-query'
import { client } from './client.ts'

/** The ready-made services; they change with the server's version only. */
export const catalogueEntries = queryOptions({
  queryKey: ['catalogue'],
  queryFn: async ({ signal }) => (await client.catalogue.list({}, { signal })).items,
  staleTime: Infinity,
})

export const catalogueEntry = (id: string) =>
  queryOptions({
    queryKey: ['catalogue', id],
    queryFn: ({ signal }) => client.catalogue.get(id, { signal }),
    staleTime: Infinity,
  })
