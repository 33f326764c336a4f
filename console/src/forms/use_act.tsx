import { type ReactNode, useState } from 'react'
import { Notice } from '../ui/notice.tsx'
import { wordsFor } from '../words/problem.ts'

export interface Act {
  busy: boolean
  /** Does it; what it throws is kept for `refusal`. */
  run: (work: () => Promise<void>) => void
  /** Why the server refused, with what to do: for the dialog that asked. */
  refusal: ReactNode
}

/** One act of a dialog, which may be refused. */
export function useAct(): Act {
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>()
  const run = async (work: () => Promise<void>): Promise<void> => {
    setBusy(true)
    setError(undefined)
    try {
      await work()
    } catch (reason) {
      setError(reason)
    } finally {
      setBusy(false)
    }
  }
  const told = error === undefined ? undefined : wordsFor(error)
  return {
    busy,
    run: (work) => void run(work),
    refusal: told && (
      <Notice tone="bad" live title={told.detail} className="mt-3">
        {told.hint}
      </Notice>
    ),
  }
}
