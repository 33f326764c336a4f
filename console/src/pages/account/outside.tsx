/** The frame of the pages of somebody who is not signed in. */
import type { SignInOptions } from '@mooring/sdk'
import { queryOptions, type UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { client } from '../../data/client.ts'
import { Mark } from '../../layout/mark.tsx'
import { Announcer } from '../../ui/announce.tsx'
import { buttonClass } from '../../ui/button.tsx'
import { useTitle } from '../../ui/page.tsx'
import { LoadError, Skeleton } from '../../ui/states.tsx'
import { ownPath } from './way_on.tsx'

/** What somebody who is not signed in may know. */
export const signInOptions = queryOptions({
  queryKey: ['sign-in'],
  queryFn: ({ signal }) => client.session.options({ signal }),
  staleTime: 10_000,
})

interface OutsideProps {
  /** The h1, and the tab's title. */
  title: string
  lead?: ReactNode
  children?: ReactNode
}

export function Outside({ title, lead, children }: OutsideProps) {
  useTitle(title)
  return (
    <div className="flex min-h-dvh flex-col items-center px-4 py-8 sm:pt-[12vh]">
      <main className="flex w-full max-w-md flex-1 flex-col gap-5">
        <p className="flex items-center gap-2.5 px-1 text-base font-semibold tracking-tight">
          <Mark />
          Mooring
        </p>
        <div className="flex flex-col gap-5 rounded-lg border border-line bg-card p-5 sm:p-6">
          <header className="flex flex-col gap-1">
            <h1 className="text-xl font-semibold tracking-tight break-words">{title}</h1>
            {lead !== undefined && <div className="text-ink-2">{lead}</div>}
          </header>
          {children}
        </div>
      </main>
      <footer className="pt-10">
        <a
          href="/docs"
          target="_blank"
          rel="noreferrer"
          className="inline-flex h-6 items-center rounded-sm text-[13px] text-ink-3 underline-offset-2 hover:text-ink hover:underline"
        >
          Help and API reference
        </a>
      </footer>
      <Announcer />
    </div>
  )
}

/** Waiting, or what went wrong with it. */
export function OutsideWait({ title, query }: { title: string; query: UseQueryResult }) {
  return (
    <Outside title={title}>
      {query.isPending ? (
        <Skeleton className="h-40" />
      ) : (
        <LoadError error={query.error} retrying={query.isFetching} onRetry={() => void query.refetch()} />
      )}
    </Outside>
  )
}

/** Another way in, where there is one. */
export function ProviderLink({ provider, next }: { provider: SignInOptions['provider']; next?: string | undefined }) {
  if (provider === null) return null
  return (
    <a href={`${provider.url}?returnTo=${encodeURIComponent(ownPath(next))}`} className={buttonClass()}>
      Sign in with {provider.name}
    </a>
  )
}
