import { useBlocker } from '@tanstack/react-router'
import { Confirm } from '../../ui/dialog.tsx'

interface LeaveGuardProps {
  /** Whether something typed is not stored yet. */
  dirty: boolean
  /** Addresses below it are the same form. */
  within?: string
  /** Stores it, where that may go on by itself; gives what is left. */
  flush?: (() => Promise<string[]>) | undefined
}

/** Asks before what was typed is left behind. */
export function LeaveGuard({ dirty, within, flush }: LeaveGuardProps) {
  const blocker = useBlocker({
    shouldBlockFn: async ({ next }) => {
      if (!dirty || (within !== undefined && next.pathname.startsWith(within))) return false
      return flush === undefined || (await flush()).length > 0
    },
    enableBeforeUnload: dirty,
    withResolver: true,
  })
  return (
    <Confirm
      open={blocker.status === 'blocked'}
      title="Leave without saving?"
      keep="Stay here"
      confirm="Leave"
      onKeep={() => blocker.reset?.()}
      onConfirm={() => blocker.proceed?.()}
    >
      What you typed since it was last saved is lost when you leave.
    </Confirm>
  )
}
