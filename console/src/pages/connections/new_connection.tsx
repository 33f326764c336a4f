import type { Connection } from '@mooring/sdk'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useAuthorizing } from '../../connection/authorizing.tsx'
import type { SignInWindow } from '../../connection/sign_in_window.ts'
import { StatusBadge } from '../../connection/status_badge.tsx'
import { allConnections, oneConnection } from '../../data/connections.ts'
import { queryClient } from '../../data/query_client.ts'
import { Button, buttonClass } from '../../ui/button.tsx'
import { Section } from '../../ui/page.tsx'
import { ServiceMark } from '../../ui/service_mark.tsx'
import { SkeletonRows } from '../../ui/states.tsx'
import { tell } from '../../ui/toast.ts'
import { forgetCallbackId } from './callback_id.ts'
import { DetailsForm } from './details_form.tsx'
import type { Target } from './details_target.ts'

interface NewConnectionProps {
  target: Target
  /** Of the callback URL shown, where the service is made along with the connection. */
  callbackId?: string
}

/** The form; and once the connection exists, what becomes of connecting it. */
export function NewConnection({ target, callbackId }: NewConnectionProps) {
  const navigate = useNavigate()
  const known = useQuery(allConnections)
  const [created, setCreated] = useState<Connection>()
  const open = ({ linkName }: Connection): void =>
    void navigate({ to: '/connections/$link', params: { link: linkName } })
  const authorizing = useAuthorizing({ onDone: open })

  const onCreated = (
    connection: Connection,
    { window, user }: { window: SignInWindow | undefined; user: string },
  ): void => {
    if (target.entry !== null) forgetCallbackId(target.entry.id)
    void queryClient.invalidateQueries({ queryKey: ['connections'] })
    void queryClient.invalidateQueries({ queryKey: ['services'] })
    if (connection.status === 'active') {
      window?.close()
      tell(`${connection.name} is connected`)
      open(connection)
    } else if (connection.authorizationLevel === 'per_user' && user === '') {
      tell(`${connection.name} was created`, 'Each user connects it for themself.')
      open(connection)
    } else {
      setCreated(connection)
      authorizing.begin(connection, { window, ...(user === '' ? {} : { user }) })
    }
  }

  return (
    <>
      {authorizing.panel}
      {created !== undefined ? (
        <Created
          connection={created}
          busy={authorizing.busy}
          onConnect={(connection) => authorizing.begin(connection)}
        />
      ) : known.isPending ? (
        <SkeletonRows rows={4} />
      ) : (
        <DetailsForm target={target} callbackId={callbackId} known={known.data ?? []} onCreated={onCreated} />
      )}
    </>
  )
}

interface CreatedProps {
  connection: Connection
  busy: boolean
  onConnect: (connection: Connection) => void
}

/** It exists from here on, whatever becomes of connecting it. */
function Created({ connection: first, busy, onConnect }: CreatedProps) {
  const connection = useQuery({ ...oneConnection(first.linkName), initialData: first }).data
  return (
    <Section>
      <div className="flex flex-wrap items-center gap-3 p-4">
        <ServiceMark name={connection.service.name} size={40} />
        <div className="min-w-0 flex-1 basis-48">
          <p className="font-medium break-words">{connection.name}</p>
          <p className="font-mono text-xs break-all text-ink-3">{connection.linkName}</p>
        </div>
        <StatusBadge connection={connection} />
      </div>
      <div className="flex flex-wrap items-center justify-between gap-3 border-t border-line px-4 py-3">
        <p className="text-ink-2">
          {busy ? 'Created. Connecting it now.' : 'It was created and stays, but it is not connected yet.'}
        </p>
        <div className="flex flex-wrap gap-2">
          <Link to="/connections/$link" params={{ link: connection.linkName }} className={buttonClass()}>
            Open it
          </Link>
          <Button look="primary" disabled={busy} onClick={() => onConnect(connection)}>
            Connect again
          </Button>
        </div>
      </div>
    </Section>
  )
}
