import { useQuery } from '@tanstack/react-query'
import { Navigate, useRouterState } from '@tanstack/react-router'
import { type ReactNode, useEffect } from 'react'
import { watchEvents } from '../data/events.ts'
import { useLinkState } from '../data/link_state.ts'
import { currentSession, SessionContext } from '../session.tsx'
import { LoadError, SkeletonRows } from '../ui/states.tsx'
import { LinkBanner } from './link_banner.tsx'
import { Shell } from './shell.tsx'

/** Lets in who is signed in; others go to the sign-in page and come back to where they wanted to go. */
export function Gate(): ReactNode {
  const session = useQuery(currentSession)
  const wanted = useRouterState({ select: (state) => state.location.href })
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
  if (session.data === null)
    return <Navigate to="/login" search={wanted === '/connections' ? {} : { next: wanted }} replace />
  return (
    <SessionContext value={session.data}>
      <LinkBanner />
      <Shell />
    </SessionContext>
  )
}
