import type { InvitationView } from '@mooring/sdk'
import { MooringError } from '@mooring/sdk'
import { queryOptions, useQuery } from '@tanstack/react-query'
import { client } from '../../data/client.ts'
import { SetupInput } from '../../forms/rules.ts'
import { currentSession } from '../../session.tsx'
import { Notice } from '../../ui/notice.tsx'
import { roleWords } from '../../words/roles.ts'
import { DeadLink } from './dead_link.tsx'
import { useLinkToken } from './link_token.ts'
import { NewAccountForm } from './new_account_form.tsx'
import { Outside, OutsideWait, ProviderLink, signInOptions } from './outside.tsx'

const rules = SetupInput.omit({ token: true })

/** null: the link is over. */
const invitation = (token: string) =>
  queryOptions({
    queryKey: ['invitation', token],
    queryFn: async ({ signal }): Promise<InvitationView | null> => {
      try {
        return await client.invitations.view(token, { signal })
      } catch (error) {
        if (error instanceof MooringError && error.status === 404) return null
        throw error
      }
    },
    enabled: token !== '',
    staleTime: Infinity,
  })

/** Whoever holds the link that an owner or an admin made gets an account. */
export function InvitePage() {
  const token = useLinkToken()
  const view = useQuery(invitation(token))
  const options = useQuery(signInOptions)
  const session = useQuery(currentSession)
  if (token === '' || view.data === null)
    return <DeadLink token={token} life="seven days" ask="Ask whoever invited you for a new one." />
  if (view.data === undefined) return <OutsideWait title="You are invited" query={view} />
  const { workspace, invitedBy, role, name, email } = view.data
  return (
    <Outside
      title={`Join ${workspace}`}
      lead={
        <>
          {invitedBy === '' ? 'You are invited' : `${invitedBy} invites you`} as{' '}
          <strong className="font-semibold text-ink">{roleWords[role].name}</strong>: {lowerFirst(roleWords[role].may)}.
        </>
      }
    >
      {session.data && (
        <Notice tone="info">
          This browser is signed in as {session.data.user.name}. Joining makes a new account and signs it in instead.
        </Notice>
      )}
      <NewAccountForm
        id="invite"
        schema={rules}
        button="Join"
        given={{ name, email }}
        send={async (account) => {
          try {
            return await client.invitations.accept({ ...account, token })
          } catch (error) {
            // Used in another tab, or withdrawn meanwhile.
            if (error instanceof MooringError && error.status === 404) await view.refetch()
            throw error
          }
        }}
      />
      {email !== null && <ProviderLink provider={options.data?.provider ?? null} />}
    </Outside>
  )
}

function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1)
}
