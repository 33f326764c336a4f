import type { Connection } from '@mooring/sdk'
import { useState } from 'react'
import { setEnabled } from '../acts.ts'

/** Switches a connection on and off; shown at once, taken back where the server refuses. */
export function useEnabled(connection: Connection): { setEnabled: (enabled: boolean) => void; busy: boolean } {
  const [busy, setBusy] = useState(false)
  return {
    busy,
    setEnabled(enabled) {
      setBusy(true)
      void setEnabled(connection, enabled).finally(() => setBusy(false))
    },
  }
}
