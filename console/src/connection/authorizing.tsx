/** Authorizing a connection from the console: the sign-in window, the prompt for values, waiting, what went wrong. */
import type { Connection } from '@mooring/sdk'
import type { ReactNode } from 'react'
import type { SignInWindow } from './sign_in_window.ts'

export interface Authorizing {
  /**
   * Begins to connect, or to connect again. Call it in the click itself: a window that is opened later is blocked.
   * `window`: one that was opened in the click already, where the connection had to be created first.
   */
  begin: (connection: Connection, options?: { window?: SignInWindow | undefined; user?: string }) => void
  /** True from `begin` to the end of the attempt. */
  busy: boolean
  /** The waiting panel, the prompt, the question, the error: put it where the page has room, above its content. */
  panel: ReactNode
}

/** `onDone` is told of the connection once it is authorized. */
export function useAuthorizing(_options: { onDone?: (connection: Connection) => void } = {}): Authorizing {
  return { begin: () => undefined, busy: false, panel: null }
}
