import { useEffect, useState } from 'react'
import { client } from '../data/client.ts'
import { setLink, useLinkState } from '../data/link_state.ts'
import { queryClient } from '../data/query_client.ts'
import { signedIn } from '../session.tsx'
import { Button, buttonClass } from '../ui/button.tsx'
import { later } from '../ui/later.ts'
import { Notice } from '../ui/notice.tsx'

const signInAgain = later(async () => import('../pages/account/sign_in_again.tsx'))

/** A lost network, or a session that ended: said once, above whatever the page is; what was typed stays. */
export function LinkBanner() {
  const link = useLinkState()
  const [failed, setFailed] = useState(false)
  const form = signInAgain.usePart(link === 'signed_out', () => setFailed(true))
  if (link === 'signed_out') {
    if (form !== undefined) return <form.SignInAgain />
    return failed ? <SignInElsewhere /> : null
  }
  if (link === 'up') return null
  return (
    <div className="sticky top-0 z-30 p-2">
      <Notice
        tone="bad"
        live
        title="The server does not answer"
        action={
          <Button size="small" onClick={() => void queryClient.refetchQueries({ type: 'active' })}>
            Retry
          </Button>
        }
      >
        What you typed is still here; what you see may be out of date. Mooring keeps looking, and this goes away by
        itself.
      </Notice>
    </div>
  )
}

/** Where the form for it cannot be loaded: the server has a newer console than this page is of. */
function SignInElsewhere() {
  useEffect(() => {
    const look = (): void => {
      client.session.get().then(
        async (session) => {
          await signedIn(session)
          setLink('up')
        },
        () => undefined,
      )
    }
    window.addEventListener('focus', look)
    return () => window.removeEventListener('focus', look)
  }, [])
  return (
    <div className="sticky top-0 z-30 p-2">
      <Notice
        tone="bad"
        live
        title="You are signed out"
        action={
          <a href="/login" target="_blank" rel="noreferrer" className={buttonClass({ size: 'small' })}>
            Sign in in a new tab
          </a>
        }
      >
        What you typed is still here: sign in in a new tab, then come back and go on.
      </Notice>
    </div>
  )
}
