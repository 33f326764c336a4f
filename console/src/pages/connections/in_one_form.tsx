import { openSignInWindow, prefersFullPage, type SignInWindow } from '../../connection/sign_in_window.ts'
import { useRef } from 'react'
import { QuickForm } from '../services/quick_form.tsx'
import { useConnecting } from './connecting.tsx'

/** A service and its connection in one form, connected at once. */
export function InOneForm() {
  const { take, view } = useConnecting()
  const opened = useRef<SignInWindow | null>(undefined)
  if (view !== undefined) return view
  return (
    <QuickForm
      withConnection={{
        onBeforeSend(redirects) {
          opened.current = redirects ? (prefersFullPage() ? undefined : openSignInWindow()) : null
          return () => opened.current?.close()
        },
        onConnected: (connection) => take(connection, { window: opened.current }),
      }}
    />
  )
}
