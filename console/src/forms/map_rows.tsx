import { useRef } from 'react'
import { FieldMessage, Input } from '../ui/field.tsx'
import { controlId, errorAt, useFormHandle } from './form_context.tsx'
import type { FieldProps } from './field_props.ts'
import { textAt, valueAt } from './paths.ts'
import { AddRow, RemoveRow } from './row_buttons.tsx'
import { RowsFrame } from './rows_frame.tsx'
import { rowsOf } from './values.ts'

/** Free names with their values. */
export function MapRows({ field, path }: FieldProps) {
  const handle = useFormHandle()
  const add = useRef<HTMLButtonElement>(null)
  const rows = rowsOf(valueAt(handle.values, path))
  return (
    <RowsFrame field={field} path={path}>
      {rows.map((_, index) => {
        const row = `${path}.${index}`
        const error = errorAt(handle, row)
        const control = controlId(handle.id, row)
        const shared = {
          'aria-invalid': error === undefined ? undefined : true,
          'aria-describedby': error === undefined ? undefined : `${control}-error`,
          className: 'font-mono text-[13px]',
          spellCheck: false,
          autoCapitalize: 'none',
        } as const
        return (
          // Rows have no identity but their place.
          // oxlint-disable-next-line react/no-array-index-key
          <div key={index} className="flex flex-col gap-1">
            <div className="grid grid-cols-[1fr_1fr_auto] items-center gap-2">
              <Input
                {...shared}
                id={control}
                aria-label={`${field.title} ${index + 1}, name`}
                placeholder="Name"
                value={textAt(handle.values, `${row}.name`)}
                onChange={(event) => handle.change(`${row}.name`, event.currentTarget.value)}
                onBlur={() => handle.touch(`${row}.name`)}
              />
              <Input
                {...shared}
                aria-label={`${field.title} ${index + 1}, value`}
                placeholder="Value"
                value={textAt(handle.values, `${row}.value`)}
                onChange={(event) => handle.change(`${row}.value`, event.currentTarget.value)}
                onBlur={() => handle.touch(`${row}.value`)}
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
        count={rows.length}
        row={{ name: '', value: '' }}
        focus={controlId(handle.id, `${path}.${rows.length}`)}
      />
    </RowsFrame>
  )
}
