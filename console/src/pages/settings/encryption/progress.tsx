import type { Job } from '@mooring/sdk'
import { Badge } from '../../../ui/notice.tsx'
import { jobStates, progressWords } from '../../../words/jobs.ts'

export function JobBadge({ state }: Pick<Job, 'state'>) {
  const { name, tone, icon } = jobStates[state]
  return (
    <Badge tone={tone} icon={icon} spin={state === 'running'}>
      {name}
    </Badge>
  )
}

/** How far a job is, as a bar with the words under it. */
export function Progress({ job }: { job: Job }) {
  const { done, failed, total, state } = job
  const share = total === 0 ? 1 : Math.min(1, (done + failed) / total)
  const words = progressWords(job)
  return (
    <div className="flex flex-col gap-1.5">
      <div
        role="progressbar"
        aria-label="Progress"
        aria-valuemin={0}
        aria-valuemax={total}
        aria-valuenow={Math.min(done + failed, total)}
        aria-valuetext={words}
        className="h-2 overflow-hidden rounded-full bg-mute-soft"
      >
        <div
          className={`h-full rounded-full transition-[width] duration-500 ${state === 'paused' ? 'bg-warn' : 'bg-accent'}`}
          style={{ width: `${share * 100}%` }}
        />
      </div>
      <p className="tabular font-medium" data-testid="progress">
        {words}
      </p>
    </div>
  )
}
