import type { Connection } from '@mooring/sdk'
import { Badge } from '../ui/notice.tsx'
import { useNow } from '../ui/time.tsx'
import { statusOf } from '../words/status.ts'

/** The status word of a connection, as it is now. */
export function StatusBadge({ connection }: { connection: Connection }) {
  const { word, tone, icon } = statusOf(connection, useNow())
  return (
    <span data-testid="status">
      <Badge tone={tone} icon={icon}>
        {word}
      </Badge>
    </span>
  )
}
