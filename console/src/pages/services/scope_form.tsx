import type { Service } from '@mooring/sdk'
import { Plus } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { client } from '../../data/client.ts'
import { ScopeInput } from '../../forms/rules.ts'
import { useForm } from '../../forms/use_form.tsx'
import { Button } from '../../ui/button.tsx'
import { Field, Input } from '../../ui/field.tsx'

interface ScopeFormProps {
  service: Service
  /** True right after one was added: another can follow. */
  added: boolean
  full: boolean
  onAgain: () => void
  onClose: () => void
  onStored: () => Promise<void>
}

/** **Add**, then **Add New** for more. */
export function ScopeForm({ service, added, full, onAgain, onClose, onStored }: ScopeFormProps) {
  const again = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    if (added) again.current?.focus()
  }, [added])
  if (added) {
    return (
      <div className="flex gap-2">
        <Button ref={again} size="small" disabled={full} onClick={onAgain}>
          <Plus aria-hidden className="size-3.5" />
          Add New
        </Button>
      </div>
    )
  }
  return <Fields service={service} onClose={onClose} onStored={onStored} />
}

/** An empty name is made from the value. */
export const emptyAsNone = { setValueAs: (value: string) => (value === '' ? undefined : value) }

function Fields({ service, onClose, onStored }: Pick<ScopeFormProps, 'service' | 'onClose' | 'onStored'>) {
  const { form, field, onSubmit, busy, summary } = useForm<{ name?: string; value: string }>({
    id: 'scope',
    values: { name: '', value: '' },
    schema: ScopeInput,
    send: async ({ name, value }) => {
      await client.services.scopes.add(service.id, { value, ...(name === undefined ? {} : { name }) })
      await onStored()
    },
  })
  return (
    <form noValidate onSubmit={onSubmit} className="flex flex-col gap-3 rounded-md border border-line bg-ground p-3">
      {summary}
      <div className="grid gap-3 sm:grid-cols-2">
        <Field {...field('name')} label="Scope Display Name" help="Made from the value if empty." optional>
          {(parts) => (
            <Input
              {...parts}
              // oxlint-disable-next-line jsx-a11y/no-autofocus -- it opened since somebody asked for it
              autoFocus
              placeholder="Read contacts"
              {...form.register('name', emptyAsNone)}
            />
          )}
        </Field>
        <Field {...field('value')} label="Scope Value" help="As the provider writes it." required>
          {(parts) => (
            <Input
              {...parts}
              placeholder="contacts.read"
              spellCheck={false}
              autoCapitalize="none"
              className="font-mono text-[13px]"
              {...form.register('value')}
            />
          )}
        </Field>
      </div>
      <div className="flex gap-2">
        <Button type="submit" look="primary" size="small" busy={busy}>
          Add
        </Button>
        <Button size="small" onClick={onClose}>
          Cancel
        </Button>
      </div>
    </form>
  )
}
