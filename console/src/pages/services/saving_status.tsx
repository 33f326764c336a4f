import { MooringError } from '@mooring/sdk'
import { CircleAlert, CircleCheck, LoaderCircle } from 'lucide-react'
import { type ReactNode, useEffect } from 'react'
import { announce } from '../../ui/announce.tsx'
import { Button } from '../../ui/button.tsx'
import { Time } from '../../ui/time.tsx'
import { wordsFor } from '../../words/problem.ts'
import { useBuilder } from './builder_context.tsx'

/** "Saved 4 s ago", "Saving…", "Not saved: why". */
export function SavingStatus() {
  const { saving, service } = useBuilder()
  const trouble = troubleOf(saving)
  useEffect(() => {
    if (trouble !== undefined) announce(`Not saved: ${trouble}`)
  }, [trouble])
  if (saving.busy) {
    return (
      <Line>
        <LoaderCircle aria-hidden className="late size-3.5 animate-spin" />
        Saving…
      </Line>
    )
  }
  if (trouble !== undefined) {
    return (
      <span className="flex flex-wrap items-center gap-1.5 text-[13px] text-bad">
        <CircleAlert aria-hidden className="size-3.5 shrink-0" />
        Not saved: {trouble}
        {saving.failure !== undefined && !saving.gone && (
          <Button size="small" onClick={() => void saving.flush()}>
            Retry
          </Button>
        )}
      </span>
    )
  }
  if (saving.waiting.length > 0) return <Line>Unsaved changes</Line>
  return (
    <Line>
      <CircleCheck aria-hidden className="size-3.5 text-ok" />
      <span>
        Saved <Time at={service.updatedAt} />
      </span>
    </Line>
  )
}

function Line({ children }: { children: ReactNode }) {
  return (
    <span data-testid="saving" className="flex items-center gap-1.5 text-[13px] text-ink-3">
      {children}
    </span>
  )
}

function troubleOf(saving: ReturnType<typeof useBuilder>['saving']): string | undefined {
  if (saving.gone) return 'it was deleted elsewhere'
  if (saving.conflict !== null) return 'it was changed elsewhere'
  if (saving.failure !== undefined) {
    const down = saving.failure instanceof MooringError && saving.failure.status === 0
    return down ? 'the server does not answer' : wordsFor(saving.failure).detail
  }
  if (saving.keptBack.length > 0) return `mend ${listed(saving.titles(saving.keptBack))}`
  return undefined
}

/** "A, B and C". */
export function listed(names: readonly string[]): string {
  const last = names.at(-1) ?? ''
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} and ${last}`
}
