import type { Attempt, Authorization, Service } from '@mooring/sdk'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { connectionActivity, connectionAttempts, connectionAuthorizations } from '../../data/connections.ts'
import { Button, buttonClass } from '../../ui/button.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Time, useNow } from '../../ui/time.tsx'
import { nameOf } from '../../words/activity.ts'
import { failureTitle } from '../../words/failure.ts'
import { lastRevocation, notConfirmed } from '../../words/revocation.ts'
import { scopeDiff } from '../../words/scopes.ts'
import { statusOf } from '../../words/status.ts'
import { exactly, span } from '../../words/time.ts'
import { AttemptSteps } from '../attempt_steps.tsx'
import { ErrorDetails } from '../error_details.tsx'
import { ConnectPanel } from './connect_panel.tsx'
import { useOpenConnection } from './open_connection.tsx'
import { ScopeLines } from './scope_lines.tsx'
import type { Check } from './use_check.ts'
import { useEnabled } from './use_enabled.ts'

/** What ails a connection and what mends it, the worst first; nothing where all is well. */
export function AlertStrip({
  service,
  check,
  returnedFailed,
}: {
  service: Service | undefined
  check: Check
  /** A sign-in in this tab has come back without success. */
  returnedFailed: boolean
}) {
  const open = useOpenConnection()
  const { connection, telling } = open
  const now = useNow()
  const authorizations = useQuery(connectionAuthorizations(connection.linkName)).data
  const attempts = useQuery(connectionAttempts(connection.linkName)).data
  const shared = authorizations?.find(({ user }) => user === null)
  if (open.gone) return <Gone />
  const { key } = statusOf(connection, now)
  const diff = scopeDiff(connection, shared)
  const failed = telling || (key === 'active' && !returnedFailed) ? undefined : failedLast(attempts)
  return (
    <>
      {failed !== undefined && <FailedAttempt attempt={failed} />}
      {key === 'not_connected' && <ConnectPanel service={service} />}
      {key === 'disabled' && <Disabled />}
      {key === 'revoked' && <Revoked service={service} />}
      {key === 'reconnect' && <ReconnectNeeded />}
      {key === 'retrying' && <Retrying check={check} />}
      {key !== 'disabled' && diff !== undefined && !(telling && diff.added.length + diff.removed.length === 0) && (
        <Notice
          tone="warn"
          title={
            diff.added.length + diff.removed.length > 0
              ? 'The scopes were changed since it was authorized'
              : `Connected without ${diff.refused.length} of the scopes you asked for`
          }
          action={key !== 'reconnect' && open.mayChange && <Review />}
        >
          {diff.added.length + diff.removed.length > 0 && key !== 'reconnect' && (
            <p>It keeps working with what was granted before, until it is authorized again.</p>
          )}
          <ScopeLines diff={diff} service={service} />
        </Notice>
      )}
      {!telling && <OnlyFor shared={shared} service={service} />}
    </>
  )
}

function Review() {
  const { connect, connecting } = useOpenConnection()
  return (
    <Button look="primary" busy={connecting} onClick={() => connect()}>
      Review and reconnect
    </Button>
  )
}

function Reconnect({ label = 'Reconnect' }: { label?: string }) {
  const { connect, connecting, mayChange } = useOpenConnection()
  if (!mayChange) return null
  return (
    <Button look="primary" busy={connecting} onClick={() => connect()}>
      {label}
    </Button>
  )
}

function Gone() {
  return (
    <Notice
      tone="bad"
      live
      title="This connection was deleted"
      action={
        <Link to="/connections" className={buttonClass()}>
          Go to Connections
        </Link>
      }
    >
      What you see is how it was, and what you typed is still here to copy. Nothing can be saved any more.
    </Notice>
  )
}

function Disabled() {
  const { connection, mayChange } = useOpenConnection()
  const { setEnabled, busy } = useEnabled(connection)
  return (
    <Notice
      tone="mute"
      title="Switched off"
      action={
        mayChange && (
          <Button look="primary" busy={busy} onClick={() => setEnabled(true)}>
            Enable
          </Button>
        )
      }
    >
      Calls through it are refused and nothing is renewed. What was granted is kept.
    </Notice>
  )
}

function Revoked({ service }: { service: Service | undefined }) {
  const { connection } = useOpenConnection()
  const activity = useInfiniteQuery(connectionActivity(connection.linkName)).data
  const last = lastRevocation(activity?.pages.flatMap(({ items }) => items) ?? [])
  const name = connection.service.name
  const words = last?.unconfirmed === true ? notConfirmed(name) : undefined
  const where = service === undefined ? undefined : providerAddress(service)
  return (
    <>
      <Notice tone="mute" title="Revoked" action={<Reconnect label="Connect again" />}>
        <p>
          {last?.revoked !== undefined && (
            <>
              By {nameOf(last.revoked.actor)}, <Time at={last.revoked.at} />.{' '}
            </>
          )}
          Calls through it are refused. Connecting again keeps its link name and history.
        </p>
      </Notice>
      {words !== undefined && (
        <Notice
          tone="warn"
          title={words.title}
          action={
            where !== undefined && (
              <a href={where.href} target="_blank" rel="noreferrer" className={buttonClass()}>
                Open {where.host}
              </a>
            )
          }
        >
          {words.description}
        </Notice>
      )}
    </>
  )
}

/** Where somebody manages their apps, as far as the definition tells: the host where they signed in. */
function providerAddress({ auth }: Service): { href: string; host: string } | undefined {
  const written = auth?.['authorizationUrl']
  const url = typeof written === 'string' && !written.includes('{') ? URL.parse(written) : null
  return url === null ? undefined : { href: url.origin, host: url.host }
}

function ReconnectNeeded() {
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

function Retrying({ check }: { check: Check }) {
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
function OnlyFor({ shared, service }: { shared: Authorization | undefined; service: Service | undefined }) {
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

/** The last attempt, where it failed. */
function failedLast(attempts: readonly Attempt[] | undefined): Attempt | undefined {
  const last = attempts?.find(({ state }) => state !== 'waiting')
  return last?.state === 'failed' && last.diagnosis !== null ? last : undefined
}

function FailedAttempt({ attempt }: { attempt: Attempt }) {
  const { diagnosis, steps } = attempt
  if (diagnosis === null) return null
  return (
    <Notice tone="bad" title={diagnosis.title}>
      <p>
        {diagnosis.detail} <Time at={steps.at(-1)?.at ?? attempt.createdAt} className="text-ink-3" />
      </p>
      {diagnosis.hint !== null && <p>{diagnosis.hint}</p>}
      <details className="mt-1.5">
        <summary className="inline-block min-h-6 cursor-pointer rounded-sm text-[13px] underline underline-offset-2">
          Technical details
        </summary>
        <div className="mt-1.5">
          <AttemptSteps attempt={attempt} />
        </div>
      </details>
    </Notice>
  )
}
