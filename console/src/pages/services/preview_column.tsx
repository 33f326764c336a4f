import type { Preview } from '@mooring/sdk'
import { Lightbulb } from 'lucide-react'
import { withFix } from '../../forms/paths.ts'
import { announce } from '../../ui/announce.tsx'
import { Button } from '../../ui/button.tsx'
import { Notice } from '../../ui/notice.tsx'
import { wordsFor } from '../../words/problem.ts'
import { titleAt } from './titles.ts'
import type { Definition } from './use_definition.ts'

interface PreviewColumnProps {
  definition: Definition
  /** Takes what a fix sets that is no field of the form. */
  onRest?: (rest: Record<string, unknown>) => void
  /** False where nothing can be changed any more: then there is nothing to suggest either. */
  fixes?: boolean
}

/** What goes out, as it would with the form as it stands, and what is known about the provider. */
export function PreviewColumn({ definition, onRest, fixes = true }: PreviewColumnProps) {
  const { preview, fresh, failed } = definition.preview
  return (
    <>
      <section aria-label="What we will send" className="min-w-0 rounded-lg border border-line bg-card">
        <div className="flex flex-wrap items-baseline justify-between gap-x-2 border-b border-line px-4 py-2.5">
          <h2 className="font-semibold">What we will send</h2>
          <span className="text-[13px] text-ink-3">
            {failed === undefined
              ? fresh || preview === undefined
                ? 'Updates as you type'
                : 'Updating…'
              : 'Out of date'}
          </span>
        </div>
        {failed !== undefined && (
          <Notice tone="warn" className="m-3">
            {wordsFor(failed).title}. This is from before your last change; it is asked for again by itself.
          </Notice>
        )}
        <Requests requests={preview?.requests ?? []} />
      </section>
      {fixes && preview !== undefined && <Hints definition={definition} preview={preview} onRest={onRest} />}
      {preview !== undefined && <Warnings definition={definition} preview={preview} />}
    </>
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

function Hints({
  definition,
  preview,
  onRest,
}: {
  definition: Definition
  preview: Preview
  onRest: PreviewColumnProps['onRest']
}) {
  const { state, fields } = definition
  return preview.hints.map((hint) => (
    <div
      key={hint.message}
      role="status"
      className="flex flex-wrap items-start gap-x-3 gap-y-2 rounded-md border border-warn/30 bg-warn-soft p-3"
    >
      <Lightbulb aria-hidden className="mt-0.5 size-4 shrink-0 text-warn" />
      <p className="min-w-0 flex-1 basis-52">{hint.message}</p>
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
    </div>
  ))
}

function Warnings({ definition, preview }: { definition: Definition; preview: Preview }) {
  if (preview.warnings.length === 0) return null
  return (
    <Notice tone="warn" title={preview.warnings.length === 1 ? 'A second look' : 'Worth a second look'}>
      <ul className="flex flex-col gap-1">
        {preview.warnings.map(({ path, message }) => (
          <li key={`${path} ${message}`}>
            <span className="font-medium">{titleAt(definition, path)}:</span> {message}
          </li>
        ))}
      </ul>
    </Notice>
  )
}
