import { Plus, Trash2 } from 'lucide-react'
import { useRef } from 'react'
import { Button, IconButton } from '../ui/button.tsx'
import { FieldMessage, Input } from '../ui/field.tsx'
import { controlId, errorAt, useFormHandle } from './form_context.tsx'
import type { FieldProps } from './field_props.ts'
import { focusSoon } from './map_rows.tsx'
import { valueAt } from './paths.ts'
import { RowsFrame } from './rows_frame.tsx'
import { textsOf } from './values.ts'

/** A list of texts; several pasted at once become several rows. */
export function TextRows({ field, path }: FieldProps) {
  const handle = useFormHandle()
  const add = useRef<HTMLButtonElement>(null)
  const texts = textsOf(valueAt(handle.values, path))
  const full = field.maxItems !== undefined && texts.length >= field.maxItems
  return (
    <RowsFrame field={field} path={path}>
      {texts.map((text, index) => {
        const row = `${path}.${index}`
        const error = errorAt(handle, row)
        const control = controlId(handle.id, row)
        return (
          // Rows have no identity but their place.
          // oxlint-disable-next-line react/no-array-index-key
          <div key={index} className="flex flex-col gap-1">
            <div className="flex items-center gap-2">
              <Input
                id={control}
                aria-label={`${field.title} ${index + 1}`}
                aria-invalid={error === undefined ? undefined : true}
                aria-describedby={error === undefined ? undefined : `${control}-error`}
                value={text}
                placeholder={field.example}
                spellCheck={false}
                autoCapitalize="none"
                className="font-mono text-[13px]"
                onChange={(event) => handle.change(row, event.currentTarget.value)}
                onBlur={() => handle.touch(row)}
                onPaste={(event) => {
                  const parts = event.clipboardData
                    .getData('text/plain')
                    .split(/[\s,]+/)
                    .filter(Boolean)
                  if (parts.length < 2) return
                  event.preventDefault()
                  const kept = text === '' ? texts.filter((_, at) => at !== index) : texts
                  handle.change(path, [...kept, ...parts])
                }}
              />
              <IconButton
                label={`Remove ${field.title} ${index + 1}`}
                onClick={() => {
                  handle.removeRow(path, index)
                  add.current?.focus()
                }}
              >
                <Trash2 aria-hidden className="size-4" />
              </IconButton>
            </div>
            {error !== undefined && <FieldMessage id={`${control}-error`}>{error}</FieldMessage>}
          </div>
        )
      })}
      <Button
        ref={add}
        size="small"
        className="w-fit"
        disabled={full}
        title={full ? `At most ${field.maxItems}` : undefined}
        onClick={() => {
          handle.addRow(path, '')
          focusSoon(controlId(handle.id, `${path}.${texts.length}`))
        }}
      >
        <Plus aria-hidden className="size-3.5" />
        Add<span className="sr-only"> to {field.title}</span>
      </Button>
    </RowsFrame>
  )
}
