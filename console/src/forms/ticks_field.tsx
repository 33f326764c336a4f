import type { FormField } from '@mooring/sdk'
import { Checkbox } from '../ui/field.tsx'
import type { FieldProps } from './field_props.ts'
import { controlId, useFormHandle } from './form_context.tsx'
import { valueAt } from './paths.ts'
import { RowsFrame } from './rows_frame.tsx'
import { textsOf } from './values.ts'

/** Any number of a few. What is stored besides stays. */
export function TicksField({ field, path, choices }: FieldProps & { choices: NonNullable<FormField['choices']> }) {
  const handle = useFormHandle()
  const chosen = textsOf(valueAt(handle.values, path))
  const tick = (value: string, on: boolean): void => {
    handle.change(path, on ? [...chosen, value] : chosen.filter((one) => one !== value))
    handle.touch(path)
  }
  return (
    <RowsFrame field={field} path={path}>
      <div className="flex flex-col gap-1.5">
        {choices.map(({ value, label, description }) => (
          <Checkbox
            key={value}
            id={controlId(handle.id, `${path}.${value}`)}
            label={label}
            help={description}
            checked={chosen.includes(value)}
            onChange={(event) => tick(value, event.currentTarget.checked)}
          />
        ))}
      </div>
    </RowsFrame>
  )
}
