import type { Preview } from '@mooring/sdk'
import { Lightbulb } from 'lucide-react'
import { withFix } from '../../forms/paths.ts'
import { announce } from '../../ui/announce.tsx'
import { Button } from '../../ui/button.tsx'
import { Notice } from '../../ui/notice.tsx'
import { wordsFor } from '../../words/problem.ts'
import { titleAt } from './titles.ts'
import type { Definition } from './use_definition.ts'

/** The requests as they would go out with the form as it stands. */
export function WhatWeSend({ definition }: { definition: Definition }) {
  const { preview, fresh, failed } = definition.preview
  const state =
    failed !== undefined ? 'Out of date' : fresh || preview === undefined ? 'Updates as you type' : 'Updating…'
  return (
    <section aria-label="What we will send" className="min-w-0 rounded-lg border border-line bg-card">
      <div className="flex flex-wrap items-baseline justify-between gap-x-2 border-b border-line px-4 py-2.5">
        <h2 className="font-semibold">What we will send</h2>
        <span className="text-[13px] text-ink-3">{state}</span>
      </div>
      {failed !== undefined && (
        <Notice tone="warn" className="m-3">
          {wordsFor(failed).title}. This is from before your last change; it is asked for again by itself.
        </Notice>
      )}
      <Requests requests={preview?.requests ?? []} />
    </section>
  )
}

function Requests({ requests }: { requests: Preview['requests'] }) {
  if (requests.length === 0) {
    return <p className="px-4 py-3 text-ink-3">Choose an authentication type to see the requests it makes.</p>
  }
  return (
    <ol className="divide-y divide-line">
      {requests.map(({ title, lines }) => (
        <li key={title} className="px-4 py-2.5">
          <h3 className="text-[13px] font-medium text-ink-2">{title}</h3>
          <pre className="mt-1 font-mono text-xs leading-5 break-all whitespace-pre-wrap text-ink-2">
            {lines.join('\n')}
          </pre>
        </li>
      ))}
    </ol>
  )
}

interface HintsProps {
  definition: Definition
  /** Takes what a fix sets that is no field of the form. */
  onRest?: (rest: Record<string, unknown>) => void
}

/** What is known about the provider and not done yet, each with its fix. */
export function Hints({ definition, onRest }: HintsProps) {
  const { state, fields, preview } = definition
  return preview.preview?.hints.map((hint) => (
    <Notice
      key={hint.message}
      tone="warn"
      icon={Lightbulb}
      live
      action={
        <Button
          size="small"
          onClick={() => {
            const fixed = withFix(fields, state.values, hint.fix)
            state.replace(fixed.values)
            if (Object.keys(fixed.rest).length > 0) onRest?.(fixed.rest)
            announce('Added')
          }}
        >
          {hint.fixLabel}
        </Button>
      }
    >
      {hint.message}
    </Notice>
  ))
}

/** What is allowed but deserves a second look. */
export function Warnings({ definition }: { definition: Definition }) {
  const warnings = definition.preview.preview?.warnings ?? []
  if (warnings.length === 0) return null
  return (
    <Notice tone="warn" title="Worth a second look">
      <ul className="flex flex-col gap-1">
        {warnings.map(({ path, message }) => (
          <li key={`${path} ${message}`}>
            <span className="font-medium">{titleAt(definition, path)}:</span> {message}
          </li>
        ))}
      </ul>
    </Notice>
  )
}
