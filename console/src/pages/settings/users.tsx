import { useQuery } from '@tanstack/react-query'
import { UserPlus } from 'lucide-react'
import { useState } from 'react'
import { allUsers } from '../../data/people.ts'
import { useMay, useSession } from '../../session.tsx'
import { Button } from '../../ui/button.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Page, Section } from '../../ui/page.tsx'
import { LoadError, SkeletonRows } from '../../ui/states.tsx'
import { Table } from '../../ui/table.tsx'
import { Invitations } from './invitations.tsx'
import { InviteDialog } from './invite_dialog.tsx'
import { type UserAct, UserDialog } from './user_dialogs.tsx'
import { UserRow } from './user_row.tsx'

/** Who may sign in, and as what. Everybody sees it; owners and admins change it. */
export function UsersPage() {
  const users = useQuery(allUsers)
  const manages = useMay('people')
  const { user: me } = useSession()
  const [inviting, setInviting] = useState(false)
  const [act, setAct] = useState<UserAct | null>(null)
  return (
    <Page
      title="Users"
      lead="People sign in here; programs use API keys."
      actions={
        manages && (
          <Button look="primary" onClick={() => setInviting(true)}>
            <UserPlus aria-hidden className="size-4" />
            Invite somebody
          </Button>
        )
      }
    >
      {!manages && (
        <Notice tone="info" title="Only owners and admins manage people">
          Ask one of them to invite somebody or to change a role.
        </Notice>
      )}
      {users.error !== null && (
        <LoadError error={users.error} retrying={users.isFetching} onRetry={() => void users.refetch()} />
      )}
      {users.isPending && (
        <Section>
          <SkeletonRows rows={3} />
        </Section>
      )}
      {users.data !== undefined && (
        <Section>
          <Table
            label="People"
            columns={['Name', 'Role', 'Last seen', 'Status', ...(manages ? [{ hidden: 'Actions' }] : [])]}
          >
            {users.data.map((user) => (
              <UserRow
                key={user.id}
                user={user}
                self={user.id === me.id}
                onAct={manages && (user.role !== 'owner' || me.role === 'owner') ? setAct : undefined}
              />
            ))}
          </Table>
        </Section>
      )}
      {manages && <Invitations />}
      {inviting && <InviteDialog onClose={() => setInviting(false)} />}
      {act !== null && <UserDialog act={act} self={act.user.id === me.id} onClose={() => setAct(null)} />}
    </Page>
  )
}
