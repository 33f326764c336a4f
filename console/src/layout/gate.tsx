import { useQuery } from '@tanstack/react-query'
import { useNavigate, useRouter } from '@tanstack/react-router'
import { type ReactNode, useEffect, useState } from 'react'
import { watchEvents } from '../data/events.ts'
import { useLinkState } from '../data/link_state.ts'
import { currentSession, SessionContext } from '../session.tsx'
import { LoadError, SkeletonRows } from '../ui/states.tsx'
import { LinkBanner } from './link_banner.tsx'
import { Shell } from './shell.tsx'

/** Lets in who is signed in; others go to the sign-in page and come back to where they wanted to go. */
export function Gate(): ReactNode {
  const session = useQuery(currentSession)
  const userId = session.data?.user.id
  const ended = useLinkState() === 'signed_out'
  useEffect(() => (userId === undefined || ended ? undefined : watchEvents()), [userId, ended])
  if (session.isPending) return <SkeletonRows />
  if (session.data === undefined) {
    return (
      <div className="mx-auto max-w-lg p-6">
        <LoadError error={session.error} retrying={session.isFetching} onRetry={() => void session.refetch()} />
      </div>
    )
  }
  if (session.data === null) return <ToSignIn />
  return (
    <SessionContext value={session.data}>
      <LinkBanner />
      <Shell />
    </SessionContext>
  )
}

function ToSignIn(): null {
  const router = useRouter()
  const navigate = useNavigate()
  // As it was at first: the address changes while the sign-in page is on its way.
  const [wanted] = useState(() => router.latestLocation.href)
  useEffect(() => {
    void navigate({ to: '/login', search: wanted === '/connections' ? {} : { next: wanted }, replace: true })
  }, [navigate, wanted])
  return null
}
