import { type LinkProps, useNavigate } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import { controlId } from '../../forms/form_context.tsx'
import { Button } from '../../ui/button.tsx'
import { ErrorSummary } from '../../ui/error_summary.tsx'
import { tell } from '../../ui/toast.tsx'
import { useBuilder } from './builder_context.tsx'
import { partOf } from './definition.ts'
import { isOpen } from './parts.ts'
import { titleAt } from './titles.ts'

interface SectionFooterProps {
  /** Where Save & Continue leads; absent at the end. */
  next?: LinkProps
  /** Whether a part of the form stands in this section. */
  isHere: (part: string) => boolean
  children?: ReactNode
}

/** The end of a section: a draft is saved and left for the next one; a ready service is saved when it is asked for. */
export function SectionFooter({ next, isHere, children }: SectionFooterProps) {
  const { saving, definition, draft, may, service } = useBuilder()
  const [attempt, setAttempt] = useState(0)
  const [busy, setBusy] = useState(false)
  const navigate = useNavigate()
  if (!may) return null
  const wrong = definition.problems.filter(
    ({ path }) => isHere(partOf(path)) && saving.keptBack.includes(partOf(path)) && isOpen(partOf(path), service.stage),
  )
  const save = async (): Promise<void> => {
    for (const { path } of wrong) definition.state.touch(path)
    setBusy(true)
    const saved = await saving.flush()
    setBusy(false)
    if (wrong.length > 0) {
      setAttempt((before) => before + 1)
      return
    }
    // What other sections hold back is told there, and on the checklist.
    if (!saved && saving.waiting.some(isHere)) return
    if (next !== undefined) await navigate(next)
    else if (!draft) tell('Saved')
  }
  return (
    <div className="flex flex-col gap-3">
      {attempt > 0 && (
        <ErrorSummary
          attempt={attempt}
          errors={wrong.map(({ path, message }) => ({
            field: controlId('service', path),
            message: `${titleAt(definition, path)}: ${message}`,
          }))}
        />
      )}
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
        {children}
      </div>
    </div>
  )
}
