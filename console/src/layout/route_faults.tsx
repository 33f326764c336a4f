import { MooringError } from '@mooring/sdk'
import { type ErrorComponentProps, Link, useRouter } from '@tanstack/react-router'
import { type ReactNode, useEffect, useEffectEvent } from 'react'
import { linkUp } from '../data/link_state.ts'
import { buttonClass } from '../ui/button.tsx'
import { Page } from '../ui/page.tsx'
import { LoadError, SkeletonRows } from '../ui/states.tsx'

/** While the script of a page is on its way. */
export function PagePending(): ReactNode {
  return (
    <div className="mx-auto w-full max-w-6xl px-4 py-5 sm:px-8 sm:py-7">
      <SkeletonRows />
    </div>
  )
}

export function RouteError({ error, reset }: ErrorComponentProps): ReactNode {
  const router = useRouter()
  const unreachable = error instanceof MooringError && error.code === 'unreachable'
  const again = useEffectEvent(() => void router.invalidate().then(reset))
  useEffect(() => {
    if (!unreachable) return
    const left = new AbortController()
    void linkUp(left.signal).then(() => left.signal.aborted || again())
    return () => left.abort()
  }, [unreachable])
  return (
    <Page title={unreachable ? 'This page could not be loaded' : 'Something went wrong'}>
      <LoadError
        error={error}
        onRetry={() => {
          // Scripts of an older console come back only with the whole page.
          if (!unreachable && error instanceof Error && /import|module/i.test(error.message)) location.reload()
          else void router.invalidate().then(reset)
        }}
      />
    </Page>
  )
}

export function RouteMissing(): ReactNode {
  return (
    <Page title="Page not found" lead="This address leads nowhere in the console.">
      <div>
        <Link to="/connections" className={buttonClass({ look: 'primary' })}>
          Go to Connections
        </Link>
      </div>
    </Page>
  )
}
