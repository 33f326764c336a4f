import { useState } from 'react'
import { Confirm } from '../ui/dialog.tsx'
import type { Acts } from './authorizing_step.ts'

interface QuestionProps {
  connection: string
  question: { before: string; now: string }
  acts: Acts
}

/** Somebody signed in as another account than before: asked, since everything that uses the connection would change. */
export function AccountQuestion({ connection, question: { before, now }, acts }: QuestionProps) {
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
