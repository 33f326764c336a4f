import type { FormField, Service } from '@mooring/sdk'
import { client } from '../../data/client.ts'
import { serviceChanged } from '../../data/services.ts'
import { useForm } from '../../forms/use_form.tsx'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Field } from '../../ui/field.tsx'
import { SecretInput } from '../../ui/secret_input.tsx'
import { tell } from '../../ui/toast.ts'

interface ReplaceDialogProps {
  field: FormField
  service: Service
  onClose: () => void
}

export function ReplaceDialog({ field, service, onClose }: ReplaceDialogProps) {
  const {
    form,
    field: parts,
    onSubmit,
    busy,
    summary,
  } = useForm<{ secret: string }>({
    id: 'replace',
    values: { secret: '' },
    // Whatever the server says of it is about the one field there is.
    fieldOf: () => 'secret',
    send: async ({ secret }) => {
      const changed = await client.services.replaceSecrets(service.id, { [field.name]: secret })
      onClose()
      tell(`${field.title} replaced`)
      await serviceChanged(changed)
    },
  })
  const { id, error } = parts('secret')
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Replace ${field.title}`}
      description="The new one is used from the next request to the provider on. Connections stay as they are."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" busy={busy} onClick={() => onSubmit()}>
            Replace
          </Button>
        </>
      }
    >
      <form noValidate onSubmit={onSubmit} className="flex flex-col gap-3">
        {summary}
        <Field id={id} label={`New ${field.title}`} help={field.description} error={error} required>
          {(wired) => <SecretInput {...wired} {...form.register('secret')} />}
        </Field>
      </form>
    </Dialog>
  )
}
