/** Draws a list of declared fields: those that are shown, in their order, the rare ones folded under their headings. */
import type { FormField } from '@mooring/sdk'
import { Fold } from './fold.tsx'
import { errorsBelow, joined, useFormHandle } from './form_context.tsx'
import { FieldOfKind } from './form_field.tsx'
import { valueAt } from './paths.ts'
import { HeadedContext } from './rows_frame.tsx'
import { type FormValues, isRecord, isShown, valueOf } from './values.ts'

interface FormFieldsProps {
  fields: readonly FormField[]
  /** The path of the group or row they are in. */
  under?: string
}

export function FormFields({ fields, under = '' }: FormFieldsProps) {
  const { values } = useFormHandle()
  const here = under === '' ? values : valueAt(values, under)
  const own = isRecord(here) ? here : {}
  const shown = fields.filter((field) => isShown(field, fields, own))
  const plain = shown.filter((field) => headingOf(field) === undefined)
  const headings = [...new Set(shown.map(headingOf))].filter((heading) => heading !== undefined)
  return (
    <>
      {plain.map((field) => (
        <FieldOfKind
          key={field.name}
          field={field}
          path={joined(under, field.name)}
          siblings={fields}
          own={own}
          Fields={FormFields}
        />
      ))}
      {headings.map((heading) => (
        <Folded
          key={heading}
          heading={heading}
          fields={shown.filter((field) => headingOf(field) === heading)}
          all={fields}
          under={under}
          own={own}
        />
      ))}
    </>
  )
}

interface FoldedProps {
  heading: string
  fields: readonly FormField[]
  all: readonly FormField[]
  under: string
  own: FormValues
}

function Folded({ heading, fields, all, under, own }: FoldedProps) {
  const handle = useFormHandle()
  const set = fields.filter((field) => !isUsual(field, own, handle.isStored(joined(under, field.name)))).length
  return (
    <Fold title={heading} aside={set === 0 ? undefined : `${set} set`} errors={errorsBelow(handle, under, fields)}>
      {fields.map((field) => (
        <InFold key={field.name} field={field} all={all} under={under} own={own} closes={fields.length > 3} />
      ))}
    </Fold>
  )
}

/** What has parts of its own is closed among many others, so that the whole can be looked over. */
function InFold({ field, all, under, own, closes }: Omit<FoldedProps, 'heading' | 'fields'> & InFoldProps) {
  const handle = useFormHandle()
  const path = joined(under, field.name)
  const drawn = <FieldOfKind field={field} path={path} siblings={all} own={own} Fields={FormFields} />
  if (!closes || !['group', 'list'].includes(field.kind)) return drawn
  const set = !isUsual(field, own, handle.isStored(path))
  return (
    <Fold
      title={field.title}
      help={field.description}
      aside={set ? 'Set' : undefined}
      errors={errorsBelow(handle, under, [field])}
    >
      <HeadedContext value={path}>{drawn}</HeadedContext>
    </Fold>
  )
}

interface InFoldProps {
  field: FormField
  closes: boolean
}

function headingOf({ advanced, section }: FormField): string | undefined {
  return section ?? (advanced ? 'Advanced Parameters' : undefined)
}

/** Whether it stands as it would without anybody having been there. */
function isUsual(field: FormField, own: FormValues, stored: boolean): boolean {
  if (field.fixed !== undefined) return true
  if (stored) return false
  return JSON.stringify(own[field.name]) === JSON.stringify(valueOf(field, field.default))
}
