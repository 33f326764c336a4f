/** Declared fields as they stand, where nobody can change them. */
import type { FormField } from '@mooring/sdk'
import type { ComponentType, ReactNode } from 'react'
import { Facts } from '../ui/facts.tsx'
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

interface FieldFactsProps {
  fields: readonly FormField[]
  values: FormValues
  isStored?: (name: string) => boolean
  /** Beside a secret: what can still be done about it. */
  Action?: ComponentType<{ field: FormField }>
}

/** What was filled in; what stands as usual is left out, unless it is one of the main questions. */
export function FieldFacts({ fields, values, isStored = () => false, Action }: FieldFactsProps) {
  const told = fields.filter((field) => isShown(field, fields, values) && isTold(field, values, isStored(field.name)))
  return (
    <Facts
      items={told.map((field) => ({
        name: field.title,
        value: (
          <span className="flex min-h-6 flex-wrap items-center justify-between gap-2">
            <span className="min-w-0">
              {field.fixed ?? <Fact field={field} value={values[field.name]} stored={isStored(field.name)} />}
            </span>
            {Action !== undefined && holdsSecrets(field) && <Action field={field} />}
          </span>
        ),
      }))}
    />
  )
}

function isTold(field: FormField, values: FormValues, stored: boolean): boolean {
  if (field.fixed !== undefined || stored) return true
  if (holdsSecrets(field)) return !field.advanced
  const value = values[field.name]
  if (isBlank(field, value)) return false
  return !field.advanced || JSON.stringify(value) !== JSON.stringify(valueOf(field, field.default))
}

interface FactProps {
  field: FormField
  value: FormValue | undefined
  stored: boolean
}

function Fact({ field, value, stored }: FactProps): ReactNode {
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
    case 'url':
      return <span className="font-mono text-[13px] wrap-anywhere">{textOf(value)}</span>
    case 'text':
    case 'secret':
      return <span className="wrap-anywhere">{textOf(value)}</span>
  }
}

function Lines({ texts }: { texts: readonly string[] }) {
  return texts.map((text) => (
    <span key={text} className="block wrap-anywhere">
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
      const text = field.kind === 'map' ? rowsOf(value).map((row) => textOf(row['name'])) : textsOf(value)
      return `${field.title}: ${label ?? (Array.isArray(value) ? text.join(', ') : textOf(value))}`
    })
    .join(' · ')
}
