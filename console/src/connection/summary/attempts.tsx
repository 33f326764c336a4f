/** Attempts to authorize that the page tells of: one that is open, and the last where it failed. */
import type { Attempt } from '@mooring/sdk'
import { useState } from 'react'
import { client } from '../../data/client.ts'
import { queryClient } from '../../data/query_client.ts'
import { Button } from '../../ui/button.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Time, useNow } from '../../ui/time.tsx'
import { tellProblem } from '../../ui/toast.ts'
import { wordsFor } from '../../words/problem.ts'
import { span } from '../../words/time.ts'
import { AttemptSteps } from '../attempt_steps.tsx'
import { useOpenConnection } from './open_connection.tsx'

/** Whether somebody is still on the way. */
export function isOpen({ state, expiresAt }: Attempt, now: number): boolean {
  return state === 'waiting' && Date.parse(expiresAt) > now
}

/** The last attempt, where it failed. */
export function failedLast(attempts: readonly Attempt[] | undefined): Attempt | undefined {
  const last = attempts?.find(({ state }) => state !== 'waiting')
  return last?.state === 'failed' && last.diagnosis !== null ? last : undefined
}

export function FailedAttempt({ attempt }: { attempt: Attempt }) {
  const { diagnosis, steps } = attempt
  if (diagnosis === null) return null
  return (
    <Notice tone="bad" title={diagnosis.title}>
      <p>
        {diagnosis.detail} <Time at={steps.at(-1)?.at ?? attempt.createdAt} className="text-ink-3" />
      </p>
      {diagnosis.hint !== null && <p>{diagnosis.hint}</p>}
      <details className="mt-1.5">
        <summary className="inline-block min-h-6 cursor-pointer rounded-sm text-[13px] underline underline-offset-2">
          Technical details
        </summary>
        <div className="mt-1.5">
          <AttemptSteps attempt={attempt} />
        </div>
      </details>
    </Notice>
  )
}

/** A sign-in that was begun elsewhere: in another tab, by somebody else, or before this page was loaded anew. */
export function OpenAttempt({ attempt }: { attempt: Attempt }) {
  const { connection, mayChange } = useOpenConnection()
  const now = useNow()
  const [busy, setBusy] = useState(false)
  const cancel = async (): Promise<void> => {
    setBusy(true)
    try {
      await client.connections.cancelAttempt(connection.linkName, attempt.id)
    } catch (error) {
      const { title, detail } = wordsFor(error)
      tellProblem(title, detail)
    }
    await queryClient.invalidateQueries({ queryKey: ['connections', connection.linkName] })
    setBusy(false)
  }
  return (
    <Notice
      tone="info"
      title={`Somebody is signing in at ${connection.service.name}`}
      action={
        mayChange && (
          <Button size="small" busy={busy} onClick={() => void cancel()}>
            Cancel sign-in
          </Button>
        )
      }
    >
      Begun <Time at={attempt.createdAt} />
      {attempt.user !== null && <> for {attempt.user}</>}, and open for {span(Date.parse(attempt.expiresAt) - now)}{' '}
      more.
    </Notice>
  )
}
