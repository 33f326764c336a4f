import { Button } from '../../ui/button.tsx'
import { Section } from '../../ui/page.tsx'
import { Time } from '../../ui/time.tsx'
import { clearPast, type Past, usePast } from './history.ts'

/** The last requests of this tab, to be taken up again. */
export function PastRequests({ onRestore }: { onRestore: (past: Past) => void }) {
  const past = usePast()
  if (past.length === 0) return null
  return (
    <Section
      title="History"
      description="The last 20 of this tab. Header values and bodies are gone after a reload."
      actions={
        <Button size="small" onClick={clearPast}>
          Clear
        </Button>
      }
    >
      <ul className="max-h-80 divide-y divide-line overflow-y-auto">
        {past.map((entry) => (
          <li key={entry.id}>
            <button
              type="button"
              onClick={() => onRestore(entry)}
              className="flex min-h-10 w-full items-center gap-3 px-4 py-1.5 text-left hover:bg-hover focus-visible:-outline-offset-2"
            >
              <span className="w-9 shrink-0 text-[13px] text-ink-3 tabular">{entry.status ?? '–'}</span>
              <span className="min-w-0 flex-1 truncate font-mono text-[13px]">
                {entry.draft.method} {entry.draft.path}
              </span>
              <span className="truncate text-[13px] text-ink-3 max-sm:hidden">{entry.connection}</span>
              <Time at={entry.at} className="shrink-0 text-xs text-ink-3" />
            </button>
          </li>
        ))}
      </ul>
    </Section>
  )
}
