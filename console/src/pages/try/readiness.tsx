import type { Connection } from '@mooring/sdk'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useMay } from '../../session.tsx'
import { buttonClass } from '../../ui/button.tsx'
import { Notice } from '../../ui/notice.tsx'
import { useNow } from '../../ui/time.tsx'
import { type StatusWords, statusOf } from '../../words/status.ts'

/** What has to be done first, by how the connection is. */
const first: Partial<Record<StatusWords['key'], string>> = {
  not_connected: 'Connect first',
  reconnect: 'Reconnect first',
  revoked: 'Connect again first',
  disabled: 'Enable it first',
}

/** Whether a request can go through it now; where not, why, and where to mend it. */
export function useReadiness(connection: Connection | null): { ready: boolean; notice: ReactNode } {
  const mayCall = useMay('manage')
  const now = useNow()
  if (!mayCall) {
    const notice = (
      <Notice tone="mute" title="You may look, not call">
        Your role may not send requests through connections. Ask an owner or an admin for another role.
      </Notice>
    )
    return { ready: false, notice }
  }
  // On a per-user connection each authorization is by itself; the server says how that one is.
  if (connection === null || connection.authorizationLevel === 'per_user') return { ready: true, notice: null }
  const { key, tone, word, reason } = statusOf(connection, now)
  const todo = first[key]
  if (todo === undefined) return { ready: true, notice: null }
  const notice = (
    <Notice
      tone={tone}
      title={`${connection.name}: ${word}`}
      action={
        <Link
          to="/connections/$link"
          params={{ link: connection.linkName }}
          className={buttonClass({ size: 'small', look: 'primary' })}
        >
          {todo}
        </Link>
      }
    >
      {reason === '' ? 'No request can go through it.' : reason}
    </Notice>
  )
  return { ready: false, notice }
}
