import type { User } from '@mooring/sdk'
import { z } from 'zod'
import { client } from '../../data/client.ts'
import { queryClient } from '../../data/query_client.ts'
import { ownSessions } from '../../data/people.ts'
import { ProfilePatch } from '../../forms/rules.ts'
import { useForm } from '../../forms/use_form.tsx'
import { currentSession } from '../../session.tsx'
import { Button } from '../../ui/button.tsx'
import { Section } from '../../ui/page.tsx'
import { tell } from '../../ui/toast.ts'
import { PasswordField, passwordRule } from '../account/password_field.tsx'

interface Passwords {
  currentPassword: string
  password: string
}

const rules = z.object({
  currentPassword: z.string().min(1, 'Fill this in.'),
  password: ProfilePatch.shape.password.unwrap(),
})
/** Whoever came through the identity provider so far has none to show. */
const firstRules = rules.partial({ currentPassword: true })

export function PasswordForm({ user }: { user: User }) {
  const { form, field, onSubmit, busy, summary } = useForm<Passwords>({
    id: 'password',
    values: { currentPassword: '', password: '' },
    schema: user.hasPassword ? rules : firstRules,
    async send({ currentPassword, password }) {
      await client.session.updateProfile({ password, ...(user.hasPassword ? { currentPassword } : {}) })
      form.reset()
      await Promise.all([queryClient.invalidateQueries(currentSession), queryClient.invalidateQueries(ownSessions)])
      tell('Your password is changed', 'You are signed out everywhere else.')
    },
  })
  return (
    <Section
      title="Password"
      {...(user.hasPassword ? {} : { description: 'You have none: you sign in through the identity provider.' })}
    >
      <form noValidate onSubmit={onSubmit} className="flex flex-col gap-4 p-4">
        {summary}
        {/* Password managers look for whose password it is. */}
        <input type="email" autoComplete="username" value={user.email} readOnly hidden />
        <div className="grid gap-4 sm:grid-cols-2">
          {user.hasPassword && (
            <PasswordField
              {...field('currentPassword')}
              {...form.register('currentPassword')}
              label="Current password"
              autoComplete="current-password"
            />
          )}
          <PasswordField
            {...field('password')}
            {...form.register('password')}
            label="New password"
            autoComplete="new-password"
            help={passwordRule}
          />
        </div>
        <div className="flex flex-wrap items-center justify-between gap-3">
          <p className="min-w-0 text-[13px] text-ink-3">A new password signs you out everywhere else.</p>
          <Button type="submit" busy={busy}>
            {user.hasPassword ? 'Change password' : 'Set password'}
          </Button>
        </div>
      </form>
    </Section>
  )
}
