import type { Connection } from '@mooring/sdk'
import { useState } from 'react'
import { changeConnection } from '../../data/connections.ts'
import { tell, tellProblem } from '../../ui/toast.tsx'
import { wordsFor } from '../../words/problem.ts'

/** Switches a connection on and off; shown at once, taken back where the server refuses. */
export function useEnabled({ linkName, name }: Connection): { setEnabled: (enabled: boolean) => void; busy: boolean } {
  const [busy, setBusy] = useState(false)
  const change = async (enabled: boolean): Promise<void> => {
    setBusy(true)
    try {
      await changeConnection(linkName, { enabled })
      tell(`${name} is ${enabled ? 'enabled' : 'disabled'}`)
    } catch (error) {
      const { title, detail } = wordsFor(error)
      tellProblem(title, detail)
    }
    setBusy(false)
  }
  return { busy, setEnabled: (enabled) => void change(enabled) }
}
