/** Authorizing a connection from the console: the sign-in window, the prompt for values, waiting, what went wrong. */
import type { Connection } from '@mooring/sdk'
import { useQuery } from '@tanstack/react-query'
import { lazy, type ReactNode, Suspense, useCallback, useEffect, useRef, useState } from 'react'
import { authTypes } from '../data/services.ts'
import { type BeginOptions, createFlow, type Flow } from './authorizing_flow.ts'
import type { Step } from './authorizing_step.ts'

const AuthorizingPanel = lazy(() =>
  import('./authorizing_panel.tsx').then(({ AuthorizingPanel }) => ({ default: AuthorizingPanel })),
)

export interface Authorizing {
  /**
   * Begins to connect, or to connect again. Call it in the click itself: a window that is opened later is blocked.
   * `window`: one that was opened in the click already, where the connection had to be created first.
   */
  begin: (connection: Connection, options?: BeginOptions) => void
  /** True from `begin` to the end of the attempt. */
  busy: boolean
  /** The link name of the connection that somebody is signing in for, meanwhile. */
  waitingFor: string | undefined
  /** The waiting panel, the prompt, the question, the error: put it where the page has room, above its content. */
  panel: ReactNode
}

/** `onDone` is told of the connection once it is authorized. */
export function useAuthorizing({ onDone }: { onDone?: (connection: Connection) => void } = {}): Authorizing {
  const [step, setStep] = useState<Step>({ is: 'idle' })
  const [flow] = useState<Flow>(() => createFlow(setStep))
  useEffect(() => flow.whenDone(onDone), [flow, onDone])
  /** What had the focus when it began; it goes back there. */
  const origin = useRef<Element>(null)
  useEffect(() => {
    // A page that comes back out of the browser's memory has not been to the provider any more.
    const restored = (event: PageTransitionEvent): void => {
      if (event.persisted) flow.dismiss()
    }
    window.addEventListener('pageshow', restored)
    return () => {
      window.removeEventListener('pageshow', restored)
      flow.end()
    }
  }, [flow])
  const idle = step.is === 'idle'
  useEffect(() => {
    if (!idle) return
    const lost = document.activeElement === null || document.activeElement === document.body
    if (lost && origin.current instanceof HTMLElement && origin.current.isConnected) origin.current.focus()
    origin.current = null
  }, [idle])
  // Says, in a click, which types need a window.
  useQuery(authTypes)
  const begin = useCallback<Authorizing['begin']>(
    (connection, options) => {
      origin.current = document.activeElement
      flow.begin(connection, options)
    },
    [flow],
  )
  return {
    begin,
    busy: ['asking_user', 'starting', 'asking_values', 'waiting'].includes(step.is),
    waitingFor: step.is === 'starting' || step.is === 'waiting' ? step.connection.linkName : undefined,
    panel: idle ? null : (
      <Suspense>
        <AuthorizingPanel step={step} acts={flow} />
      </Suspense>
    ),
  }
}
