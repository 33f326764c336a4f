import type { Connection, ConnectSession } from '@mooring/sdk'
import { useRef, useState } from 'react'
import { client } from '../data/client.ts'
import { ConnectSessionInput } from '../forms/rules.ts'
import { useForm } from '../forms/use_form.tsx'
import { Button } from '../ui/button.tsx'
import { CopyField } from '../ui/copy.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Field, Input } from '../ui/field.tsx'
import { Notice } from '../ui/notice.tsx'
import { exactly } from '../words/time.ts'

interface ShareDialogProps {
  connection: Connection
  onClose: () => void
}

/** A link for somebody without an account, who signs in at the provider for this connection. */
export function ShareDialog({ connection, onClose }: ShareDialogProps) {
  const [made, setMade] = useState<{ session: ConnectSession; who: string; minutes: number }>()
  const perUser = connection.authorizationLevel === 'per_user'
  const { form, field, onSubmit, busy, summary } = useForm<{ id: string; name: string }>({
    id: 'share',
    values: { id: '', name: '' },
    schema: ConnectSessionInput.shape.user,
    fieldOf: (path) => (path === 'user.id' || path === 'user.name' ? (path.slice(5) as 'id' | 'name') : undefined),
    send: async ({ id, name }) => {
      const user = { id: id.trim(), ...(name === '' ? {} : { name }) }
      const session = await client.connectSessions.create({ user, connections: [connection.linkName] })
      const minutes = Math.round((Date.parse(session.expiresAt) - Date.now()) / 60_000)
      setMade({ session, minutes, who: name === '' ? user.id : name })
    },
  })
  const { id, error } = field('id')
  const { ref, ...registered } = form.register('id')
  const input = useRef<HTMLInputElement>(null)
  if (made !== undefined) return <MadeLink {...made} connection={connection} onClose={onClose} />
  return (
    <Dialog
      open
      onClose={onClose}
      initialFocus={input}
      title="Share connect link"
      description={
        perUser
          ? `Each user of ${connection.name} signs in for themself. The link is for one of them, who needs no account here.`
          : `Whoever knows the account at ${connection.service.name} can authorize ${connection.name} with this link, without an account here.`
      }
      footer={
        <Button look="primary" type="submit" form="share-form" busy={busy}>
          Create link
        </Button>
      }
    >
      <form id="share-form" noValidate onSubmit={onSubmit} className="flex flex-col gap-3">
        {summary}
        <Field
          id={id}
          error={error}
          required
          label={perUser ? 'User id' : 'Who is it for?'}
          help={
            perUser
              ? 'As your programs name this user when they call.'
              : 'A name or an e-mail address, for the log and for you.'
          }
        >
          {(parts) => (
            <Input
              {...parts}
              {...registered}
              ref={(element) => {
                ref(element)
                input.current = element
              }}
            />
          )}
        </Field>
        {perUser && (
          <Field id={field('name').id} error={field('name').error} label="Name" optional>
            {(parts) => <Input {...parts} {...form.register('name')} />}
          </Field>
        )}
      </form>
    </Dialog>
  )
}

/** Shown once: only its hash is kept. */
function MadeLink({
  session,
  who,
  minutes,
  connection,
  onClose,
}: {
  session: ConnectSession
  who: string
  minutes: number
  connection: Connection
  onClose: () => void
}) {
  return (
    <Dialog
      open
      dismissible={false}
      onClose={onClose}
      title={`Link for ${who}`}
      description={`Send it to ${who}. It opens a page that names ${connection.service.name} and what is asked for.`}
      footer={
        <Button look="primary" onClick={onClose}>
          Done
        </Button>
      }
    >
      <div className="flex flex-col gap-3">
        <CopyField value={session.url} label="connect link" />
        <Notice tone="info">
          It works for{' '}
          <time dateTime={session.expiresAt} title={exactly(session.expiresAt)}>
            {minutes} minutes
          </time>
          , and is shown only now.
        </Notice>
      </div>
    </Dialog>
  )
}
