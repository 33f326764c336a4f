import type { Service } from '@mooring/sdk'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { lazy, Suspense } from 'react'
import { client } from '../../data/client.ts'
import { serviceChanged } from '../../data/services.ts'
import { ServiceInput } from '../../forms/rules.ts'
import { useForm } from '../../forms/use_form.tsx'
import { useMay } from '../../session.tsx'
import { Button } from '../../ui/button.tsx'
import { Field, Input, TextArea } from '../../ui/field.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Page } from '../../ui/page.tsx'
import { SkeletonRows } from '../../ui/states.tsx'
import { TabLinks } from '../../ui/tab_links.tsx'
import { tell } from '../../ui/toast.ts'
import { QuickForm } from './quick_form.tsx'

const StartFrom = lazy(() => import('./start/start_from.tsx').then(({ StartFrom }) => ({ default: StartFrom })))

const back = { label: 'Custom services', link: { to: '/services' as const } }

const leads = {
  steps: 'A name is enough to begin; the rest follows step by step and is saved as you go.',
  quick: 'Everything on one page: what you create here is Ready at once.',
  start: 'A document, a command or a URL that you have already becomes a draft to look through.',
}

/** Step by step in the builder, everything on one page, or from what somebody has. */
export function CreateServicePage() {
  const { name, form } = useSearch({ from: '/inside/services/new' })
  const may = useMay('manage')
  const navigate = useNavigate()
  const kept = name === undefined ? {} : { name }
  const created = (service: Service): void => {
    tell(`${service.name} is Ready`, 'Add a connection to use it.')
    void navigate({ to: '/services/$link/security', params: { link: service.linkName }, ignoreBlocker: true })
  }
  return (
    <Page
      title="Create Service"
      back={back}
      width={form === undefined ? 'narrow' : 'normal'}
      lead={leads[form ?? 'steps']}
    >
      {may ? (
        <>
          <TabLinks
            label="Ways to create a service"
            tabs={[
              { label: 'Step by step', link: { to: '/services/new', search: kept }, current: form === undefined },
              {
                label: 'On one page',
                link: { to: '/services/new', search: { ...kept, form: 'quick' } },
                current: form === 'quick',
              },
              {
                label: 'Start from…',
                link: { to: '/services/new', search: { ...kept, form: 'start' } },
                current: form === 'start',
              },
            ]}
          />
          {form === 'quick' ? (
            <QuickForm onCreated={created} {...(name === undefined ? {} : { initialName: name })} />
          ) : form === 'start' ? (
            <Suspense fallback={<SkeletonRows rows={3} />}>
              <StartFrom />
            </Suspense>
          ) : (
            <NewDraft name={name ?? ''} />
          )}
        </>
      ) : (
        <Notice tone="info">
          You may look at services but not create them. Ask an owner or an admin for another role, or go back to{' '}
          <Link to="/services" className="underline">
            Custom services
          </Link>
          .
        </Notice>
      )}
    </Page>
  )
}

const rules = ServiceInput.pick({ name: true, description: true })

/** Asks only for the name and the description, then opens the builder. */
function NewDraft({ name }: { name: string }) {
  const navigate = useNavigate()
  const { form, field, onSubmit, busy, summary } = useForm<{ name: string; description: string }>({
    id: 'new-service',
    values: { name, description: '' },
    schema: rules,
    send: async (values) => {
      const service = await client.services.create(values)
      await serviceChanged(service)
      await navigate({ to: '/services/$link/general', params: { link: service.linkName } })
    },
  })
  return (
    <form noValidate onSubmit={onSubmit} className="flex max-w-lg flex-col gap-4">
      {summary}
      <Field
        {...field('name')}
        label="Service Name"
        also="Connector Name"
        help="What people see when they choose it, such as Harbour CRM."
        required
      >
        {(parts) => (
          <Input
            {...parts}
            // oxlint-disable-next-line jsx-a11y/no-autofocus -- the page is for naming it
            autoFocus
            {...form.register('name')}
          />
        )}
      </Field>
      <Field {...field('description')} label="Description" optional>
        {(parts) => <TextArea {...parts} rows={2} {...form.register('description')} />}
      </Field>
      <div className="flex gap-2">
        <Button type="submit" look="primary" busy={busy}>
          Create Service
        </Button>
      </div>
    </form>
  )
}
