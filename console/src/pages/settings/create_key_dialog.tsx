import type { CreatedApiKey, Role } from '@mooring/sdk'
import { useState } from 'react'
import { useWatch } from 'react-hook-form'
import { client } from '../../data/client.ts'
import { queryClient } from '../../data/query_client.ts'
import { keyForm } from './key_rules.ts'
import { useForm } from '../../forms/use_form.tsx'
import { useSession } from '../../session.tsx'
import { Button } from '../../ui/button.tsx'
import { ChoiceCards } from '../../ui/choice_cards.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Field, Input, Select } from '../../ui/field.tsx'
import { ConnectionChoice } from './connection_choice.tsx'
import { type ExpiryChoice, expiresAtOf, expiryChoices } from './expiry.ts'
import { FirstCall } from './first_call.tsx'
import { keyRoles } from './role_choices.ts'
import { ShownOnce } from './shown_once.tsx'

interface KeyForm {
  name: string
  role: Role
  connections: string[]
  expiry: ExpiryChoice
  date: string
}

export function CreateKeyDialog({ onClose }: { onClose: () => void }) {
  const { user: me } = useSession()
  const [made, setMade] = useState<CreatedApiKey>()
  const { form, field, onSubmit, busy, summary } = useForm<KeyForm>({
    id: 'key',
    values: { name: '', role: 'invoke', connections: [], expiry: 'never', date: '' },
    schema: keyForm,
    fieldOf: (path) => (path === 'expiresAt' ? 'date' : keyFields.find((one) => path.split('.')[0] === one)),
    async send({ name, role, connections, expiry, date }) {
      const expiresAt = expiresAtOf(expiry, date, Date.now())
      setMade(
        await client.keys.create({
          name,
          role,
          ...(role === 'invoke' ? { connections } : {}),
          ...(expiresAt === undefined ? {} : { expiresAt }),
        }),
      )
      await queryClient.invalidateQueries({ queryKey: ['api-keys'] })
    },
  })
  const [role, connections, expiry] = useWatch({ control: form.control, name: ['role', 'connections', 'expiry'] })
  const checked = { shouldDirty: true, shouldValidate: form.formState.isSubmitted }
  if (made !== undefined) {
    return (
      <ShownOnce
        title={`The key of ${made.name}`}
        label="API key"
        value={made.key}
        confirm="I've saved this key"
        onConfirm={onClose}
      >
        <FirstCall connection={made.connections?.[0]} />
      </ShownOnce>
    )
  }
  return (
    <Dialog
      open
      dismissible={!form.formState.isDirty}
      onClose={onClose}
      title="Create an API key"
      size="wide"
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form="key" look="primary" busy={busy}>
            Create key
          </Button>
        </>
      }
    >
      <form id="key" noValidate onSubmit={onSubmit} className="flex flex-col gap-4">
        {summary}
        <Field
          {...field('name')}
          label="Name"
          required
          help="The program that uses it: then you know whom it concerns."
        >
          {(parts) => <Input {...parts} {...form.register('name')} />}
        </Field>
        <ChoiceCards
          {...field('role')}
          legend="Role"
          choices={keyRoles(me.role)}
          value={role}
          onChange={(value) => form.setValue('role', value as Role, checked)}
        />
        {role === 'invoke' && (
          <ConnectionChoice
            {...field('connections')}
            chosen={connections}
            onChange={(chosen) => form.setValue('connections', chosen, checked)}
          />
        )}
        <div className="grid gap-4 sm:grid-cols-2">
          <Field {...field('expiry')} label="Expires">
            {(parts) => (
              <Select {...parts} {...form.register('expiry')}>
                {expiryChoices.map(({ value, label }) => (
                  <option key={value} value={value}>
                    {label}
                  </option>
                ))}
              </Select>
            )}
          </Field>
          {expiry === 'date' && (
            <Field {...field('date')} label="Last day" required help="It works to the end of this day.">
              {(parts) => <Input {...parts} {...form.register('date')} type="date" />}
            </Field>
          )}
        </div>
      </form>
    </Dialog>
  )
}

const keyFields = ['name', 'role', 'connections'] as const
