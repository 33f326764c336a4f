import { ChevronRight } from 'lucide-react'
import { type ReactNode, useEffect, useRef } from 'react'

interface FoldProps {
  title: string
  /** Shown small beside the title: what is inside without opening. */
  aside?: string | undefined
  /** More than none opens it: what is wrong is never hidden. */
  errors?: number
  children: ReactNode
}

/** Part of a form that few people need: closed at first. */
export function Fold({ title, aside, errors = 0, children }: FoldProps) {
  const details = useRef<HTMLDetailsElement>(null)
  const wrong = errors > 0
  useEffect(() => {
    if (wrong && details.current !== null) details.current.open = true
  }, [wrong])
  return (
    <details ref={details} className="group rounded-md border border-line">
      <summary className="flex h-9 cursor-pointer items-center gap-1.5 rounded-md px-2.5 font-medium select-none hover:bg-hover [&::-webkit-details-marker]:hidden">
        <ChevronRight aria-hidden className="size-4 shrink-0 text-ink-3 transition-transform group-open:rotate-90" />
        {title}
        {wrong && <span className="text-[13px] font-normal text-bad"> {errors} to mend</span>}
        {aside !== undefined && <span className="ml-auto text-[13px] font-normal text-ink-3"> {aside}</span>}
      </summary>
      <div className="flex flex-col gap-4 border-t border-line p-3">{children}</div>
    </details>
  )
}
