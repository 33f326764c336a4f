import type { Service } from '@mooring/sdk'
import { CircleCheck, PencilLine } from 'lucide-react'
import { Badge } from '../../ui/notice.tsx'

/** Draft: can change, cannot connect. Ready: the other way round. */
export function StageBadge({ stage }: { stage: Service['stage'] }) {
  return (
    <span data-testid="stage">
      {stage === 'ready' ? (
        <Badge tone="ok" icon={CircleCheck}>
          Ready
        </Badge>
      ) : (
        <Badge tone="mute" icon={PencilLine}>
          Draft
        </Badge>
      )}
    </span>
  )
}
