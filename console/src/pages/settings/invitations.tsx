import type { Invitation } from '@mooring/sdk'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { client } from '../../data/client.ts'
import { openInvitations } from '../../data/people.ts'
import { queryClient } from '../../data/query_client.ts'
import { useAct } from '../../forms/use_act.tsx'
import { useSession } from '../../session.tsx'
import { Button } from '../../ui/button.tsx'
import { Confirm } from '../../ui/dialog.tsx'
import { Section } from '../../ui/page.tsx'
import { LoadError } from '../../ui/states.tsx'
import { ActionCell, Cell, Row, Table } from '../../ui/table.tsx'
import { Time } from '../../ui/time.tsx'
import { tell } from '../../ui/toast.ts'
import { roleWords } from '../../words/roles.ts'

/** Links that were handed over and not used yet. */
export function Invitations() {
  const invitations = useQuery(openInvitations)
  const { user: me } = useSession()
  const [asked, setAsked] = useState<Invitation>()
  if (invitations.error !== null) {
    return (
      <LoadError
        error={invitations.error}
        retrying={invitations.isFetching}
        onRetry={() => void invitations.refetch()}
      />
    )
  }
  if (invitations.data === undefined || invitations.data.length === 0) return null
  return (
    <Section title="Open invitations" description="Whoever holds such a link gets an account.">
      <Table label="Open invitations" columns={['For', 'Role', 'Made by', 'Expires', { hidden: 'Actions' }]}>
        {invitations.data.map((invitation) => (
          <Row key={invitation.id}>
            <Cell>
              <span className="font-medium">{nameOf(invitation)}</span>
              {invitation.name !== null && invitation.email !== null && (
                <span className="block text-[13px] break-all text-ink-3">{invitation.email}</span>
              )}
            </Cell>
            <Cell label="Role">{roleWords[invitation.role].name}</Cell>
            <Cell label="Made by">{invitation.invitedBy}</Cell>
            <Cell label="Expires">
              <Time at={invitation.expiresAt} />
            </Cell>
            <ActionCell>
              {(invitation.role !== 'owner' || me.role === 'owner') && (
                <Button
                  size="small"
                  look="danger-quiet"
                  aria-label={`Withdraw the invitation of ${nameOf(invitation)}`}
                  onClick={() => setAsked(invitation)}
                >
                  Withdraw
                </Button>
              )}
            </ActionCell>
          </Row>
        ))}
      </Table>
      {asked !== undefined && <WithdrawDialog invitation={asked} onClose={() => setAsked(undefined)} />}
    </Section>
  )
}

function nameOf({ name, email }: Invitation): string {
  return name ?? email ?? 'Whoever holds the link'
}

function WithdrawDialog({ invitation, onClose }: { invitation: Invitation; onClose: () => void }) {
  const { busy, run, refusal } = useAct()
  return (
    <Confirm
      open
      title="Withdraw this invitation?"
      keep="Keep invitation"
      confirm="Withdraw invitation"
      busy={busy}
      onKeep={onClose}
      onConfirm={() =>
        run(async () => {
          await client.invitations.delete(invitation.id)
          await queryClient.invalidateQueries({ queryKey: ['invitations'] })
          tell('Invitation withdrawn', 'Its link works no more.')
          onClose()
        })
      }
    >
      <p>The link stops working at once. You can make another one.</p>
      {refusal}
    </Confirm>
  )
}
