/** Why the access has ended, or may end: what happened, why, what mends it. */
import type { Authorization, Service } from '@mooring/sdk'
import { Link } from '@tanstack/react-router'
import { Button } from '../../ui/button.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Time, useNow } from '../../ui/time.tsx'
import { failureTitle } from '../../words/failure.ts'
import { statusOf } from '../../words/status.ts'
import { exactly, span } from '../../words/time.ts'
import { ErrorDetails } from '../error_details.tsx'
import { useOpenConnection } from './open_connection.tsx'
import { Reconnect } from './reconnect.tsx'
import type { Check } from './use_check.ts'

export function ReconnectNeeded() {
  const { connection } = useOpenConnection()
  const { lastError, expiresAt } = connection
  const title = `${connection.name} needs to be reconnected`
  if (lastError === null) {
    return (
      <Notice tone="bad" title={title} action={<Reconnect />}>
        The access token has ended
        {expiresAt !== null && (
          <>
            , <Time at={expiresAt} />
          </>
        )}
        , and there is no refresh token to renew it with. Link name, history and API keys stay as they are.
      </Notice>
    )
  }
  return (
    <Notice tone="bad" title={title} action={<Reconnect />}>
      <p>
        {lastError.detail} <Time at={lastError.at} className="text-ink-3" />
      </p>
      {lastError.hint !== null && <p>{lastError.hint}</p>}
      <p>Link name, history and API keys stay as they are.</p>
      <ErrorDetails
        facts={[
          ['Code', lastError.code],
          ['When', exactly(lastError.at)],
        ]}
      />
    </Notice>
  )
}

export function Retrying({ check }: { check: Check }) {
  const { connection, mayChange } = useOpenConnection()
  const now = useNow()
  const { lastError, nextRefreshAt, expiresAt } = connection
  if (lastError === null) return null
  const works = expiresAt === null || Date.parse(expiresAt) > now
  return (
    <Notice
      tone="warn"
      title={failureTitle(connection, lastError.code)}
      action={
        mayChange && (
          <Button size="small" busy={check.running === 'refresh'} onClick={check.refresh}>
            Try now
          </Button>
        )
      }
    >
      <p>
        {lastError.detail} <Time at={lastError.at} className="text-ink-3" />
      </p>
      {lastError.hint !== null && <p>{lastError.hint}</p>}
      <p>
        {nextRefreshAt === null
          ? 'It is tried again at the next call, or when you ask for it.'
          : `Next try in ${span(Date.parse(nextRefreshAt) - now)}.`}{' '}
        {works ? 'Calls still work with the current token.' : 'The current token has ended: calls fail until it works.'}
      </p>
      <ErrorDetails
        facts={[
          ['Code', lastError.code],
          ['When', exactly(lastError.at)],
          ['Token ends', expiresAt === null ? null : exactly(expiresAt)],
        ]}
      />
    </Notice>
  )
}

/** Where a token ends and nothing renews it. */
export function OnlyFor({ shared, service }: { shared: Authorization | undefined; service: Service | undefined }) {
  const { connection } = useOpenConnection()
  const now = useNow()
  const { key } = statusOf(connection, now)
  const ends = shared?.expiresAt ?? null
  const left = ends === null ? 0 : Date.parse(ends) - now
  if (connection.status !== 'active' || shared === undefined || shared.autoRefresh || left <= 0) return null
  return (
    <Notice
      tone={key === 'expires_soon' ? 'warn' : 'info'}
      title={`Connected, but only for ${span(left)}`}
      action={<Reconnect />}
    >
      {connection.service.name} sent no refresh token, so nothing can renew the access. Sign in again before it ends.
      {service !== undefined && (
        <>
          {' '}
          Some services send one only if they are asked:{' '}
          <Link
            to="/services/$link/security"
            params={{ link: service.linkName }}
            className="text-accent underline underline-offset-2"
          >
            see how {service.name} asks
          </Link>
          .
        </>
      )}
    </Notice>
  )
}
