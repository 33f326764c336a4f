import { MooringError } from '@mooring/sdk'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { client } from '../../data/client.ts'
import { SetupInput } from '../../forms/rules.ts'
import { currentSession } from '../../session.tsx'
import { buttonClass } from '../../ui/button.tsx'
import { Notice } from '../../ui/notice.tsx'
import { useLinkToken } from './link_token.ts'
import { NewAccountForm } from './new_account_form.tsx'
import { Outside, OutsideWait, signInOptions } from './outside.tsx'
import { WayOn } from './way_on.tsx'

const rules = SetupInput.omit({ token: true })

/** The first run: whoever holds the printed link becomes the owner. */
export function SetupPage() {
  const token = useLinkToken()
  const session = useQuery(currentSession)
  const options = useQuery(signInOptions)
  const [over, setOver] = useState<string>()
  if (session.data) return <WayOn />
  if (options.data === undefined) return <OutsideWait title="Create the owner" query={options} />
  if (!options.data.setupNeeded) {
    return (
      <Outside
        title="Mooring is set up already"
        lead="An owner has an account. Sign in, or ask them for an invitation."
      >
        <Link to="/login" className={buttonClass({ look: 'primary' })}>
          Go to the sign-in page
        </Link>
      </Outside>
    )
  }
  if (token === '' || token === over) {
    return (
      <Outside title={token === '' ? 'Open the printed link' : 'This link works no more'}>
        <Notice tone="info" title="Start Mooring again for a new link">
          <p>
            While nobody has an account, each start prints a link with which to make the owner. It works once and for 30
            minutes. Open it whole, with everything behind the # sign.
          </p>
        </Notice>
      </Outside>
    )
  }
  return (
    <Outside title="Create the owner" lead="The first person here. An owner invites others and may do everything.">
      <NewAccountForm
        id="setup"
        schema={rules}
        button="Create owner"
        send={async (account) => {
          try {
            return await client.session.setUp({ ...account, token })
          } catch (error) {
            if (!(error instanceof MooringError)) throw error
            // Somebody was faster, or the server has been started again since.
            if (error.status === 403) await options.refetch()
            if (error.status === 404) setOver(token)
            throw error
          }
        }}
      />
    </Outside>
  )
}
