import { MooringError } from '@mooring/sdk'
import { useQuery } from '@tanstack/react-query'
import { Outlet, useParams } from '@tanstack/react-router'
import { lazy, Suspense, useRef, useState } from 'react'
import { useAuthorizing } from '../../connection/authorizing.tsx'
import { RevokeDialog } from '../../connection/revoke_dialog.tsx'
import { StatusBadge } from '../../connection/status_badge.tsx'
import { Actions } from '../../connection/summary/actions.tsx'
import { AlertStrip } from '../../connection/summary/alert_strip.tsx'
import { isOpen } from '../../connection/summary/attempts.tsx'
import { CheckResult } from '../../connection/summary/check_result.tsx'
import { MissingConnection } from '../../connection/summary/missing.tsx'
import { type OpenConnection, OpenConnectionContext } from '../../connection/summary/open_connection.tsx'
import { useCheck } from '../../connection/summary/use_check.ts'
import { useReturned } from '../../connection/summary/use_returned.ts'
import { allConnections, connectionAttempts, oneConnection } from '../../data/connections.ts'
import { queryClient } from '../../data/query_client.ts'
import { oneService } from '../../data/services.ts'
import { useMay } from '../../session.tsx'
import { cn } from '../../ui/class_names.ts'
import { CopyIcon } from '../../ui/copy.tsx'
import { Page } from '../../ui/page.tsx'
import { ConnectionMark } from '../../connection/marks.tsx'
import { LoadError, SkeletonRows } from '../../ui/states.tsx'
import { TabLinks } from '../../ui/tab_links.tsx'
import { useNow } from '../../ui/time.tsx'
import { tell } from '../../ui/toast.ts'
import { revocationWords } from '../../words/revocation.ts'
import { statusOf } from '../../words/status.ts'

const ShareDialog = lazy(() =>
  import('../../connection/share_dialog.tsx').then(({ ShareDialog }) => ({ default: ShareDialog })),
)
const DeleteDialog = lazy(() =>
  import('../../connection/delete_dialog.tsx').then(({ DeleteDialog }) => ({ default: DeleteDialog })),
)

const back = { label: 'Connections', link: { to: '/connections' } } as const

export function ConnectionSummaryPage() {
  const { link } = useParams({ from: '/inside/connections/$link' })
  // Of another connection nothing is carried over: no dialog, no result of a test.
  return <Summary key={link} link={link} />
}

function Summary({ link }: { link: string }) {
  const query = useQuery({
    ...oneConnection(link),
    // What the list knows is shown until the whole answer is there.
    placeholderData: () => queryClient.getQueryData(allConnections.queryKey)?.find((one) => one.linkName === link),
  })
  const missing = query.error instanceof MooringError && query.error.status === 404
  if (query.data !== undefined) return <Loaded connection={query.data} gone={missing} />
  if (missing) return <MissingConnection link={link} />
  return (
    <Page title={link} back={back}>
      {query.isError ? (
        <LoadError error={query.error} retrying={query.isFetching} onRetry={() => void query.refetch()} />
      ) : (
        <SkeletonRows />
      )}
    </Page>
  )
}

function Loaded({ connection, gone }: Pick<OpenConnection, 'connection' | 'gone'>) {
  const { linkName, name } = connection
  const now = useNow()
  const mayChange = useMay('manage') && !gone
  const service = useQuery(oneService(connection.service.linkName)).data
  const attempts = useQuery(connectionAttempts(linkName)).data
  const authorizing = useAuthorizing()
  const returnedFailed = useReturned(connection)
  const check = useCheck(connection)
  const [dialog, setDialog] = useState<'share' | 'delete'>()
  const [revoking, setRevoking] = useState<{ user?: string }>()
  const news = useRef<HTMLDivElement>(null)
  const status = statusOf(connection, now)
  const waiting =
    authorizing.busy || (status.key === 'not_connected' && attempts?.some((attempt) => isOpen(attempt, now)) === true)
  const open: OpenConnection = {
    connection,
    gone,
    mayChange,
    connecting: authorizing.busy,
    telling: authorizing.panel !== null,
    connect: (user) => authorizing.begin(connection, { user }),
    share: () => setDialog('share'),
    revoke: (user) => setRevoking(user === undefined ? {} : { user }),
    remove: () => setDialog('delete'),
  }
  return (
    <OpenConnectionContext value={open}>
      <Page
        title={name}
        back={back}
        heading={
          <span className="flex items-center gap-3">
            <ConnectionMark connection={connection} size={40} />
            <span className="min-w-0 break-words">{name}</span>
          </span>
        }
        lead={
          <div className="mt-1.5 flex flex-wrap items-center gap-x-3 gap-y-1">
            <StatusBadge connection={connection} waiting={waiting} />
            {/* What ails it is said below, at length. */}
            {!waiting && status.key === 'saved' && <span className="min-w-0 text-[13px]">{status.reason}</span>}
            <span className="inline-flex min-w-0 items-center gap-1 text-ink-3">
              <span className="min-w-0 font-mono text-[13px] break-all">{linkName}</span>
              <CopyIcon text={linkName} label="Copy link name" />
            </span>
          </div>
        }
        actions={<Actions service={service} check={check} />}
      >
        <div ref={news} tabIndex={-1} className="flex flex-col gap-3 empty:hidden focus-visible:outline-none">
          {authorizing.panel}
          {check.result !== null && <CheckResult result={check.result} onDismiss={check.dismiss} />}
          <AlertStrip service={service} check={check} returnedFailed={returnedFailed} />
        </div>
        <TabLinks
          label={`Parts of ${name}`}
          tabs={[
            { label: 'Overview', link: { to: '/connections/$link', params: { link: linkName } } },
            { label: 'Activity', link: { to: '/connections/$link/activity', params: { link: linkName } } },
            { label: 'Use it', link: { to: '/connections/$link/use', params: { link: linkName } } },
            { label: 'Settings', link: { to: '/connections/$link/settings', params: { link: linkName } } },
          ]}
        />
        <div className={cn(connection.status === 'revoked' && 'saturate-30')}>
          <Outlet />
        </div>
      </Page>
      <RevokeDialog
        connection={revoking === undefined ? null : connection}
        user={revoking?.user}
        onClose={() => setRevoking(undefined)}
        home={news}
        // What the provider left open is told on the page, for as long as it is so.
        onRevoked={(revoked) => {
          const { title, description, confirmed } = revocationWords(revoked)
          if (confirmed) tell(title, description)
        }}
      />
      <Suspense>
        {dialog === 'share' && <ShareDialog connection={connection} onClose={() => setDialog(undefined)} />}
        {dialog === 'delete' && <DeleteDialog open connection={connection} onClose={() => setDialog(undefined)} />}
      </Suspense>
    </OpenConnectionContext>
  )
}
