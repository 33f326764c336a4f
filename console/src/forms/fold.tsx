import { ChevronRight } from 'lucide-react'
import { type ReactNode, useEffect, useRef } from 'react'

interface FoldProps {
  title: string
  /** A line below the title, open or closed. */
  help?: string | undefined
  /** Shown small beside the title: what is inside without opening. */
  aside?: string | undefined
  /** More than none opens it: what is wrong is never hidden. */
  errors?: number
  children: ReactNode
}

/** Part of a form that few people need: closed at first. */
export function Fold({ title, help, aside, errors = 0, children }: FoldProps) {
  const details = useRef<HTMLDetailsElement>(null)
  const wrong = errors > 0
  useEffect(() => {
    if (wrong && details.current !== null) details.current.open = true
  }, [wrong])
  return (
    <details ref={details} className="rounded-md border border-line">
      <summary className="flex min-h-9 cursor-pointer items-start gap-1.5 rounded-md px-2.5 py-2 leading-5 font-medium select-none hover:bg-hover [&::-webkit-details-marker]:hidden">
        {/* Of this one: it may stand in another that is open. */}
        <ChevronRight
          aria-hidden
          className="mt-0.5 size-4 shrink-0 text-ink-3 transition-transform [details[open]>summary>&]:rotate-90"
        />
        <span className="min-w-0">
          {title}
          {wrong && <span className="text-[13px] font-normal text-bad"> {errors} to mend</span>}
          {help !== undefined && <span className="block text-[13px] font-normal text-ink-3">{help}</span>}
        </span>
        {aside !== undefined && (
          <span className="ml-auto shrink-0 pl-2 text-[13px] font-normal text-ink-3"> {aside}</span>
        )}
      </summary>
      <div className="flex flex-col gap-4 border-t border-line p-3">{children}</div>
    </details>
  )
}
