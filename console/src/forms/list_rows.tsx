import { useRef } from 'react'
import { FieldMessage } from '../ui/field.tsx'
import type { FieldProps, FieldsComponent } from './field_props.ts'
import { controlId, errorAt, useFormHandle } from './form_context.tsx'
import { valueAt } from './paths.ts'
import { AddRow, RemoveRow } from './row_buttons.tsx'
import { RowsFrame } from './rows_frame.tsx'
import { rowsOf, valuesOf } from './values.ts'

/** Rows of fields: as few and as many as the field takes. */
export function ListRows({ field, path, Fields }: FieldProps & { Fields: FieldsComponent }) {
  const handle = useFormHandle()
  const add = useRef<HTMLButtonElement>(null)
  const { fields = [], minItems = 0, maxItems } = field
  const rows = rowsOf(valueAt(handle.values, path))
  return (
    <RowsFrame field={field} path={path}>
      {rows.map((_, index) => {
        const row = `${path}.${index}`
        const error = errorAt(handle, row)
        const control = controlId(handle.id, row)
        return (
          <fieldset
            // Rows have no identity but their place.
            // oxlint-disable-next-line react/no-array-index-key
            key={index}
            id={control}
            tabIndex={-1}
            className="relative rounded-md border border-line p-3 pt-2"
          >
            <legend className="sr-only">{`${field.title} ${index + 1}`}</legend>
            <div className="mb-1 flex h-7 items-center justify-between">
              <span aria-hidden className="text-xs font-medium text-ink-3 tabular">
                {index + 1}
              </span>
              {rows.length > minItems && <RemoveRow field={field} path={path} index={index} add={add} />}
            </div>
            <div className="@container">
              <div className="grid items-start gap-3 @md:grid-cols-2 [&>details]:col-span-full">
                <Fields fields={fields} under={row} />
              </div>
            </div>
            {error !== undefined && <FieldMessage>{error}</FieldMessage>}
          </fieldset>
        )
      })}
      {minItems !== maxItems && (
        <AddRow
          ref={add}
          field={field}
          path={path}
          count={rows.length}
          row={valuesOf(fields)}
          focus={controlId(handle.id, `${path}.${rows.length}.${fields[0]?.name ?? ''}`)}
        />
      )}
    </RowsFrame>
  )
}
