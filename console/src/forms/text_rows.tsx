import { useRef } from 'react'
import { FieldMessage, Input } from '../ui/field.tsx'
import { controlId, errorAt, useFormHandle } from './form_context.tsx'
import type { FieldProps } from './field_props.ts'
import { valueAt } from './paths.ts'
import { AddRow, RemoveRow } from './row_buttons.tsx'
import { RowsFrame } from './rows_frame.tsx'
import { textsOf } from './values.ts'

/** A list of texts; several pasted at once become several rows. */
export function TextRows({ field, path }: FieldProps) {
  const handle = useFormHandle()
  const add = useRef<HTMLButtonElement>(null)
  const texts = textsOf(valueAt(handle.values, path))
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
              <RemoveRow field={field} path={path} index={index} add={add} />
            </div>
            {error !== undefined && <FieldMessage id={`${control}-error`}>{error}</FieldMessage>}
          </div>
        )
      })}
      <AddRow
        ref={add}
        field={field}
        path={path}
        count={texts.length}
        row=""
        focus={controlId(handle.id, `${path}.${texts.length}`)}
      />
    </RowsFrame>
  )
}
