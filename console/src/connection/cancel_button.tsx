import { useState } from 'react'
import { Button } from '../ui/button.tsx'
import type { Acts } from './authorizing_step.ts'

/** Ends the attempt that is waited for. */
export function CancelButton({ acts }: { acts: Acts }) {
  const [cancelling, setCancelling] = useState(false)
  return (
    <Button
      size="small"
      look="quiet"
      busy={cancelling}
      onClick={() => {
        setCancelling(true)
        void acts.cancel().finally(() => setCancelling(false))
      }}
    >
      Cancel
    </Button>
  )
}
