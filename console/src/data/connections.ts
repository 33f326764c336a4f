import type { Connection, ConnectionPatch } from '@mooring/sdk'
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
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

/** Everything about one connection begins with this key. */
const of = (linkName: string, part: string): string[] => ['connections', linkName, part]

/** Who called through it in the last seven days. */
export const connectionUsage = (linkName: string) =>
  queryOptions({
    queryKey: of(linkName, 'usage'),
    queryFn: ({ signal }) => client.connections.usage(linkName, { signal }),
    refetchInterval: 30_000,
  })

/** Who has authorized it: one for a shared connection. */
export const connectionAuthorizations = (linkName: string) =>
  queryOptions({
    queryKey: of(linkName, 'authorizations'),
    queryFn: async ({ signal }) =>
      (await client.connections.authorizations(linkName, { limit: 100 }, { signal })).items,
  })

/** The same of a connection that each user authorizes, a page at a time. */
export const connectionUsers = (linkName: string) =>
  infiniteQueryOptions({
    queryKey: of(linkName, 'users'),
    queryFn: ({ signal, pageParam }) =>
      client.connections.authorizations(linkName, { limit: 50, cursor: pageParam }, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
  })

/** The newest attempts to authorize it. */
export const connectionAttempts = (linkName: string) =>
  queryOptions({
    queryKey: of(linkName, 'attempts'),
    queryFn: async ({ signal }) => (await client.connections.attempts(linkName, { limit: 50 }, { signal })).items,
    // An attempt that ends without anything to store is told by no event.
    refetchInterval: ({ state }) => (state.data?.some((attempt) => attempt.state === 'waiting') ? 3000 : false),
  })

/** Its activity, newest first, a page at a time. The calls of the last second are in it as well. */
export const connectionActivity = (linkName: string, filter: { ok?: 'true' | 'false'; type?: string } = {}) =>
  infiniteQueryOptions({
    queryKey: ['activity', 'of', linkName, filter],
    queryFn: ({ signal, pageParam }) =>
      client.activity({ connection: linkName, ...filter, limit: 100, cursor: pageParam }, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
    refetchInterval: 15_000,
  })

/** Changes it, shown at once and taken back where the server refuses. Throws what the server answers. */
export async function changeConnection(linkName: string, patch: ConnectionPatch): Promise<Connection> {
  const { queryKey } = oneConnection(linkName)
  await queryClient.cancelQueries({ queryKey, exact: true })
  const before = queryClient.getQueryData(queryKey)
  const shown = before === undefined ? undefined : { ...before, ...withoutUndefined(patch) }
  if (shown !== undefined) queryClient.setQueryData(queryKey, shown)
  try {
    const changed = await client.connections.update(linkName, patch)
    await connectionChanged(changed)
    return changed
  } catch (error) {
    if (queryClient.getQueryData(queryKey) === shown) queryClient.setQueryData(queryKey, before)
    throw error
  }
}

function withoutUndefined({ name, scopes, parameters, enabled }: ConnectionPatch): Partial<Connection> {
  return {
    ...(name === undefined ? {} : { name }),
    ...(scopes === undefined ? {} : { scopes }),
    ...(parameters === undefined ? {} : { parameters }),
    ...(enabled === undefined ? {} : { enabled }),
  }
}

/** Once it is deleted: no list shows it any more, and nobody asks for it again. */
export async function connectionDeleted({ id, linkName }: Connection): Promise<void> {
  queryClient.setQueryData(allConnections.queryKey, (known) => known?.filter((other) => other.id !== id))
  queryClient.removeQueries({ queryKey: ['connections', linkName] })
  await queryClient.invalidateQueries({ queryKey: allConnections.queryKey, exact: true })
}
