import { CopyButton } from '../ui/copy.tsx'

interface ErrorDetailsProps {
  /** Those without a value are left out. */
  facts: [label: string, value: string | number | null | undefined][]
  /** What to hand to whoever helps: found in the log. */
  id?: string | undefined
}

/** What stands behind an error, for those who want it: closed at first. */
export function ErrorDetails({ facts, id }: ErrorDetailsProps) {
  const known = facts.filter(([, value]) => value !== null && value !== undefined && value !== '')
  return (
    <details className="mt-1.5">
      <summary className="inline-block min-h-6 cursor-pointer rounded-sm text-[13px] text-ink-2 underline underline-offset-2">
        Technical details
      </summary>
      <dl className="mt-1.5 grid gap-x-4 gap-y-1 text-[13px] sm:grid-cols-[auto_minmax(0,1fr)]">
        {known.map(([label, value]) => (
          <div key={label} className="contents">
            <dt className="text-ink-3">{label}</dt>
            <dd className="font-mono break-words text-ink">{value}</dd>
          </div>
        ))}
        {id !== undefined && (
          <div className="contents">
            <dt className="text-ink-3">Id</dt>
            <dd className="flex flex-wrap items-center gap-2 font-mono break-all text-ink">
              {id}
              <CopyButton text={id} />
            </dd>
          </div>
        )}
      </dl>
    </details>
  )
}
