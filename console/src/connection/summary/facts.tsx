import type { Authorization, Service } from '@mooring/sdk'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { connectionPrompt } from '../../data/connections.ts'
import { Time, useNow } from '../../ui/time.tsx'
import { exactly, span } from '../../words/time.ts'
import { useOpenConnection } from './open_connection.tsx'

/** What is known of a connection, each fact a word or two. */
export function Facts({
  service,
  authorizations,
}: {
  service: Service | undefined
  authorizations: readonly Authorization[] | undefined
}) {
  const { connection } = useOpenConnection()
  const { data: prompt } = useQuery(connectionPrompt(connection.linkName))
  const live = connection.status === 'active' && connection.authorizationLevel === 'shared'
  const { verifiedAt, lastRefreshedAt, account, createdAt } = connection
  const shared = authorizations?.find(({ user }) => user === null)
  const lastUsedAt =
    [connection, ...(authorizations ?? [])]
      .map((one) => one.lastUsedAt ?? '')
      .sort()
      .at(-1) || null
  return (
    <dl className="grid grid-cols-2 gap-x-6 gap-y-4 rounded-lg border border-line bg-card px-4 py-3.5 sm:grid-cols-3 xl:grid-cols-4">
      {live && <Renewal />}
      {live && shared !== undefined && <Fact label="Access token life">{lifeOf(shared)}</Fact>}
      {live && (
        <Fact label="Refresh token">
          {connection.autoRefresh
            ? // Nobody signs in: a new token is simply asked for.
              prompt?.redirects === false && prompt.fields.length === 0
              ? 'Not needed'
              : 'Yes'
            : connection.expiresAt === null
              ? 'Not needed'
              : 'No'}
        </Fact>
      )}
      {account !== null && <Fact label="Account">{account}</Fact>}
      <Fact label="Last used">{moment(lastUsedAt, 'Never')}</Fact>
      {live && <Fact label="Last accepted">{moment(verifiedAt, 'Not tested yet')}</Fact>}
      {lastRefreshedAt !== null && <Fact label="Last refresh">{moment(lastRefreshedAt, 'Never')}</Fact>}
      {live && shared !== undefined && <Fact label="Authorized">{moment(shared.authorizedAt, 'Never')}</Fact>}
      <Fact label="Created">
        <Time at={createdAt} />
      </Fact>
      <Fact label="Authorization level">
        {connection.authorizationLevel === 'shared' ? 'Shared by all callers' : 'Each user for themself'}
      </Fact>
      <Fact label="Service">
        <Link
          to="/services/$link/general"
          params={{ link: connection.service.linkName }}
          className="text-accent underline-offset-2 hover:underline"
        >
          {service?.name ?? connection.service.name}
        </Link>
      </Fact>
    </dl>
  )
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="text-xs text-ink-3">{label}</dt>
      <dd className="mt-0.5 font-medium break-words">{children}</dd>
    </div>
  )
}

const moment = (at: string | null, never: string): ReactNode => (at === null ? never : <Time at={at} />)

/** Either when it is renewed, or when somebody has to sign in again; never both. */
function Renewal() {
  const { connection } = useOpenConnection()
  const now = useNow()
  const { autoRefresh, nextRefreshAt, expiresAt } = connection
  if (autoRefresh) {
    const left = nextRefreshAt === null ? null : Date.parse(nextRefreshAt) - now
    return (
      <Fact label="Next refresh">
        {nextRefreshAt === null || left === null ? (
          'At the next call'
        ) : (
          <time dateTime={nextRefreshAt} title={exactly(nextRefreshAt)}>
            {left <= 0 ? 'Due now' : `in ${span(left)}`}
          </time>
        )}
      </Fact>
    )
  }
  if (expiresAt === null) return <Fact label="Next refresh">Does not expire</Fact>
  const left = Date.parse(expiresAt) - now
  return (
    <Fact label="Expires">
      <time dateTime={expiresAt} title={exactly(expiresAt)}>
        {left <= 0 ? 'Expired, sign in again' : `Expires in ${span(left)}, sign in again`}
      </time>
    </Fact>
  )
}

/** How long a token lives: from when it was given to its end. */
function lifeOf({ expiresAt, authorizedAt, lastRefreshedAt }: Authorization): string {
  if (expiresAt === null) return 'Does not expire'
  const given = Math.max(Date.parse(authorizedAt), lastRefreshedAt === null ? 0 : Date.parse(lastRefreshedAt))
  // Given in whole seconds, and a moment under way.
  return span(Date.parse(expiresAt) - given + 999)
}
