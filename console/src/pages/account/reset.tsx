import { MooringError } from '@mooring/sdk'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { client } from '../../data/client.ts'
import { setLink } from '../../data/link_state.ts'
import { PasswordResetInput } from '../../forms/rules.ts'
import { useForm } from '../../forms/use_form.tsx'
import { signedIn } from '../../session.tsx'
import { Button } from '../../ui/button.tsx'
import { DeadLink } from './dead_link.tsx'
import { useLinkToken } from './link_token.ts'
import { Outside } from './outside.tsx'
import { PasswordField, passwordRule } from './password_field.tsx'

const rules = PasswordResetInput.omit({ token: true })

/** A new password, with the link that an owner or an admin made. */
export function ResetPage() {
  const token = useLinkToken()
  const [over, setOver] = useState<string>()
  const navigate = useNavigate()
  const { form, field, onSubmit, busy, summary } = useForm<{ password: string }>({
    id: 'reset',
    values: { password: '' },
    schema: rules,
    async send({ password }) {
      try {
        await signedIn(await client.session.resetPassword({ token, password }))
      } catch (error) {
        if (error instanceof MooringError && error.status === 404) setOver(token)
        throw error
      }
      setLink('up')
      await navigate({ to: '/connections', replace: true })
    },
  })
  if (token === '' || token === over)
    return <DeadLink token={token} life="an hour" ask="Ask an owner or an admin for a new one." />
  return (
    <Outside title="Choose a new password" lead="It signs you in here, and out everywhere else.">
      <form noValidate onSubmit={onSubmit} className="flex flex-col gap-4">
        {summary}
        <PasswordField
          {...field('password')}
          {...form.register('password')}
          label="New password"
          autoComplete="new-password"
          help={passwordRule}
        />
        <Button type="submit" look="primary" busy={busy}>
          Save and sign in
        </Button>
      </form>
    </Outside>
  )
}
