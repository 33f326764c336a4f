import { queryOptions } from '@tanstack/react-query'
import { client } from './client.ts'

/** The installation: its version, its address, how long it keeps what. */
export const system = queryOptions({
  queryKey: ['system'],
  queryFn: ({ signal }) => client.system({ signal }),
  staleTime: 60_000,
})
