/** From the moment a new connection exists: connecting it, and what the page shows meanwhile. */
import type { Connection } from '@mooring/sdk'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import { useAuthorizing } from '../../connection/authorizing.tsx'
import type { SignInWindow } from '../../connection/sign_in_window.ts'
import { StatusBadge } from '../../connection/status_badge.tsx'
import { oneConnection } from '../../data/connections.ts'
import { queryClient } from '../../data/query_client.ts'
import { Button, buttonClass } from '../../ui/button.tsx'
import { Section } from '../../ui/page.tsx'
import { ConnectionMark } from '../../connection/marks.tsx'
import { tell } from '../../ui/toast.ts'

export interface How {
  /** Opened in the click; null where nobody is sent to the provider; undefined where this tab will be. */
  window: SignInWindow | null | undefined
  /** Who signs in, on a per-user connection; null: nobody now. */
  user?: string | null | undefined
}

export interface Connecting {
  /** Takes over a connection that was just created. */
  take: (connection: Connection, how: How) => void
  /** In place of the form, once there is a connection; undefined before. */
  view: ReactNode
}

/** Ends on the Connection Summary. Where connecting fails the connection stays, and says so. */
export function useConnecting(): Connecting {
  const navigate = useNavigate()
  const [created, setCreated] = useState<Connection>()
  const open = ({ linkName }: Connection): void =>
    // What was typed is stored: there is nothing to ask about when leaving.
    void navigate({ to: '/connections/$link', params: { link: linkName }, ignoreBlocker: true })
  const authorizing = useAuthorizing({ onDone: open })
  return {
    take(connection, { window, user }) {
      void queryClient.invalidateQueries({ queryKey: ['connections'] })
      void queryClient.invalidateQueries({ queryKey: ['services'] })
      if (connection.status === 'active') {
        window?.close()
        tell(`${connection.name} is connected`)
        open(connection)
      } else if (user === null) {
        window?.close()
        tell(`${connection.name} was created`, 'Each user connects it for themself.')
        open(connection)
      } else {
        setCreated(connection)
        authorizing.begin(connection, { window, user })
      }
    },
    view:
      created === undefined ? undefined : (
        <>
          {authorizing.panel}
          <Created
            connection={created}
            busy={authorizing.busy}
            waiting={authorizing.waitingFor !== undefined}
            {...(authorizing.panel === null ? { onConnect: (one) => authorizing.begin(one) } : {})}
          />
        </>
      ),
  }
}

interface CreatedProps {
  connection: Connection
  busy: boolean
  waiting: boolean
  /** Left out where what is shown above says how to go on. */
  onConnect?: (connection: Connection) => void
}

/** It exists from here on, whatever becomes of connecting it. */
function Created({ connection: first, busy, waiting, onConnect }: CreatedProps) {
  const connection = useQuery({ ...oneConnection(first.linkName), initialData: first }).data
  return (
    <Section>
      <div className="flex flex-wrap items-center gap-3 p-4">
        <ConnectionMark connection={connection} size={40} />
        <div className="min-w-0 flex-1 basis-48">
          <p className="font-medium break-words">{connection.name}</p>
          <p className="font-mono text-xs break-all text-ink-3">{connection.linkName}</p>
        </div>
        <StatusBadge connection={connection} waiting={waiting} />
      </div>
      <div className="flex flex-wrap items-center justify-between gap-3 border-t border-line px-4 py-3">
        <p className="text-ink-2">
          {busy ? 'Created. Connecting it now.' : 'It was created and stays, but it is not connected yet.'}
        </p>
        <div className="flex flex-wrap gap-2">
          <Link to="/connections/$link" params={{ link: connection.linkName }} className={buttonClass()}>
            Open it
          </Link>
          {onConnect !== undefined && (
            <Button look="primary" onClick={() => onConnect(connection)}>
              Connect again
            </Button>
          )}
        </div>
      </div>
    </Section>
  )
}
