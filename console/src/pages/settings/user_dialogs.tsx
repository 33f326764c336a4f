/** What can be done to somebody's access, each asked for and explained first. */
import type { PasswordLink, User } from '@mooring/sdk'
import { useState } from 'react'
import { client } from '../../data/client.ts'
import { queryClient } from '../../data/query_client.ts'
import { useAct } from '../../forms/use_act.tsx'
import { currentSession, useSession } from '../../session.tsx'
import { Button } from '../../ui/button.tsx'
import { ChoiceCards } from '../../ui/choice_cards.tsx'
import { Confirm, Dialog } from '../../ui/dialog.tsx'
import { tell } from '../../ui/toast.ts'
import { moment } from '../../words/time.ts'
import { peopleRoles } from './role_choices.ts'
import { ShownOnce } from './shown_once.tsx'

export interface UserAct {
  kind: 'role' | 'password' | 'deactivate' | 'reactivate' | 'remove'
  user: User
}

interface UserDialogProps {
  act: UserAct
  /** It is about the person who is signed in. */
  self: boolean
  onClose: () => void
}

async function changed(self: boolean): Promise<void> {
  await Promise.all([
    queryClient.invalidateQueries({ queryKey: ['users'] }),
    // One's own role decides what is offered.
    self ? queryClient.invalidateQueries(currentSession) : undefined,
  ])
}

export function UserDialog({ act, self, onClose }: UserDialogProps) {
  switch (act.kind) {
    case 'role':
      return <RoleDialog user={act.user} self={self} onClose={onClose} />
    case 'password':
      return <PasswordLinkDialog user={act.user} onClose={onClose} />
    case 'deactivate':
    case 'reactivate':
    case 'remove':
      return <AccessDialog kind={act.kind} user={act.user} self={self} onClose={onClose} />
  }
}

function RoleDialog({ user, self, onClose }: { user: User; self: boolean; onClose: () => void }) {
  const { user: me } = useSession()
  const [role, setRole] = useState<string>(user.role)
  const { busy, run, refusal } = useAct()
  const choices = peopleRoles(me.role)
  const save = async (): Promise<void> => {
    const chosen = (['owner', 'admin', 'developer', 'viewer'] as const).find((one) => one === role)
    if (chosen !== undefined && chosen !== user.role) await client.users.update(user.id, { role: chosen })
    await changed(self)
    tell('Role changed', `${user.name} is ${role} from now on.`)
    onClose()
  }
  return (
    <Dialog
      open
      onClose={onClose}
      title={`What may ${user.name} do?`}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" busy={busy} onClick={() => run(save)}>
            Save role
          </Button>
        </>
      }
    >
      <ChoiceCards
        legend="Role"
        choices={choices}
        value={role}
        onChange={setRole}
        help="It holds from the next click on."
      />
      {refusal}
    </Dialog>
  )
}

const questions = {
  deactivate: {
    confirm: 'Deactivate',
    keep: 'Keep active',
    told: 'deactivated',
    says: 'is signed out everywhere at once and cannot sign in. You can reactivate the account at any time.',
  },
  reactivate: {
    confirm: 'Reactivate',
    keep: 'Keep deactivated',
    told: 'reactivated',
    says: 'can sign in again with the same password and role.',
  },
  remove: {
    confirm: 'Remove',
    keep: 'Keep account',
    told: 'removed',
    says: 'is signed out everywhere at once, and the account is gone for good. What they have made stays, API keys too: delete those that only they knew.',
  },
} as const

function AccessDialog({
  kind,
  user,
  self,
  onClose,
}: {
  kind: keyof typeof questions
  user: User
  self: boolean
  onClose: () => void
}) {
  const { busy, run, refusal } = useAct()
  const { confirm, keep, told, says } = questions[kind]
  const act = async (): Promise<void> => {
    if (kind === 'remove') await client.users.delete(user.id)
    else await client.users.update(user.id, { active: kind === 'reactivate' })
    if (self) {
      location.assign('/login')
      return
    }
    await changed(false)
    tell(`${user.name} is ${told}`)
    onClose()
  }
  return (
    <Confirm
      open
      title={`${confirm} ${user.name}?`}
      keep={keep}
      confirm={confirm}
      danger={kind !== 'reactivate'}
      busy={busy}
      onKeep={onClose}
      onConfirm={() => run(act)}
    >
      <p>
        {user.name} {says}
      </p>
      {self && <p className="mt-2 font-semibold text-ink">This is your own account.</p>}
      {refusal}
    </Confirm>
  )
}

function PasswordLinkDialog({ user, onClose }: { user: User; onClose: () => void }) {
  const [link, setLink] = useState<PasswordLink>()
  const { busy, run, refusal } = useAct()
  if (link !== undefined) {
    return (
      <ShownOnce
        title={`A password link for ${user.name}`}
        label="password link"
        value={link.url}
        confirm="I have handed it over"
        onConfirm={onClose}
      >
        <p>
          Mooring sends no mail: give it to {user.name} yourself, in a way that only they read. It works once, until{' '}
          {moment(link.expiresAt)}.
        </p>
      </ShownOnce>
    )
  }
  return (
    <Confirm
      open
      title={`Make a password link for ${user.name}?`}
      keep="Cancel"
      confirm="Make the link"
      danger={false}
      busy={busy}
      onKeep={onClose}
      onConfirm={() => run(async () => setLink(await client.users.passwordLink(user.id)))}
    >
      <p>
        Whoever holds the link chooses a new password for {user.name}, once and within an hour. An earlier link stops
        working; the current password works until then.
      </p>
      {refusal}
    </Confirm>
  )
}
