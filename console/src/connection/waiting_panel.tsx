import { useEffect, useState } from 'react'
import { Button } from '../ui/button.tsx'
import { Notice } from '../ui/notice.tsx'
import { useNow } from '../ui/time.tsx'
import { span } from '../words/time.ts'
import { AccountQuestion } from './account_question.tsx'
import type { Acts, Step } from './authorizing_step.ts'
import { CallbackHelp } from './callback_help.tsx'
import { CancelButton } from './cancel_button.tsx'

/** Who has not come back by then may be looking at an error of the provider's. In milliseconds. */
const patience = 20_000

type Props = Extract<Step, { is: 'waiting' }> & { acts: Acts }

export function WaitingPanel({ connection, attempt, startedAt, expiresAt, acts }: Props) {
  const [long, setLong] = useState(false)
  const now = useNow()
  useEffect(() => {
    const timer = setTimeout(() => setLong(true), Math.max(0, startedAt + patience - Date.now()))
    return () => clearTimeout(timer)
  }, [startedAt])
  const { name } = connection.service
  const question = attempt?.question ?? null
  return (
    <>
      <Notice
        tone="info"
        title="Finish signing in in the other window"
        action={
          <>
            <Button size="small" onClick={acts.openAgain}>
              Open it again
            </Button>
            <CancelButton acts={acts} />
          </>
        }
      >
        <p>
          Sign in at {name} and accept. This page goes on by itself once you have.{' '}
          <span className="whitespace-nowrap">Open for {span(Date.parse(expiresAt) - now)} more.</span>
        </p>
        {long && <CallbackHelp connection={connection} />}
      </Notice>
      {question !== null && <AccountQuestion connection={connection.name} question={question} acts={acts} />}
    </>
  )
}
