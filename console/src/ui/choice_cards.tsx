import { useId } from 'react'
import { cn } from './class_names.ts'
import { FieldMessage } from './field.tsx'

export interface Choice {
  value: string
  label: string
  description?: string | undefined
}

interface ChoiceCardsProps {
  legend: string
  choices: readonly Choice[]
  value: string
  onChange: (value: string) => void
  help?: string | undefined
  error?: string | undefined
  disabled?: boolean
  id?: string | undefined
}

/** One of a few, each with a line in plain words: radio buttons that look like cards. */
export function ChoiceCards({ legend, choices, value, onChange, help, error, disabled, id }: ChoiceCardsProps) {
  const name = useId()
  return (
    <fieldset
      id={id}
      tabIndex={-1}
      aria-describedby={error === undefined ? undefined : `${name}-error`}
      disabled={disabled}
    >
      <legend className="mb-1 font-medium">{legend}</legend>
      {help !== undefined && <p className="mb-1.5 text-[13px] text-ink-3">{help}</p>}
      <div className="grid grid-cols-[repeat(auto-fit,minmax(13rem,1fr))] gap-2">
        {choices.map((choice) => (
          <label
            key={choice.value}
            className={cn(
              'flex cursor-pointer items-start gap-2 rounded-md border border-control/60 bg-card p-2.5 hover:bg-hover',
              'has-checked:border-accent has-checked:bg-accent-soft has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent',
              disabled === true && 'cursor-default opacity-70',
            )}
          >
            <input
              type="radio"
              name={name}
              value={choice.value}
              checked={choice.value === value}
              onChange={() => onChange(choice.value)}
              className="mt-0.5 size-4 shrink-0 accent-accent focus-visible:outline-none"
            />
            <span className="min-w-0">
              <span className="block font-medium">{choice.label}</span>
              {choice.description !== undefined && (
                <span className="block text-[13px] text-ink-3">{choice.description}</span>
              )}
            </span>
          </label>
        ))}
      </div>
      {error !== undefined && (
        <div className="mt-1">
          <FieldMessage id={`${name}-error`}>{error}</FieldMessage>
        </div>
      )}
    </fieldset>
  )
}
