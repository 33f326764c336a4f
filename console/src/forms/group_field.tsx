import { Button } from '../ui/button.tsx'
import type { FieldProps, FieldsComponent } from './field_props.ts'
import { useFormHandle } from './form_context.tsx'
import { valueAt } from './paths.ts'
import { RowsFrame } from './rows_frame.tsx'
import { valuesOf } from './values.ts'

/** Fields under one heading. One whose values are kept secret is replaced as a whole or removed. */
export function GroupField({ field, path, Fields }: FieldProps & { Fields: FieldsComponent }) {
  const handle = useFormHandle()
  const { fields = [] } = field
  const value = valueAt(handle.values, path)
  if (handle.isStored(path) && (value === undefined || value === null)) {
    return (
      <RowsFrame field={field} path={path}>
        <div className="flex flex-wrap items-center gap-2">
          <span className="text-ink-2">{value === null ? 'Is removed when this is saved.' : 'Stored.'}</span>
          <Button size="small" onClick={() => handle.change(path, valuesOf(fields))}>
            Replace<span className="sr-only"> {field.title}</span>
          </Button>
          <Button size="small" look="quiet" onClick={() => handle.change(path, value === null ? undefined : null)}>
            {value === null ? 'Keep' : 'Remove'}
            <span className="sr-only"> {field.title}</span>
          </Button>
        </div>
      </RowsFrame>
    )
  }
  return (
    <RowsFrame field={field} path={path}>
      <div className="@container border-l-2 border-line pl-3">
        <div className="grid items-start gap-3 @md:grid-cols-2 [&>details]:col-span-full">
          <Fields fields={fields} under={path} />
        </div>
      </div>
    </RowsFrame>
  )
}
