import { useState } from 'react'
import { Button } from '../../../ui/button.tsx'
import { Notice } from '../../../ui/notice.tsx'
import { dropNotes, notesOf } from './notes.ts'

/** What was said when this service was started from something, until somebody has read it. */
export function SaidAtStart({ service }: { service: string }) {
  const [said, setSaid] = useState(() => notesOf(service))
  if (said === undefined) return null
  const { from, notes } = said
  return (
    <Notice
      tone="info"
      title={`Started from: ${from}`}
      action={
        <Button
          size="small"
          onClick={() => {
            dropNotes(service)
            setSaid(undefined)
          }}
        >
          Got it
        </Button>
      }
    >
      {notes.length === 0 ? (
        <p>Everything in it could be taken over. What is missing is in the list before Ready.</p>
      ) : (
        <ul className="mt-1 flex list-disc flex-col gap-1 pl-4.5">
          {notes.map((note) => (
            <li key={note} className="break-words">
              {note}
            </li>
          ))}
        </ul>
      )}
    </Notice>
  )
}
