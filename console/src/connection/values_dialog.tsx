import type { PromptField } from '@mooring/sdk'
import { MooringError } from '@mooring/sdk'
import { type FocusEvent, useId, useState } from 'react'
import { useForm } from '../forms/use_form.tsx'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Field, Input } from '../ui/field.tsx'
import { Notice } from '../ui/notice.tsx'
import { SecretInput } from '../ui/secret_input.tsx'
import type { Acts, Step } from './authorizing_step.ts'

type Props = Extract<Step, { is: 'asking_values' }> & { acts: Acts }

/** By their place: a key may hold dots and brackets, which a form would take for a path. */
interface Values {
  values: string[]
}

/** Asks for what the service needs, by the service's own labels, all at once. */
export function ValuesDialog({ connection, user, fields, acts }: Props) {
  const [trimmed, setTrimmed] = useState<readonly number[]>([])
  const [refusal, setRefusal] = useState<MooringError>()
  const id = useId()
  const { form, field, onSubmit, busy, summary } = useForm<Values>({
    id,
    values: { values: fields.map(() => '') },
    fieldOf: (path) => {
      const index = fields.findIndex(({ key }) => path === `credentials.${key}`)
      return index === -1 ? undefined : `values.${index}`
    },
    send: async ({ values }) => {
      setRefusal(undefined)
      const given = fields.flatMap(({ key }, index) => {
        const value = (values[index] ?? '').trim()
        return value === '' ? [] : [[key, value] as const]
      })
      try {
        await acts.sendValues(Object.fromEntries(given))
      } catch (error) {
        if (!isRefusal(error)) throw error
        setRefusal(error)
      }
    },
  })
  const trim = (index: number, value: string): void => {
    if (value === value.trim()) return
    form.setValue(`values.${index}`, value.trim())
    setTrimmed((before) => [...before, index])
  }
  return (
    <Dialog
      open
      onClose={acts.dismiss}
      dismissible={!busy}
      title={`Connect ${connection.name}`}
      description={`${connection.service.name} asks for ${fields.length === 1 ? 'this value' : 'these values'}. What you enter is stored encrypted and never shown again.`}
      footer={
        <>
          <Button onClick={acts.dismiss}>Cancel</Button>
          <Button look="primary" type="submit" form={id} busy={busy}>
            Connect
          </Button>
        </>
      }
    >
      <form id={id} noValidate autoComplete="off" onSubmit={onSubmit} className="flex flex-col gap-4">
        {refusal === undefined ? (
          summary
        ) : (
          <Notice tone="bad" live title={`${connection.service.name} said no to ${namesOf(fields)}`}>
            <p>{refusal.message}</p>
            {refusal.hint !== undefined && <p>{refusal.hint}</p>}
          </Notice>
        )}
        {user !== undefined && <p className="text-ink-2">For user {user}.</p>}
        {fields.map(({ key, label, secret, required, help }, index) => {
          const { onBlur, ...registered } = form.register(`values.${index}`, {
            validate: (value) => !required || value.trim() !== '' || `Fill in ${label}.`,
          })
          const Control = secret ? SecretInput : Input
          return (
            <Field
              key={key}
              {...field(`values.${index}`)}
              label={label}
              required={required}
              optional={!required}
              help={trimmed.includes(index) ? 'Spaces around the value were removed.' : help}
            >
              {(parts) => (
                <Control
                  {...parts}
                  {...registered}
                  autoComplete="off"
                  onBlur={(event: FocusEvent<HTMLInputElement>) => {
                    trim(index, event.target.value)
                    void onBlur(event)
                  }}
                />
              )}
            </Field>
          )
        })}
      </form>
    </Dialog>
  )
}

/** The values were understood, and not accepted. */
function isRefusal(error: unknown): error is MooringError {
  return error instanceof MooringError && error.code === 'credentials_rejected' && error.errors.length === 0
}

/** "this Your weather key", "these values". */
function namesOf(fields: PromptField[]): string {
  const [only] = fields
  return fields.length === 1 && only !== undefined
    ? `this ${only.label}`
    : fields.map(({ label }) => label).join(' and ')
}
