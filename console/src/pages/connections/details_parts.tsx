/** Parts of the form of Connection Details. */
import { Check } from 'lucide-react'
import { useState } from 'react'
import { useWatch } from 'react-hook-form'
import type { Form } from '../../forms/use_form.tsx'
import { ChoiceCards } from '../../ui/choice_cards.tsx'
import { Field, Input } from '../../ui/field.tsx'
import { type DetailsValues, type Known, linkNameFor } from './details_values.ts'

export interface PartProps {
  details: Form<DetailsValues>
}

interface NameFieldsProps extends PartProps {
  known: readonly Known[]
  taken: (linkName: string) => boolean
  /** True once the server has said so. */
  free: boolean
  onLinkName: (linkName: string) => void
}

/** The link name follows the name until somebody writes it themself. */
export function NameFields({ details: { form, field }, known, taken, free, onLinkName }: NameFieldsProps) {
  const [own, setOwn] = useState(false)
  const linkName = useWatch({ control: form.control, name: 'linkName' })
  const error =
    field('linkName').error ?? (taken(linkName) ? 'This link name is taken. Choose another one.' : undefined)
  const write = (value: string): void => {
    form.setValue('linkName', value, { shouldValidate: true })
    onLinkName(value)
  }
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <Field {...field('name')} label="Connection Name" required help="For people: what it is used for.">
        {(parts) => (
          <Input
            {...parts}
            {...form.register('name', {
              onChange: (event: { target: { value: string } }) => {
                if (!own) write(linkNameFor(event.target.value, known))
              },
            })}
          />
        )}
      </Field>
      <Field
        id={field('linkName').id}
        error={error}
        label="Connection Link Name"
        required
        help="For programs: they call the connection by it. It never changes."
        aside={
          <span role="status" className="text-xs text-ok">
            {free && error === undefined && (
              <span className="inline-flex items-center gap-1">
                <Check aria-hidden className="size-3.5" />
                Free
              </span>
            )}
          </span>
        }
      >
        {(parts) => (
          <Input
            {...parts}
            value={linkName}
            autoCapitalize="none"
            spellCheck={false}
            className="font-mono text-[13px]"
            onChange={(event) => {
              // Emptied, it follows the name again.
              setOwn(event.target.value !== '')
              write(event.target.value)
            }}
          />
        )}
      </Field>
    </div>
  )
}

const levels = [
  {
    value: 'shared',
    label: 'Shared',
    description: 'One sign-in serves everybody and every program that may use this connection.',
  },
  {
    value: 'per_user',
    label: 'Per user',
    description: 'Each of your users signs in for themself; a call says whose sign-in it uses.',
  },
]

export function LevelFields({ details: { form, field }, level }: PartProps & { level: DetailsValues['level'] }) {
  return (
    <>
      <ChoiceCards
        legend="Connection Authorization Level"
        choices={levels}
        value={level}
        onChange={(value) => form.setValue('level', value === 'per_user' ? 'per_user' : 'shared')}
      />
      {level === 'per_user' && (
        <Field
          {...field('user')}
          label="Who is it for?"
          also="User id"
          optional
          help="The id your own program knows this person by. They sign in now; leave it empty to create the connection only."
        >
          {(parts) => <Input {...parts} {...form.register('user')} autoCapitalize="none" spellCheck={false} />}
        </Field>
      )}
    </>
  )
}
