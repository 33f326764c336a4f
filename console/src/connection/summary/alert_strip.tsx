import type { Service } from '@mooring/sdk'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { connectionAttempts, connectionAuthorizations } from '../../data/connections.ts'
import { Button, buttonClass } from '../../ui/button.tsx'
import { Notice } from '../../ui/notice.tsx'
import { useNow } from '../../ui/time.tsx'
import { scopeDiff } from '../../words/scopes.ts'
import { statusOf } from '../../words/status.ts'
import { FailedAttempt, failedLast, isOpen, OpenAttempt } from './attempts.tsx'
import { ConnectPanel } from './connect_panel.tsx'
import { useOpenConnection } from './open_connection.tsx'
import { Reconnect } from './reconnect.tsx'
import { Revoked } from './revoked.tsx'
import { ScopeLines } from './scope_lines.tsx'
import { OnlyFor, ReconnectNeeded, Retrying } from './trouble.tsx'
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
  const waiting = telling || key === 'active' ? undefined : attempts?.find((attempt) => isOpen(attempt, now))
  return (
    <>
      {waiting !== undefined && <OpenAttempt attempt={waiting} />}
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
          action={key !== 'reconnect' && <Reconnect label="Review and reconnect" />}
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
