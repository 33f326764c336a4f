/** Sending a request, waiting for it, giving it up. */
import type { Connection, Invocation } from '@mooring/sdk'
import { useEffect, useRef, useState } from 'react'
import { client } from '../../data/client.ts'
import { announce } from '../../ui/announce.tsx'
import { callOf, type Draft } from './draft.ts'
import { addPast } from './history.ts'

/** What became of the last request. */
export type Outcome =
  | { kind: 'answer'; invocation: Invocation; sent: Draft; connection: Connection }
  | { kind: 'refusal'; error: unknown; connection: Connection }
  | { kind: 'cancelled'; ms: number }

export interface Sending {
  outcome: Outcome | undefined
  /** Milliseconds since the epoch; undefined where nothing is on its way. */
  since: number | undefined
  send: (connection: Connection, draft: Draft) => void
  cancel: () => void
}

export function useSending(): Sending {
  const [outcome, setOutcome] = useState<Outcome>()
  const [since, setSince] = useState<number>()
  const current = useRef<AbortController>(undefined)
  // Nobody is there any more to read the answer.
  useEffect(() => () => current.current?.abort(), [])

  const run = async (connection: Connection, draft: Draft, controller: AbortController): Promise<void> => {
    const { signal } = controller
    const startedAt = Date.now()
    setSince(startedAt)
    let next: Outcome
    try {
      const invocation = await client.connections.invoke(connection.linkName, callOf(draft, connection), { signal })
      next = { kind: 'answer', invocation, sent: draft, connection }
      announce(`Answered ${invocation.status}`)
    } catch (error) {
      const ms = Date.now() - startedAt
      next = signal.aborted ? { kind: 'cancelled', ms } : { kind: 'refusal', error, connection }
    }
    if (current.current !== controller) return
    current.current = undefined
    setSince(undefined)
    setOutcome(next)
    addPast({
      at: new Date(startedAt).toISOString(),
      connection: connection.linkName,
      status: next.kind === 'answer' ? next.invocation.status : null,
      ms: Date.now() - startedAt,
      draft,
    })
  }

  return {
    outcome,
    since,
    send(connection, draft) {
      if (current.current !== undefined) return
      current.current = new AbortController()
      void run(connection, draft, current.current)
    },
    cancel: () => current.current?.abort(),
  }
}
