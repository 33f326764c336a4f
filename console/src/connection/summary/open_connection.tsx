import type { Connection } from '@mooring/sdk'
import { createContext, use } from 'react'

/** What every part of a connection's page works with. */
export interface OpenConnection {
  connection: Connection
  /** It was deleted while its page was open: what is shown is how it was. */
  gone: boolean
  /** Whether to offer what changes it. */
  mayChange: boolean
  /** Begins to authorize; in the click itself. Of a per-user connection it asks whose it is, unless that is said. */
  connect: (user?: string) => void
  /** An attempt to authorize is under way here. */
  connecting: boolean
  /** What became of an attempt is told at the top of the page, and not a second time below. */
  telling: boolean
  /** Makes a link for somebody else who authorizes. */
  share: () => void
  /** Asks before revoking all of it, or one user's part. */
  revoke: (user?: string) => void
  /** Asks before deleting. */
  remove: () => void
}

export const OpenConnectionContext = createContext<OpenConnection | null>(null)

export function useOpenConnection(): OpenConnection {
  const open = use(OpenConnectionContext)
  if (open === null) throw new Error('useOpenConnection belongs on a page of one connection.')
  return open
}
