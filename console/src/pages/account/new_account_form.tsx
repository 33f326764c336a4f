import type { Session } from '@mooring/sdk'
import { useNavigate } from '@tanstack/react-router'
import type { z } from 'zod'
import { setLink } from '../../data/link_state.ts'
import { useForm } from '../../forms/use_form.tsx'
import { signedIn } from '../../session.tsx'
import { Button } from '../../ui/button.tsx'
import { Field, Input } from '../../ui/field.tsx'
import { PasswordField, passwordRule } from './password_field.tsx'

export interface NewAccount {
  name: string
  email: string
  password: string
}

interface NewAccountFormProps {
  id: string
  schema: z.ZodType
  button: string
  /** What is known already. An address that is given stays. */
  given?: { name?: string | null; email?: string | null }
  send: (account: NewAccount) => Promise<Session>
}

/** Name, address, password: the owner's, and everybody's who was invited. */
export function NewAccountForm({ id, schema, button, given, send }: NewAccountFormProps) {
  const navigate = useNavigate()
  const { form, field, onSubmit, busy, summary } = useForm<NewAccount>({
    id,
    values: { name: given?.name ?? '', email: given?.email ?? '', password: '' },
    schema,
    async send(account) {
      await signedIn(await send(account))
      setLink('up')
      await navigate({ to: '/connections', replace: true })
    },
  })
  const fixed = typeof given?.email === 'string'
  return (
    <form noValidate onSubmit={onSubmit} className="flex flex-col gap-4">
      {summary}
      <Field {...field('name')} label="Name" required>
        {(parts) => <Input {...parts} {...form.register('name')} autoComplete="name" />}
      </Field>
      <Field
        {...field('email')}
        label="E-mail address"
        required
        help={fixed ? 'The invitation is for this address.' : 'You sign in with it. Mooring sends no mail.'}
      >
        {(parts) => (
          <Input
            {...parts}
            {...form.register('email')}
            type="email"
            autoComplete="username"
            spellCheck={false}
            readOnly={fixed}
          />
        )}
      </Field>
      <PasswordField
        {...field('password')}
        {...form.register('password')}
        autoComplete="new-password"
        help={passwordRule}
      />
      <Button type="submit" look="primary" busy={busy}>
        {button}
      </Button>
    </form>
  )
}
