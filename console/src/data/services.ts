import type { Service } from '@mooring/sdk'
import { queryOptions } from '@tanstack/react-query'
import { client } from './client.ts'
import { queryClient } from './query_client.ts'

export const allServices = queryOptions({
  queryKey: ['services'],
  queryFn: async ({ signal }): Promise<Service[]> => {
    const items: Service[] = []
    for await (const service of client.services.all({ limit: 100 }, { signal })) items.push(service)
    return items
  },
})

export const oneService = (linkName: string) =>
  queryOptions({
    queryKey: ['services', linkName],
    queryFn: ({ signal }) => client.services.get(linkName, { signal }),
  })

/** The authentication types with their forms; they change with the server's version only. */
export const authTypes = queryOptions({
  queryKey: ['auth-types'],
  queryFn: async ({ signal }) => (await client.authTypes({ signal })).items,
  staleTime: Infinity,
})

/** Where the browser gets the logo: from here, whatever the public address is, and anew once it changed. */
export function logoOf({ logoUrl, updatedAt }: Service): string | null {
  if (logoUrl === null) return null
  return `${new URL(logoUrl).pathname}?${new URLSearchParams({ v: updatedAt }).toString()}`
}

export async function serviceChanged(service: Service): Promise<void> {
  queryClient.setQueryData(oneService(service.linkName).queryKey, service)
  await queryClient.invalidateQueries({ queryKey: ['services'] })
}
