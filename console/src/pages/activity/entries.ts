/** Loading the log: what is shown, what is new since, and one entry by its address. */
import type { Page, WorkspaceActivity } from '@mooring/sdk'
import { type InfiniteData, infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { client } from '../../data/client.ts'
import { queryClient } from '../../data/query_client.ts'
import type { ActivitySearch } from '../../router.tsx'
import { instantOf } from './times.ts'

export type Filter = Omit<ActivitySearch, 'open'>

const pageSize = 50

function queryOf({ from, to, ok, ...filter }: Filter): Parameters<typeof client.activity>[0] {
  const [begin, end] = [instantOf(from, Date.now()), instantOf(to, Date.now())]
  return {
    ...filter,
    limit: pageSize,
    ...(ok === undefined ? {} : { ok: ok ? ('true' as const) : ('false' as const) }),
    ...(begin === undefined ? {} : { from: begin }),
    ...(end === undefined ? {} : { to: end }),
  }
}

/** What is shown. It never moves by itself: new entries are offered, not pushed in. */
export const logOf = (filter: Filter) =>
  infiniteQueryOptions({
    queryKey: ['activity-log', filter],
    queryFn: ({ pageParam, signal }) =>
      client.activity({ ...queryOf(filter), ...(pageParam === undefined ? {} : { cursor: pageParam }) }, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  })

/** The newest as they are now. Calls are not among the events that the server tells of, so this is asked for. */
export const headOf = (filter: Filter) =>
  queryOptions({
    queryKey: ['activity', 'head', filter],
    queryFn: ({ signal }) => client.activity(queryOf(filter), { signal }),
    refetchInterval: 4000,
    staleTime: 0,
  })

/** Those of `head` that the log does not have yet. `more`: there may be still others between. */
export function newIn(
  head: Page<WorkspaceActivity> | undefined,
  shown: readonly WorkspaceActivity[],
): { entries: WorkspaceActivity[]; more: boolean } {
  const known = new Set(shown.map(({ id }) => id))
  const items = head?.items ?? []
  const entries = items.filter(({ id }) => !known.has(id))
  // Entries that stand below known ones are no news: they are of a page that was cut elsewhere.
  const end = items.findIndex(({ id }) => known.has(id))
  return end === -1
    ? { entries, more: entries.length > 0 && (head?.nextCursor ?? null) !== null }
    : { entries: items.slice(0, end), more: false }
}

/** Puts what is new on top of the log; where something may be missing between, the log begins anew. */
export function takeIn(filter: Filter, head: Page<WorkspaceActivity>): void {
  queryClient.setQueryData(logOf(filter).queryKey, (log): InfiniteData<Page<WorkspaceActivity>> => {
    const [first, ...rest] = log?.pages ?? []
    const { entries, more } = newIn(head, log?.pages.flatMap(({ items }) => items) ?? [])
    if (log === undefined || first === undefined || more) return { pages: [head], pageParams: [undefined] }
    return { ...log, pages: [{ ...first, items: [...entries, ...first.items] }, ...rest] }
  })
}

/** How an entry stands in the address: its id, and its time, by which the API finds it again. */
export function addressOf({ id, at }: WorkspaceActivity): string {
  return `${id}-${Date.parse(at)}`
}

/** The entry of an address; null where it is gone, or never was. */
export const entryAt = (address: string) =>
  queryOptions({
    queryKey: ['activity', 'entry', address],
    queryFn: async ({ signal }): Promise<WorkspaceActivity | null> => {
      const [id, time] = address.split('-')
      const at = Number(time)
      if (time === undefined || !Number.isSafeInteger(at) || at > 8.64e15) return null
      const moment = { from: new Date(at).toISOString(), to: new Date(at + 1).toISOString(), limit: 100 }
      for (let cursor: string | undefined; ;) {
        const page = await client.activity({ ...moment, ...(cursor === undefined ? {} : { cursor }) }, { signal })
        const found = page.items.find((entry) => entry.id === id)
        if (found !== undefined) return found
        if (page.nextCursor === null) return null
        cursor = page.nextCursor
      }
    },
    staleTime: Infinity,
  })
