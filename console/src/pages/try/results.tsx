import type { Connection, Service } from '@mooring/sdk'
import { useEffect, useRef, useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Section } from '../../ui/page.tsx'
import { AnswerView } from './answer.tsx'
import type { Draft } from './draft.ts'
import { Refusal } from './refusal.tsx'
import type { Sending } from './sending.ts'
import { SentRequest } from './sent_request.tsx'

interface ResultsProps {
  sending: Sending
  connection: Connection | null
  service: Service | undefined
  draft: Draft
}

/** Beside the request: what will go out, what is on its way, what came back. */
export function Results({ sending: { outcome, since, cancel }, connection, service, draft }: ResultsProps) {
  const place = useRef<HTMLDivElement>(null)
  useEffect(() => {
    // Below the request on a phone; there it comes into view by itself.
    const top = place.current?.getBoundingClientRect().top ?? 0
    if (outcome !== undefined && top > window.innerHeight - 100) place.current?.scrollIntoView({ block: 'start' })
  }, [outcome])
  return (
    <div ref={place} className="min-w-0 scroll-mt-16">
      <Section title={outcome === undefined && since === undefined ? 'What Mooring will send' : 'Answer'}>
        <div className="flex flex-col gap-4 p-4">
          {since !== undefined && <Waiting since={since} onCancel={cancel} />}
          {outcome === undefined && since === undefined && connection !== null && service !== undefined && (
            <SentRequest service={service} connection={connection} draft={draft} />
          )}
          {outcome === undefined && since === undefined && connection === null && (
            <p className="text-ink-3">Choose a connection to see the request.</p>
          )}
          {outcome?.kind === 'answer' && (
            <div className={since === undefined ? '' : 'opacity-50'}>
              <AnswerView
                // Another answer begins at its body.
                key={`${outcome.invocation.url} ${outcome.invocation.durationMs}`}
                invocation={outcome.invocation}
                sent={outcome.sent}
                connection={outcome.connection}
                service={service?.linkName === outcome.connection.service.linkName ? service : undefined}
              />
            </div>
          )}
          {outcome?.kind === 'refusal' && since === undefined && (
            <Refusal error={outcome.error} connection={outcome.connection} service={service} />
          )}
          {outcome?.kind === 'cancelled' && since === undefined && (
            <Notice tone="mute" live title={`Cancelled after ${seconds(outcome.ms)}`}>
              Nobody waits for the answer any more. The API may have done what was asked all the same.
            </Notice>
          )}
        </div>
      </Section>
    </div>
  )
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`
}

/** Shown once it takes a moment. */
function Waiting({ since, onCancel }: { since: number; onCancel: () => void }) {
  const [now, setNow] = useState(since)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 100)
    return () => clearInterval(timer)
  }, [])
  if (now - since < 300) return null
  return (
    <div className="flex items-center justify-between gap-3">
      <p role="timer" className="text-ink-2 tabular">
        Waiting for the API … {seconds(now - since)}
      </p>
      <Button size="small" onClick={onCancel}>
        Cancel
      </Button>
    </div>
  )
}
