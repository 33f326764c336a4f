import type { FormField } from '@mooring/sdk'
import { Plus, Trash2 } from 'lucide-react'
import type { RefObject } from 'react'
import { Button, IconButton } from '../ui/button.tsx'
import { useFormHandle } from './form_context.tsx'
import type { FormValue } from './values.ts'

type AddButton = RefObject<HTMLButtonElement | null>

interface RowProps {
  field: FormField
  /** Of the list. */
  path: string
  index: number
  /** Takes the focus when the row is gone. */
  add: AddButton
}

export function RemoveRow({ field, path, index, add }: RowProps) {
  const handle = useFormHandle()
  return (
    <IconButton
      label={`Remove ${field.title} ${index + 1}`}
      onClick={() => {
        handle.removeRow(path, index)
        add.current?.focus()
      }}
    >
      <Trash2 aria-hidden className="size-4" />
    </IconButton>
  )
}

interface AddRowProps {
  field: FormField
  path: string
  /** How many there are. */
  count: number
  /** What a new row begins with. */
  row: FormValue
  /** The id of the control that takes the focus in the new row. */
  focus: string
  ref: AddButton
}

export function AddRow({ field, path, count, row, focus, ref }: AddRowProps) {
  const handle = useFormHandle()
  const full = field.maxItems !== undefined && count >= field.maxItems
  return (
    <Button
      ref={ref}
      size="small"
      className="w-fit"
      disabled={full}
      title={full ? `At most ${field.maxItems}` : undefined}
      onClick={() => {
        handle.addRow(path, row)
        focusSoon(focus)
      }}
    >
      <Plus aria-hidden className="size-3.5" />
      Add<span className="sr-only"> to {field.title}</span>
    </Button>
  )
}

/** Once what is to have the focus is there. */
export function focusSoon(id: string): void {
  requestAnimationFrame(() => document.getElementById(id)?.focus())
}
