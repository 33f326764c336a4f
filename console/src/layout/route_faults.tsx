import { type ErrorComponentProps, Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { buttonClass } from '../ui/button.tsx'
import { Page } from '../ui/page.tsx'
import { LoadError } from '../ui/states.tsx'

export function RouteError({ error, reset }: ErrorComponentProps): ReactNode {
  return (
    <Page title="Something went wrong">
      <LoadError
        error={error}
        onRetry={() => {
          // A page whose script could not be loaded comes back only with a whole load.
          if (error instanceof Error && /import|module/i.test(error.message)) location.reload()
          else reset()
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
