import { lazy, Suspense } from 'react'
import { useLinkState } from '../data/link_state.ts'
import { queryClient } from '../data/query_client.ts'
import { Button } from '../ui/button.tsx'
import { Notice } from '../ui/notice.tsx'

const SignInAgain = lazy(() =>
  import('../pages/account/sign_in_again.tsx').then(({ SignInAgain }) => ({ default: SignInAgain })),
)

/** A lost network, or a session that ended: said once, above whatever the page is; what was typed stays. */
export function LinkBanner() {
  const link = useLinkState()
  if (link === 'signed_out') {
    return (
      <Suspense>
        <SignInAgain />
      </Suspense>
    )
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
        What you typed is still here. What you see may be out of date.
      </Notice>
    </div>
  )
}
