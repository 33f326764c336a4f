import type { Session } from '@mooring/sdk'
import { useQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import { client } from '../../data/client.ts'
import { setLink } from '../../data/link_state.ts'
import { signedIn, useSession } from '../../session.tsx'
import { announce } from '../../ui/announce.tsx'
import { buttonClass } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { CredentialsForm } from './credentials_form.tsx'
import { signInOptions } from './outside.tsx'

/** Over whatever page is open when the session has ended: what was typed there stays. */
export function SignInAgain() {
  const { user } = useSession()
  const provider = useQuery(signInOptions).data?.provider ?? null
  const arrived = async (session: Session): Promise<void> => {
    // What is on the page was loaded for somebody else.
    if (session.user.id !== user.id) {
      location.reload()
      return
    }
    await signedIn(session)
    setLink('up')
    announce('You are signed in again')
  }

  // Signed in elsewhere, in the provider's tab or in any other, this page is too.
  useEffect(() => {
    const look = (): void => {
      client.session.get().then(arrived, () => undefined)
    }
    window.addEventListener('focus', look)
    return () => window.removeEventListener('focus', look)
  })

  return (
    <Dialog
      open
      dismissible={false}
      initialFocus={false}
      onClose={() => undefined}
      title="You are signed out"
      description="Your session has ended. Sign in to go on where you were; what you typed is still here."
    >
      {user.hasPassword || provider === null ? (
        <CredentialsForm email={user.email} onSignedIn={arrived}>
          {provider !== null && <ProviderTab {...provider} />}
        </CredentialsForm>
      ) : (
        <ProviderTab {...provider} />
      )}
    </Dialog>
  )
}

function ProviderTab({ name, url }: { name: string; url: string }) {
  return (
    <a href={`${url}?returnTo=/connections`} target="_blank" rel="noreferrer" className={buttonClass()}>
      Sign in with {name} in a new tab
    </a>
  )
}
