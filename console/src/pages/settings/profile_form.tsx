import type { User } from '@mooring/sdk'
import { client } from '../../data/client.ts'
import { queryClient } from '../../data/query_client.ts'
import { resetTo } from '../../forms/reset_to.ts'
import { ProfilePatch } from '../../forms/rules.ts'
import { useForm } from '../../forms/use_form.tsx'
import { currentSession } from '../../session.tsx'
import { Button } from '../../ui/button.tsx'
import { Field, Input } from '../../ui/field.tsx'
import { Section } from '../../ui/page.tsx'
import { tell } from '../../ui/toast.ts'
import { roleWords } from '../../words/roles.ts'

const rules = ProfilePatch.pick({ name: true, email: true })

export function ProfileForm({ user }: { user: User }) {
  const { form, field, onSubmit, busy, summary } = useForm<{ name: string; email: string }>({
    id: 'profile',
    values: { name: user.name, email: user.email },
    schema: rules,
    async send(given) {
      const { name, email } = await client.session.updateProfile(given)
      resetTo(form, { name, email }, given)
      await Promise.all([
        queryClient.invalidateQueries(currentSession),
        queryClient.invalidateQueries({ queryKey: ['users'] }),
      ])
      tell('Your account is saved')
    },
  })
  const { name: role, may } = roleWords[user.role]
  return (
    <Section title="You">
      <form noValidate onSubmit={onSubmit} className="flex flex-col gap-4 p-4">
        {summary}
        <div className="grid gap-4 sm:grid-cols-2">
          <Field {...field('name')} label="Name" required>
            {(parts) => <Input {...parts} {...form.register('name')} autoComplete="name" />}
          </Field>
          <Field {...field('email')} label="E-mail address" required>
            {(parts) => (
              <Input {...parts} {...form.register('email')} type="email" autoComplete="username" spellCheck={false} />
            )}
          </Field>
        </div>
        <div className="flex flex-wrap items-center justify-between gap-3">
          <p className="min-w-0 text-[13px] text-ink-3">
            Your role is <span className="font-medium text-ink-2">{role}</span>. {may}.
          </p>
          <Button type="submit" busy={busy}>
            Save
          </Button>
        </div>
      </form>
    </Section>
  )
}
