import { useQuery } from '@tanstack/react-query'
import { useSearch } from '@tanstack/react-router'
import { setLink } from '../../data/link_state.ts'
import { currentSession, signedIn } from '../../session.tsx'
import { Notice } from '../../ui/notice.tsx'
import { CredentialsForm } from './credentials_form.tsx'
import { Outside, OutsideWait, ProviderLink, signInOptions } from './outside.tsx'
import { WayOn } from './way_on.tsx'

export function LoginPage() {
  const { next } = useSearch({ from: '/login' })
  const session = useQuery(currentSession)
  const options = useQuery(signInOptions)
  if (session.data) return <WayOn next={next} />
  if (session.isPending) return <OutsideWait title="Sign in" query={session} />
  if (options.data === undefined) return <OutsideWait title="Sign in" query={options} />
  const { provider, setupNeeded } = options.data
  if (setupNeeded) {
    return (
      <Outside title="Nobody has an account yet">
        <Notice tone="info" title="Open the link that the server has printed">
          <p>
            At its start Mooring prints a one-time link that makes the first owner. It works for 30 minutes; start the
            server again for a new one.
          </p>
        </Notice>
      </Outside>
    )
  }
  return (
    <Outside title="Sign in">
      <CredentialsForm
        onSignedIn={async (session) => {
          await signedIn(session)
          setLink('up')
        }}
      >
        <ProviderLink provider={provider} next={next} />
      </CredentialsForm>
      <p className="text-[13px] text-ink-3">
        Forgotten your password? An owner or an admin can make a link with which you choose a new one.
      </p>
    </Outside>
  )
}
