import type { Job } from '@mooring/sdk'
import { Pause, Play } from 'lucide-react'
import { type ReactNode, useEffect, useRef } from 'react'
import { client } from '../../../data/client.ts'
import { encryptionChanged } from '../../../data/encryption.ts'
import { useAct } from '../../../forms/use_act.tsx'
import { announce } from '../../../ui/announce.tsx'
import { Button } from '../../../ui/button.tsx'
import { Notice } from '../../../ui/notice.tsx'
import { Section } from '../../../ui/page.tsx'
import { Time } from '../../../ui/time.tsx'
import { nameOf } from '../../../words/activity.ts'
import { jobNames, jobStates } from '../../../words/jobs.ts'
import { Failures } from './failures.tsx'
import { JobBadge, Progress } from './progress.tsx'

/** The newest rotation, in whichever state it is. */
export function Rotation({ job }: { job: Job | null }) {
  if (job === null) {
    return (
      <Section title="Rotation">
        <p className="px-4 py-3 text-ink-2">
          The key was never rotated. Do it when somebody who could read the server leaves, and from time to time.
        </p>
      </Section>
    )
  }
  return (
    <JobSection job={job}>
      {job.state === 'running' && <p>Calls go on. If the server restarts, this goes on by itself.</p>}
      {job.state === 'paused' && (
        <p>New values are encrypted with the new key; what is left waits under the old one. Both keys are there.</p>
      )}
    </JobSection>
  )
}

/** The newest verification; nothing where there was none. */
export function Verification({ job }: { job: Job | null }) {
  if (job === null) return null
  return (
    <JobSection job={job}>
      {job.state === 'running' && <p>Each value is opened where it lies. Nothing is changed.</p>}
    </JobSection>
  )
}

function JobSection({ job, children }: { job: Job; children: ReactNode }) {
  const { busy, run, refusal } = useAct()
  useAnnounced(job)
  const act = (work: (id: string) => Promise<Job>): void =>
    run(async () => {
      await work(job.id)
      await encryptionChanged()
    })
  const open = job.state === 'running' || job.state === 'paused'
  return (
    <Section
      title={
        <span className="flex items-center gap-2">
          {jobNames[job.kind]} <JobBadge state={job.state} />
        </span>
      }
      actions={
        job.state === 'running' ? (
          <Button size="small" busy={busy} onClick={() => act((id) => client.encryption.pause(id))}>
            <Pause aria-hidden className="size-3.5" />
            Pause
          </Button>
        ) : (
          job.state !== 'done' && (
            <Button size="small" busy={busy} onClick={() => act((id) => client.encryption.resume(id))}>
              <Play aria-hidden className="size-3.5" />
              {job.state === 'paused' ? 'Resume' : 'Try again'}
            </Button>
          )
        )
      }
    >
      <div className="flex flex-col gap-2 px-4 py-3">
        {open && <Progress job={job} />}
        {job.state === 'done' && <p className="font-medium">{job.detail}</p>}
        {job.state === 'failed' && (
          <Notice tone="bad" title={job.detail}>
            {job.failed > 0 && 'Mend what is listed below, then try again.'}
          </Notice>
        )}
        <div className="text-ink-2">{children}</div>
        <p className="text-[13px] text-ink-3">
          Started by {nameOf(job.startedBy)} <Time at={job.startedAt} />
          {job.finishedAt !== null && (
            <>
              , ended <Time at={job.finishedAt} />
            </>
          )}
        </p>
        {refusal}
      </div>
      <Failures job={job} />
    </Section>
  )
}

/** Tells screen readers when a job that is looked at comes into another state. */
function useAnnounced({ id, kind, state }: Job): void {
  const before = useRef({ id, state })
  useEffect(() => {
    const { current } = before
    if (current.id === id && current.state !== state) announce(`${jobNames[kind]}: ${jobStates[state].name}`)
    before.current = { id, state }
  }, [id, kind, state])
}
