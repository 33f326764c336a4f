import type { FormField } from '@mooring/sdk'
import { createContext, type ReactNode, use } from 'react'
import { FieldMessage } from '../ui/field.tsx'
import { controlId, errorAt, useFormHandle } from './form_context.tsx'

/** The path of the field that stands alone under a heading of its own already. */
export const HeadedContext = createContext<string | undefined>(undefined)

/** The heading, help and error of a field that has rows. */
export function RowsFrame({ field, path, children }: { field: FormField; path: string; children: ReactNode }) {
  const handle = useFormHandle()
  const id = controlId(handle.id, path)
  const error = errorAt(handle, path)
  const headed = use(HeadedContext) === path
  return (
    <fieldset
      id={id}
      tabIndex={-1}
      aria-describedby={error === undefined ? undefined : `${id}-error`}
      className="flex min-w-0 flex-col gap-2"
    >
      <legend className={headed ? 'sr-only' : 'mb-1 font-medium'}>
        {field.title}
        {!headed && !field.required && field.default === undefined && (
          <span className="text-xs font-normal text-ink-3"> optional</span>
        )}
      </legend>
      {!headed && field.description !== undefined && (
        <p className="-mt-1 text-[13px] text-ink-3">{field.description}</p>
      )}
      {children}
      {error !== undefined && <FieldMessage id={`${id}-error`}>{error}</FieldMessage>}
    </fieldset>
  )
}
