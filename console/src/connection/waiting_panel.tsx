import { useEffect, useState } from 'react'
import { Button } from '../ui/button.tsx'
import { Confirm } from '../ui/dialog.tsx'
import { Notice } from '../ui/notice.tsx'
import { useNow } from '../ui/time.tsx'
import { span } from '../words/time.ts'
import type { Acts, Step } from './authorizing_step.ts'
import { CallbackHelp } from './callback_help.tsx'

/** Who has not come back by then may be looking at an error of the provider's. In milliseconds. */
const patience = 20_000

type Props = Extract<Step, { is: 'waiting' }> & { acts: Acts }

export function WaitingPanel({ connection, attempt, startedAt, expiresAt, acts }: Props) {
  const [long, setLong] = useState(false)
  const [cancelling, setCancelling] = useState(false)
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

interface QuestionProps {
  connection: string
  question: { before: string; now: string }
  acts: Acts
}

/** Somebody signed in as another account than before: asked, since everything that uses the connection would change. */
function AccountQuestion({ connection, question: { before, now }, acts }: QuestionProps) {
  const [busy, setBusy] = useState(false)
  const [open, setOpen] = useState(true)
  const answer = (replace: boolean): void => {
    setBusy(true)
    void acts.answer(replace).finally(() => {
      setBusy(false)
      setOpen(false)
    })
  }
  return (
    <Confirm
      open={open}
      title="This is another account than before"
      keep={`Keep ${before}`}
      confirm="Replace"
      danger={false}
      busy={busy}
      onKeep={() => answer(false)}
      onConfirm={() => answer(true)}
    >
      <p>
        You signed in as <strong>{now}</strong>, before it was <strong>{before}</strong>. Replace?
      </p>
      <p className="mt-2">
        Everything that uses {connection} would then act as {now}.
      </p>
    </Confirm>
  )
}
