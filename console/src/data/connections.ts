import { queryOptions } from '@tanstack/react-query'
import type { Connection } from '@mooring/sdk'
import { client } from './client.ts'
import { queryClient } from './query_client.ts'

/** All of them, newest first: status tiles and search work on the whole. A workspace with more pages on. */
export const allConnections = queryOptions({
  queryKey: ['connections'],
  queryFn: async ({ signal }): Promise<Connection[]> => {
    const items: Connection[] = []
    for await (const connection of client.connections.all({ limit: 100 }, { signal })) items.push(connection)
    return items
  },
  refetchInterval: 30_000,
})

export const oneConnection = (linkName: string) =>
  queryOptions({
    queryKey: ['connections', linkName],
    queryFn: ({ signal }) => client.connections.get(linkName, { signal }),
    refetchInterval: 15_000,
  })

export const connectionPrompt = (linkName: string) =>
  queryOptions({
    queryKey: ['connections', linkName, 'prompt'],
    queryFn: ({ signal }) => client.connections.prompt(linkName, { signal }),
    staleTime: 60_000,
  })

/** Puts a changed connection where lists and pages see it at once, then asks the server for what else changed. */
export async function connectionChanged(connection: Connection): Promise<void> {
  queryClient.setQueryData(oneConnection(connection.linkName).queryKey, connection)
  queryClient.setQueryData(allConnections.queryKey, (known) =>
    known?.map((other) => (other.id === connection.id ? connection : other)),
  )
  await queryClient.invalidateQueries({ queryKey: ['connections'] })
}
