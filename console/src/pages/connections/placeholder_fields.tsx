import type { Placeholder } from '@mooring/sdk'
import { useState } from 'react'
import { useWatch } from 'react-hook-form'
import { Field, Input, Select } from '../../ui/field.tsx'
import type { PartProps } from './details_parts.tsx'

/** What differs between accounts of one provider: its domain, its region, its data centre. */
export function PlaceholderFields({ placeholders, details }: PartProps & { placeholders: readonly Placeholder[] }) {
  return placeholders.map((placeholder) =>
    placeholder.options === undefined ? (
      <FreeField key={placeholder.name} placeholder={placeholder} details={details} />
    ) : (
      <KnownField key={placeholder.name} placeholder={placeholder} options={placeholder.options} details={details} />
    ),
  )
}

interface OneProps extends PartProps {
  placeholder: Placeholder
}

function FreeField({ placeholder, details: { form, field } }: OneProps) {
  const { name, label, example, default: preset } = placeholder
  const path = `parameters.${name}` as const
  return (
    <Field
      {...field(path)}
      label={label}
      required={preset === undefined}
      help={[example && `Such as ${example}.`, preset && `Empty: ${preset}.`].filter(Boolean).join(' ') || undefined}
    >
      {(parts) => <Input {...parts} {...form.register(path)} autoCapitalize="none" spellCheck={false} />}
    </Field>
  )
}

const other = '\u0000other'

/** The provider's own choices; what is none of them can be written all the same. */
function KnownField({ placeholder, options, details: { form, field } }: OneProps & { options: readonly Option[] }) {
  const { name, label, example } = placeholder
  const path = `parameters.${name}` as const
  const value = useWatch({ control: form.control, name: path })
  const [writing, setWriting] = useState(() => value !== '' && !options.some((option) => option.value === value))
  const { id, error } = field(path)
  const set = (next: string): void =>
    form.setValue(path, next, { shouldValidate: form.formState.isSubmitted, shouldDirty: true })
  return (
    <div className="flex flex-col gap-2">
      <Field id={writing ? `${id}-choice` : id} label={label} required {...(writing ? {} : { error })}>
        {(parts) => (
          <Select
            {...parts}
            value={writing ? other : value}
            onChange={({ currentTarget: { value: chosen } }) => {
              setWriting(chosen === other)
              set(chosen === other ? '' : chosen)
            }}
          >
            {value === '' && !writing && <option value="">Choose one</option>}
            {options.map((option) => (
              <option key={option.value} value={option.value}>
                {option.label === option.value ? option.label : `${option.label} (${option.value})`}
              </option>
            ))}
            <option value={other}>Another one …</option>
          </Select>
        )}
      </Field>
      {writing && (
        <Field
          id={id}
          error={error}
          label={`${label}, another one`}
          required
          help={example === undefined ? undefined : `Such as ${example}.`}
        >
          {(parts) => <Input {...parts} {...form.register(path)} autoCapitalize="none" spellCheck={false} />}
        </Field>
      )}
    </div>
  )
}

type Option = NonNullable<Placeholder['options']>[number]
