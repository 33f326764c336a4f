/** Declared fields as they stand, where nobody can change them. */
import type { FormField } from '@mooring/sdk'
import type { ComponentType, ReactNode } from 'react'
import {
  type FormValue,
  type FormValues,
  holdsSecrets,
  isBlank,
  isRecord,
  isShown,
  rowsOf,
  textOf,
  textsOf,
  valueOf,
} from './values.ts'

interface FactsProps {
  fields: readonly FormField[]
  values: FormValues
  isStored: (name: string) => boolean
  /** Beside a secret: what can still be done about it. */
  Action?: ComponentType<{ field: FormField }>
}

/** What was filled in; what stands as usual is left out, unless it is one of the main questions. */
export function Facts({ fields, values, isStored, Action }: FactsProps) {
  const told = fields.filter((field) => {
    if (!isShown(field, fields, values)) return false
    if (field.fixed !== undefined || isStored(field.name) || holdsSecrets(field))
      return !field.advanced || isStored(field.name)
    const value = values[field.name]
    if (isBlank(field, value)) return false
    return !field.advanced || JSON.stringify(value) !== JSON.stringify(valueOf(field, field.default))
  })
  return (
    <dl className="grid grid-cols-1 gap-x-4 sm:grid-cols-[12rem_minmax(0,1fr)]">
      {told.map((field) => (
        <div key={field.name} className="contents">
          <dt className="pt-2 text-ink-3 sm:border-t sm:border-line sm:py-2">{field.title}</dt>
          <dd className="flex flex-wrap items-center justify-between gap-2 border-b border-line pb-2 sm:border-t sm:border-b-0 sm:py-2">
            <span className="min-w-0">
              {field.fixed ?? <Fact field={field} value={values[field.name]} stored={isStored(field.name)} />}
            </span>
            {Action !== undefined && holdsSecrets(field) && <Action field={field} />}
          </dd>
        </div>
      ))}
    </dl>
  )
}

function Fact({
  field,
  value,
  stored,
}: {
  field: FormField
  value: FormValue | undefined
  stored: boolean
}): ReactNode {
  if (holdsSecrets(field)) return stored ? '•••••••• stored' : 'Not set'
  switch (field.kind) {
    case 'boolean':
      return value === true ? 'Yes' : 'No'
    case 'choice':
      return field.choices?.find((choice) => choice.value === value)?.label ?? textOf(value)
    case 'number':
      return `${textOf(value)}${field.unit === undefined ? '' : ` ${field.unit}`}`
    case 'map':
      return <Lines texts={rowsOf(value).map((row) => `${textOf(row['name'])}: ${textOf(row['value'])}`)} />
    case 'strings':
      return <Lines texts={textsOf(value)} />
    case 'list':
      return <Lines texts={rowsOf(value).map((row) => inOneLine(field.fields ?? [], row))} />
    case 'group':
      return isRecord(value) ? inOneLine(field.fields ?? [], value) : ''
    case 'text':
    case 'url':
    case 'secret':
      return <span className="font-mono text-[13px] break-all">{textOf(value)}</span>
  }
}

function Lines({ texts }: { texts: readonly string[] }) {
  return texts.map((text) => (
    <span key={text} className="block break-words">
      {text}
    </span>
  ))
}

function inOneLine(fields: readonly FormField[], values: FormValues): string {
  return fields
    .filter((field) => !isBlank(field, values[field.name]))
    .map((field) => {
      const value = values[field.name]
      const label = field.choices?.find((choice) => choice.value === value)?.label
      return `${field.title}: ${label ?? (Array.isArray(value) ? textsOf(value).join(', ') : textOf(value))}`
    })
    .join(' · ')
}
