import { ChoiceCards } from '../ui/choice_cards.tsx'
import { Field, Select } from '../ui/field.tsx'
import { controlId, errorAt, useFormHandle } from './form_context.tsx'
import type { FieldProps } from './field_props.ts'
import { textAt } from './paths.ts'

interface ChoiceFieldProps extends FieldProps {
  required: boolean
  /** Whether it comes first in its form, as what decides the rest. */
  first: boolean
}

/**
 * Two or three with a line in plain words are cards, and however many where they are the first question; others a list,
 * with the line of the chosen one below.
 */
export function ChoiceField({ field, path, required, first }: ChoiceFieldProps) {
  const handle = useFormHandle()
  const value = textAt(handle.values, path)
  const { title, description, choices = [] } = field
  const id = controlId(handle.id, path)
  const choose = (next: string): void => {
    handle.change(path, next)
    handle.touch(path)
  }
  if ((first || choices.length <= 3) && choices.every((choice) => choice.description !== undefined)) {
    return (
      <ChoiceCards
        id={id}
        legend={title}
        help={description}
        choices={choices}
        value={value}
        onChange={choose}
        error={errorAt(handle, path)}
      />
    )
  }
  const chosen = choices.find((choice) => choice.value === value)
  return (
    <Field
      id={id}
      label={title}
      help={[description, chosen?.description && `${chosen.label}: ${lowerFirst(chosen.description)}.`]
        .filter(Boolean)
        .join(' ')}
      error={errorAt(handle, path)}
      required={required}
    >
      {(parts) => (
        <Select
          {...parts}
          value={value}
          onChange={(event) => choose(event.currentTarget.value)}
          onBlur={() => handle.touch(path)}
        >
          {value === '' || field.default === undefined ? (
            <option value="">{required ? 'Choose one' : emptyLabel(field.default, choices)}</option>
          ) : null}
          {choices.map((choice) => (
            <option key={choice.value} value={choice.value}>
              {choice.label}
            </option>
          ))}
        </Select>
      )}
    </Field>
  )
}

function emptyLabel(usual: unknown, choices: readonly { value: string; label: string }[]): string {
  const label = choices.find(({ value }) => value === usual)?.label
  return label === undefined ? 'Not set' : `${label}, as usual`
}

/** Not where a name stands first: HTTP, RFC. */
function lowerFirst(text: string): string {
  return /^[A-Z][a-z]/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text
}
