/** Who is signed in. */
import type { Session } from '@mooring/sdk'
import { MooringError } from '@mooring/sdk'
import { queryOptions } from '@tanstack/react-query'
import { createContext, use } from 'react'
import { client, setCsrfToken } from './data/client.ts'
import { queryClient } from './data/query_client.ts'

/** null: nobody. */
export const currentSession = queryOptions({
  queryKey: ['session'],
  queryFn: async ({ signal }): Promise<Session | null> => {
    try {
      const session = await client.session.get({ signal })
      setCsrfToken(session.csrfToken)
      return session
    } catch (error) {
      // One that ends while its page is open is told by the link's state; the page, and what was typed, stays.
      if (error instanceof MooringError && error.status === 401) return known() ?? null
      throw error
    }
  },
  staleTime: 60_000,
})

function known(): Session | null | undefined {
  return queryClient.getQueryData<Session | null>(['session'])
}

/** After a sign-in: what was loaded for nobody, or somebody else, is loaded anew. */
export async function signedIn(session: Session): Promise<void> {
  const before = known()
  setCsrfToken(session.csrfToken)
  if (before?.user.id !== session.user.id)
    queryClient.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'session' })
  queryClient.setQueryData(currentSession.queryKey, session)
  await queryClient.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'session' })
}

export async function signOut(): Promise<void> {
  await client.session.signOut()
  setCsrfToken(undefined)
  // The next person on this computer finds nothing of this one's.
  queryClient.clear()
  location.assign('/login')
}

export const SessionContext = createContext<Session | null>(null)

/** Inside the shell somebody is always signed in. */
export function useSession(): Session {
  const session = use(SessionContext)
  if (session === null) throw new Error('useSession belongs inside the shell.')
  return session
}

export type Right = 'manage' | 'people' | 'keys' | 'audit' | 'credentials' | 'encryption'

const rights: Record<Session['user']['role'], readonly Right[]> = {
  owner: ['manage', 'people', 'keys', 'audit', 'credentials', 'encryption'],
  admin: ['manage', 'people', 'keys', 'audit', 'credentials', 'encryption'],
  developer: ['manage'],
  viewer: [],
}

export function mayDo(role: Session['user']['role'], right: Right): boolean {
  return rights[role].includes(right)
}

/** What to offer. The server decides; this only keeps buttons away that it would refuse. */
export function useMay(right: Right): boolean {
  return mayDo(useSession().user.role, right)
}
