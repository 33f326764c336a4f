import { queryOptions } from '@tanstack/react-query'
import { client } from './client.ts'

/** The server's version, counts and public URL. */
export const systemFacts = queryOptions({
  queryKey: ['system'],
  queryFn: ({ signal }) => client.system({ signal }),
  staleTime: 60_000,
})
