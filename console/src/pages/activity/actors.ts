import type { WorkspaceActivity } from '@mooring/sdk'
import { queryOptions, useQuery } from '@tanstack/react-query'
import { client } from '../../data/client.ts'
import { useMay, useSession } from '../../session.tsx'

const people = queryOptions({
  queryKey: ['users', 'actors'],
  queryFn: async ({ signal }) =>
    (await client.users.list({ limit: 100 }, { signal })).items.map(({ name }) => `user:${name}`),
})
const keys = queryOptions({
  queryKey: ['api-keys', 'actors'],
  queryFn: async ({ signal }) =>
    (await client.keys.list({ limit: 100 }, { signal })).items.map(({ name }) => `api_key:${name}`),
})

/** Who may have done something: as far as one may know who there is, and whoever is seen in the entries. */
export function useActors(entries: readonly WorkspaceActivity[], chosen: string | undefined): string[] {
  const { user } = useSession()
  const knownPeople = useQuery({ ...people, enabled: useMay('people') }).data ?? []
  const knownKeys = useQuery({ ...keys, enabled: useMay('keys') }).data ?? []
  const seen = entries.flatMap(({ actor }) => actor ?? [])
  const all = [`user:${user.name}`, ...knownPeople, ...knownKeys, ...seen, ...(chosen === undefined ? [] : [chosen])]
  const [me, ...others] = new Set(all)
  return [...(me === undefined ? [] : [me]), ...others.toSorted((a, b) => a.localeCompare(b))]
}
