import { Button } from '../ui/button.tsx'
import { Notice } from '../ui/notice.tsx'
import type { Acts } from './authorizing_step.ts'

export function BlockedPanel({ acts }: { acts: Acts }) {
  return (
    <Notice
      tone="warn"
      live
      title="Your browser blocked the sign-in window"
      action={
        <>
          <Button size="small" onClick={acts.again}>
            Open the window
          </Button>
          <Button size="small" look="primary" onClick={acts.continueHere}>
            Continue in this tab
          </Button>
          <Button size="small" look="quiet" onClick={acts.dismiss}>
            Cancel
          </Button>
        </>
      }
    >
      Allow pop-ups for this site, or continue in this tab: you come back here when you are done.
    </Notice>
  )
}
