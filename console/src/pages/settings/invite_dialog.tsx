import type { CreatedInvitation, UserRole } from '@mooring/sdk'
import { useState } from 'react'
import { useWatch } from 'react-hook-form'
import { client } from '../../data/client.ts'
import { queryClient } from '../../data/query_client.ts'
import { InvitationInput } from '../../forms/rules.ts'
import { useForm } from '../../forms/use_form.tsx'
import { useSession } from '../../session.tsx'
import { Button } from '../../ui/button.tsx'
import { ChoiceCards } from '../../ui/choice_cards.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Field, Input } from '../../ui/field.tsx'
import { roleWords } from '../../words/roles.ts'
import { moment } from '../../words/time.ts'
import { peopleRoles } from './role_choices.ts'
import { ShownOnce } from './shown_once.tsx'

interface Invite {
  role: UserRole
  name?: string | undefined
  email?: string | undefined
}

/** An empty text is none. */
const optional = (value: string): string | undefined => (value.trim() === '' ? undefined : value.trim())

export function InviteDialog({ onClose }: { onClose: () => void }) {
  const { user: me } = useSession()
  const [made, setMade] = useState<CreatedInvitation>()
  const { form, field, onSubmit, busy, summary } = useForm<Invite>({
    id: 'invite',
    values: { role: 'developer' },
    schema: InvitationInput,
    fieldOf: (path) => (['role', 'name', 'email'] as const).find((one) => one === path),
    async send({ role, name, email }) {
      setMade(
        await client.invitations.create({
          role,
          ...(name === undefined ? {} : { name }),
          ...(email === undefined ? {} : { email }),
        }),
      )
      await queryClient.invalidateQueries({ queryKey: ['invitations'] })
    },
  })
  const role = useWatch({ control: form.control, name: 'role' })
  if (made !== undefined) {
    return (
      <ShownOnce
        title="The invitation is made"
        label="invitation link"
        value={made.url}
        confirm="I have handed it over"
        onConfirm={onClose}
      >
        <p>
          Mooring sends no mail: give the link to {made.name ?? made.email ?? 'whom you invite'} yourself. It makes one
          account with the role {roleWords[made.role].name}, once, until {moment(made.expiresAt)}.
        </p>
      </ShownOnce>
    )
  }
  return (
    <Dialog
      open
      dismissible={!form.formState.isDirty}
      onClose={onClose}
      title="Invite somebody"
      description="You get a link to hand over; it works once and for seven days."
      size="wide"
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form="invite" look="primary" busy={busy}>
            Make the link
          </Button>
        </>
      }
    >
      <form id="invite" noValidate onSubmit={onSubmit} className="flex flex-col gap-4">
        {summary}
        <ChoiceCards
          {...field('role')}
          legend="Role"
          choices={peopleRoles(me.role)}
          value={role}
          onChange={(value) => form.setValue('role', value as UserRole, { shouldDirty: true })}
        />
        <div className="grid gap-4 sm:grid-cols-2">
          <Field {...field('name')} label="Name" optional>
            {(parts) => <Input {...parts} {...form.register('name', { setValueAs: optional })} />}
          </Field>
          <Field
            {...field('email')}
            label="E-mail address"
            optional
            help="Where it is given, only this address can accept."
          >
            {(parts) => (
              <Input {...parts} {...form.register('email', { setValueAs: optional })} type="email" spellCheck={false} />
            )}
          </Field>
        </div>
      </form>
    </Dialog>
  )
}
