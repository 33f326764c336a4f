import type { Connection } from '@mooring/sdk'
import { Badge } from '../ui/notice.tsx'
import { useNow } from '../ui/time.tsx'
import { statusOf, waitingForSignIn } from '../words/status.ts'

/** The status word of a connection, as it is now; `waiting`: somebody is signing in. */
export function StatusBadge({ connection, waiting = false }: { connection: Connection; waiting?: boolean }) {
  const now = useNow()
  const { word, tone, icon } = waiting ? waitingForSignIn : statusOf(connection, now)
  return (
    <span data-testid="status">
      <Badge tone={tone} icon={icon} spin={waiting}>
        {word}
      </Badge>
    </span>
  )
}
