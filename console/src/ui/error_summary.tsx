import { CircleAlert } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { goToControl } from './go_to_control.ts'

export interface SummaryError {
  /** The id of the control, where there is one on the page. */
  field?: string | undefined
  /** What the field is called, where its label alone does not say it: that of a row, say. */
  label?: string | undefined
  message: string
}

/**
 * On submit: everything that is wrong, in the words that stand at the fields, each leading there and naming it. Takes the
 * focus.
 */
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
        {errors.map(({ field, label, message }) => (
          <li key={`${field} ${message}`} className="list-disc">
            {field === undefined ? (
              message
            ) : (
              <a
                href={`#${field}`}
                className="inline-flex min-h-6 items-center text-bad underline underline-offset-2"
                onClick={(event) => {
                  event.preventDefault()
                  goToControl(field)
                }}
              >
                {label === undefined ? nameOf(field) : `${label}: `}
                {message}
              </a>
            )}
          </li>
        ))}
      </ul>
    </div>
  )
}

/** "Name: ", where the control has a label of its own; without what is small beside it. */
function nameOf(field: string): string {
  const control = document.getElementById(field)
  const label = control instanceof HTMLInputElement ? control.labels?.[0]?.firstChild?.textContent : undefined
  return label === undefined || label === null ? '' : `${label}: `
}
