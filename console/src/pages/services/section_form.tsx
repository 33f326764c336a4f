import { type LinkProps, useNavigate } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import { controlId } from '../../forms/form_context.tsx'
import { Button } from '../../ui/button.tsx'
import { ErrorSummary } from '../../ui/error_summary.tsx'
import { tell } from '../../ui/toast.ts'
import { useBuilder } from './builder_context.tsx'
import { partOf } from './definition.ts'
import { isOpen } from './parts.ts'
import { titleAt } from './titles.ts'

interface SectionFormProps {
  /** Where Save & Continue leads; absent at the end. */
  next?: LinkProps
  /** Whether a part of the form stands in this section. */
  isHere: (part: string) => boolean
  children: ReactNode
}

/**
 * A section with its end: a draft is saved and left for the next one; a ready service is saved when it is asked for. Enter
 * alone does neither, since nothing here is submitted as a whole.
 */
export function SectionForm({ next, isHere, children }: SectionFormProps) {
  const { saving, definition, draft, may, service } = useBuilder()
  const [attempt, setAttempt] = useState(0)
  const [busy, setBusy] = useState(false)
  const navigate = useNavigate()
  if (!may) return children
  const wrong = definition.problems.filter(
    ({ path }) => isHere(partOf(path)) && saving.keptBack.includes(partOf(path)) && isOpen(partOf(path), service.stage),
  )
  const save = async (): Promise<void> => {
    for (const { path } of wrong) definition.state.touch(path)
    setBusy(true)
    const left = await saving.flush()
    setBusy(false)
    // What other sections hold back is told there, and on the checklist.
    if (left.some(isHere)) {
      setAttempt((before) => before + 1)
      return
    }
    if (next !== undefined) await navigate(next)
    else if (!draft) tell('Saved')
  }
  return (
    <form
      noValidate
      className="flex min-w-0 flex-col gap-5"
      onSubmit={(event) => {
        event.preventDefault()
        void save()
      }}
    >
      {attempt > 0 && (
        <ErrorSummary
          attempt={attempt}
          errors={wrong.map(({ path, message }) => ({
            field: controlId('service', path),
            label: titleAt(definition, path),
            message,
          }))}
        />
      )}
      {children}
      <div className="flex flex-wrap items-center gap-2">
        {draft && next !== undefined && (
          <Button look="primary" busy={busy} onClick={() => void save()}>
            Save & Continue
          </Button>
        )}
        {!draft && (
          <Button
            look="primary"
            busy={busy}
            disabled={saving.waiting.length + saving.keptBack.length === 0}
            onClick={() => void save()}
          >
            Save
          </Button>
        )}
      </div>
    </form>
  )
}
