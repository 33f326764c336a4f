import type { ApiKey } from '@mooring/sdk'
import { queryOptions } from '@tanstack/react-query'
import { client } from './client.ts'

/** All API keys, newest first; for whoever may manage them. */
export const allKeys = queryOptions({
  queryKey: ['api-keys'],
  queryFn: async ({ signal }): Promise<ApiKey[]> => {
    const items: ApiKey[] = []
    for await (const key of client.keys.all({ limit: 100 }, { signal })) items.push(key)
    return items
  },
  // When keys were last used moves without an event.
  refetchInterval: 30_000,
})
