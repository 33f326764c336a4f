/** One declared field, by its kind. */
import type { FormField } from '@mooring/sdk'
import { Lock } from 'lucide-react'
import type { ReactNode } from 'react'
import { Checkbox, Field, FieldMessage, Input } from '../ui/field.tsx'
import { ChoiceField } from './choice_field.tsx'
import { type FieldProps, type FieldsComponent, saysOptional } from './field_props.ts'
import { controlId, errorAt, useFormHandle } from './form_context.tsx'
import { GroupField } from './group_field.tsx'
import { ListRows } from './list_rows.tsx'
import { MapRows } from './map_rows.tsx'
import { textAt, valueAt } from './paths.ts'
import { SecretField } from './secret_field.tsx'
import { TextRows } from './text_rows.tsx'
import { TicksField } from './ticks_field.tsx'
import { type FormValues, isRequired } from './values.ts'

interface FieldOfKindProps extends FieldProps {
  siblings: readonly FormField[]
  /** The values of the siblings. */
  own: FormValues
  Fields: FieldsComponent
}

export function FieldOfKind({ field, path, siblings, own, Fields }: FieldOfKindProps): ReactNode {
  if (field.fixed !== undefined) return <LockedField field={field} path={path} value={field.fixed} />
  const required = isRequired(field, siblings, own)
  switch (field.kind) {
    case 'text':
    case 'url':
    case 'number':
      return <LineField field={field} path={path} required={required} />
    case 'secret':
      return <SecretField field={field} path={path} required={required} />
    case 'boolean':
      return <SwitchField field={field} path={path} />
    case 'choice':
      return <ChoiceField field={field} path={path} required={required} first={siblings[0]?.name === field.name} />
    case 'map':
      return <MapRows field={field} path={path} />
    case 'strings':
      return field.choices === undefined ? (
        <TextRows field={field} path={path} />
      ) : (
        <TicksField field={field} path={path} choices={field.choices} />
      )
    case 'list':
      return <ListRows field={field} path={path} Fields={Fields} />
    case 'group':
      return <GroupField field={field} path={path} Fields={Fields} />
  }
}

function LineField({ field, path, required }: FieldProps & { required: boolean }) {
  const handle = useFormHandle()
  const { kind, unit, minimum, maximum } = field
  const range =
    minimum === undefined || maximum === undefined ? undefined : `${minimum} to ${maximum}${unit ? ` ${unit}` : ''}.`
  const help = [field.description, range].filter((part) => part !== undefined).join(' ')
  return (
    <Field
      id={controlId(handle.id, path)}
      label={field.title}
      help={help === '' ? undefined : help}
      error={errorAt(handle, path)}
      required={required}
      optional={saysOptional(field, required)}
    >
      {(parts) => (
        <span className="flex items-center gap-2">
          <Input
            {...parts}
            value={textAt(handle.values, path)}
            onChange={(event) => handle.change(path, event.currentTarget.value)}
            onBlur={() => handle.touch(path)}
            placeholder={placeholderOf(field)}
            spellCheck={false}
            autoCapitalize="none"
            {...(kind === 'url' ? { inputMode: 'url' as const, className: 'font-mono text-[13px]' } : {})}
            {...(kind === 'number' ? { inputMode: 'numeric' as const, className: 'max-w-32 tabular' } : {})}
          />
          {unit !== undefined && <span className="text-ink-3">{unit}</span>}
        </span>
      )}
    </Field>
  )
}

function placeholderOf({ default: usual, example }: FormField): string | undefined {
  if (typeof usual === 'string' && usual !== '') return `${usual} if empty`
  return example
}

function SwitchField({ field, path }: FieldProps) {
  const handle = useFormHandle()
  const error = errorAt(handle, path)
  return (
    <div>
      <Checkbox
        id={controlId(handle.id, path)}
        label={field.title}
        help={field.description}
        checked={valueAt(handle.values, path) === true}
        onChange={(event) => {
          handle.change(path, event.currentTarget.checked)
          handle.touch(path)
        }}
      />
      {error !== undefined && <FieldMessage>{error}</FieldMessage>}
    </div>
  )
}

/** What nobody can choose, told all the same: people look for it. */
export function LockedField({ field, path, value, why }: FieldProps & { value: string; why?: string }) {
  const { id } = useFormHandle()
  return (
    <Field
      id={controlId(id, path)}
      label={field.title}
      help={why ?? field.description ?? 'Decided by the authentication type; it cannot be changed.'}
      aside={<Lock aria-hidden className="size-3.5 self-center text-ink-3" />}
    >
      {(parts) => <Input {...parts} readOnly value={value} />}
    </Field>
  )
}
