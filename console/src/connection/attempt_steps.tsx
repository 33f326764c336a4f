import type { Attempt } from '@mooring/sdk'
import { Check, X } from 'lucide-react'
import { exactly } from '../words/time.ts'

/** How an attempt to authorize went, and what mends it where it failed. */
export function AttemptSteps({ attempt }: { attempt: Attempt }) {
  const { diagnosis, steps } = attempt
  return (
    <div className="flex flex-col gap-2 rounded-md bg-mute-soft p-3 text-[13px]">
      {diagnosis !== null && (
        <div>
          <p className="font-medium">{diagnosis.title}</p>
          <p className="text-ink-2">{diagnosis.detail}</p>
          {diagnosis.hint !== null && <p className="text-ink-2">{diagnosis.hint}</p>}
        </div>
      )}
      <ol className="flex flex-col gap-1">
        {steps.map(({ at, step, ok, detail }) => (
          <li key={`${at} ${step}`} className="flex items-start gap-2">
            {ok ? (
              <Check aria-label="went well" className="mt-0.5 size-3.5 shrink-0 text-ok" />
            ) : (
              <X aria-label="failed" className="mt-0.5 size-3.5 shrink-0 text-bad" />
            )}
            <span className="min-w-0 flex-1 break-words text-ink-2">
              <span className="text-ink">{step}</span> {detail}
            </span>
            <time dateTime={at} title={exactly(at)} className="tabular text-ink-3">
              {new Date(at).toLocaleTimeString()}
            </time>
          </li>
        ))}
      </ol>
      <p className="font-mono text-xs text-ink-3">
        {diagnosis === null ? '' : `${diagnosis.code} · `}
        {attempt.id}
      </p>
    </div>
  )
}
