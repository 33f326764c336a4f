import type { Invitation, SignedIn, User } from '@mooring/sdk'
import { queryOptions } from '@tanstack/react-query'
import { client } from './client.ts'

/** Everybody, newest first. */
export const allUsers = queryOptions({
  queryKey: ['users'],
  queryFn: async ({ signal }): Promise<User[]> => {
    const items: User[] = []
    for await (const user of client.users.all({ limit: 100 }, { signal })) items.push(user)
    return items
  },
})

export const openInvitations = queryOptions({
  queryKey: ['invitations'],
  queryFn: async ({ signal }): Promise<Invitation[]> => {
    const items: Invitation[] = []
    for await (const invitation of client.invitations.all({ limit: 100 }, { signal })) items.push(invitation)
    return items
  },
})

/** Where oneself is signed in; this browser first. */
export const ownSessions = queryOptions({
  queryKey: ['sessions'],
  queryFn: async ({ signal }): Promise<SignedIn[]> => {
    const { items } = await client.session.list({ signal })
    return items.toSorted(
      (one, other) =>
        Number(other.current) - Number(one.current) || Date.parse(other.lastSeenAt) - Date.parse(one.lastSeenAt),
    )
  },
})
