/** Where authorizing a connection stands, and what can be done from there. */
import type { Attempt, Connection, DeviceCode, PromptField } from '@mooring/sdk'
import type { Remark } from './outcome.ts'

/** Whose authorization of what. `user` is undefined for a shared one. */
export interface Subject {
  connection: Connection
  user: string | undefined
}

export type Step =
  | { is: 'idle' }
  /** Of a per-user connection: who signs in? */
  | { is: 'asking_user'; connection: Connection }
  | (Subject & { is: 'starting' })
  | (Subject & { is: 'asking_values'; fields: PromptField[] })
  | (Subject & { is: 'blocked' })
  /** `url`: the page to open again. `attempt`: as last seen. */
  | (Subject & {
      is: 'waiting'
      id: string
      url: string
      startedAt: number
      expiresAt: string
      attempt: Attempt | undefined
      /** What to enter at the provider, on any device; undefined where a window is open there. */
      device: DeviceCode | undefined
    })
  /** `redirects`: by signing in at the provider. */
  | (Subject & { is: 'failed'; redirects: boolean; attempt: Attempt | undefined; error: unknown })
  | (Subject & { is: 'connected'; redirects: boolean; remarks: Remark[] })

export interface Acts {
  /** The user of a per-user connection was named. Call it in the event itself: it opens the window. */
  nameUser: (user: string) => void
  /** Sends what the prompt asked for. Throws what the server finds wrong. */
  sendValues: (values: Record<string, string>) => Promise<void>
  openAgain: () => void
  continueHere: () => void
  /** The answer to "you signed in as somebody else". */
  answer: (replace: boolean) => Promise<void>
  /** Ends the attempt. */
  cancel: () => Promise<void>
  /** From the start, for the same connection and user. */
  again: () => void
  /** Closes what is shown. */
  dismiss: () => void
}
