import { CircleAlert } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { goToControl } from './go_to_control.ts'

export interface SummaryError {
  /** The id of the control, where there is one on the page. */
  field?: string | undefined
  message: string
}

/** On submit: everything that is wrong, in the words that stand at the fields, each leading there. Takes the focus. */
export function ErrorSummary({ errors, attempt }: { errors: SummaryError[]; attempt: number }) {
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (attempt > 0 && errors.length > 0) box.current?.focus()
    // Only a new attempt moves the focus; errors that go while somebody types must not.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [attempt])
  if (errors.length === 0) return null
  return (
    <div ref={box} tabIndex={-1} role="alert" className="rounded-md border-2 border-bad bg-card p-3">
      <h2 className="flex items-center gap-2 font-semibold text-bad">
        <CircleAlert aria-hidden className="size-4" />
        There is a problem
      </h2>
      <ul className="mt-1 flex flex-col gap-0.5 pl-6">
        {errors.map(({ field, message }) => (
          <li key={`${field} ${message}`} className="list-disc">
            {field === undefined ? (
              message
            ) : (
              <a
                href={`#${field}`}
                className="text-bad underline underline-offset-2"
                onClick={(event) => {
                  event.preventDefault()
                  goToControl(field)
                }}
              >
                {message}
              </a>
            )}
          </li>
        ))}
      </ul>
    </div>
  )
}
