/** What authorizing shows: one panel on the page, or a dialog that asks. */
import { lazy, type ReactNode, Suspense, useEffect, useRef } from 'react'
import type { Acts, Step } from './authorizing_step.ts'
import { BlockedPanel } from './blocked_panel.tsx'
import { ConnectedPanel } from './connected_panel.tsx'
import { DevicePanel } from './device_panel.tsx'
import { FailedPanel } from './failed_panel.tsx'
import { UserDialog } from './user_dialog.tsx'
import { WaitingPanel } from './waiting_panel.tsx'

// With the rules for forms, which a sign-in at the provider does not need.
const ValuesDialog = lazy(() => import('./values_dialog.tsx').then(({ ValuesDialog }) => ({ default: ValuesDialog })))

export function AuthorizingPanel({ step, acts }: { step: Step; acts: Acts }): ReactNode {
  switch (step.is) {
    case 'idle':
    case 'starting':
      return null
    case 'asking_user':
      return <UserDialog connection={step.connection} acts={acts} />
    case 'asking_values':
      return (
        <Suspense>
          <ValuesDialog {...step} acts={acts} />
        </Suspense>
      )
    case 'waiting':
      if (step.device !== undefined) {
        return (
          <Focused label="Authorizing on another device">
            <DevicePanel {...step} device={step.device} acts={acts} />
          </Focused>
        )
      }
      return (
        <Focused label="Signing in">
          <WaitingPanel {...step} acts={acts} />
        </Focused>
      )
    case 'blocked':
      return (
        <Focused label="The sign-in window was blocked">
          <BlockedPanel acts={acts} />
        </Focused>
      )
    case 'failed':
      return (
        <Focused label="Not connected">
          <FailedPanel {...step} acts={acts} />
        </Focused>
      )
    case 'connected':
      return (
        <Focused label="Connected">
          <ConnectedPanel {...step} acts={acts} />
        </Focused>
      )
    default:
      return step satisfies never
  }
}

/** Takes the focus when it appears, unless somebody is typing elsewhere meanwhile. */
function Focused({ label, children }: { label: string; children: ReactNode }) {
  const box = useRef<HTMLElement>(null)
  useEffect(() => {
    const typing = document.activeElement instanceof HTMLElement && document.activeElement.matches('input, textarea')
    if (typing || box.current === null) return
    box.current.focus({ preventScroll: true })
    box.current.scrollIntoView({ block: 'nearest' })
  }, [])
  return (
    <section ref={box} tabIndex={-1} aria-label={label} className="rounded-md">
      {children}
    </section>
  )
}
