import type { Scope, Service } from '@mooring/sdk'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { ClipboardPaste, Lock, Plus } from 'lucide-react'
import { useCallback, useEffect, useState } from 'react'
import { client } from '../../data/client.ts'
import { oneService, serviceChanged } from '../../data/services.ts'
import { queryClient } from '../../data/query_client.ts'
import { FieldFacts } from '../../forms/facts.tsx'
import { FormFields } from '../../forms/form_fields.tsx'
import { maxScopes } from '../../forms/rules.ts'
import { announce } from '../../ui/announce.tsx'
import { Button } from '../../ui/button.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Section } from '../../ui/page.tsx'
import { SearchField } from '../../ui/search_field.tsx'
import { Empty } from '../../ui/states.tsx'
import { tellProblem } from '../../ui/toast.ts'
import { wordsFor } from '../../words/problem.ts'
import { useArrival } from './arrival.ts'
import { useBuilder } from './builder_context.tsx'
import { scopeDelimiterField } from './general_fields.ts'
import { PasteScopes } from './paste_scopes.tsx'
import { ScopeForm } from './scope_form.tsx'
import { ScopeTable } from './scope_table.tsx'
import { SideColumn } from './side_column.tsx'
import { useDuplicate } from './service_actions.tsx'

/** What a connection of this service can ask for. */
export function BuilderScopes() {
  const { service, may, draft, definition } = useBuilder()
  useArrival()
  const { values } = definition.state
  return (
    <div className="grid gap-5 xl:grid-cols-[minmax(0,1fr)_26rem] xl:items-start">
      <div className="flex min-w-0 flex-col gap-5">
        <Scopes service={service} may={may} />
        <Section title="How they are sent">
          {draft && may ? (
            <div className="max-w-md p-4">
              <FormFields fields={[scopeDelimiterField]} />
            </div>
          ) : (
            <FieldFacts fields={[scopeDelimiterField]} values={values} />
          )}
        </Section>
      </div>
      <SideColumn />
    </div>
  )
}

function Scopes({ service, may }: { service: Service; may: boolean }) {
  const { scopes } = service
  const { query = '' } = useSearch({ from: '/inside/services/$link/scopes' })
  const navigate = useNavigate()
  const [adding, setAdding] = useState<'no' | 'form' | 'added'>('no')
  const [pasting, setPasting] = useState(false)
  const duplicate = useDuplicate()
  const search = useCallback(
    (text: string) =>
      void navigate({
        to: '/services/$link/scopes',
        params: { link: service.linkName },
        search: text === '' ? {} : { query: text },
        replace: true,
      }),
    [navigate, service.linkName],
  )
  const found = scopes.filter((scope) => isFound(scope, query))
  useEffect(() => {
    if (query !== '') announce(found.length === 1 ? '1 scope' : `${found.length} scopes`)
  }, [found.length, query])
  const locked = service.stage === 'ready' && service.connectionCount > 0
  const full = scopes.length >= maxScopes
  const reload = async (): Promise<void> =>
    serviceChanged(await queryClient.fetchQuery({ ...oneService(service.linkName), staleTime: 0 }))
  const remove = async (ids: string[]): Promise<void> => {
    try {
      await client.services.scopes.deleteMany(service.id, ids)
      announce(ids.length === 1 ? 'Deleted' : `${ids.length} scopes deleted`)
    } catch (error) {
      const { title, detail } = wordsFor(error)
      tellProblem(title, detail)
    }
    await reload()
  }
  return (
    <Section
      title="OAuth Scopes"
      description="What access a connection asks for. Whoever makes one chooses among these by their display names."
      actions={
        may && (
          <div className="flex flex-wrap items-center gap-2">
            <Button size="small" disabled={full} onClick={() => setPasting(true)}>
              <ClipboardPaste aria-hidden className="size-3.5" />
              Paste many
            </Button>
            <Button size="small" look="primary" disabled={full} onClick={() => setAdding('form')}>
              <Plus aria-hidden className="size-3.5" />
              Add Scope
            </Button>
          </div>
        )
      }
    >
      <div className="flex flex-col gap-3 p-4">
        {locked && (
          <Notice
            tone="mute"
            icon={Lock}
            title="These scopes are locked"
            action={
              may && (
                <Button size="small" onClick={() => void duplicate(service)}>
                  Duplicate to change
                </Button>
              )
            }
          >
            {service.connectionCount === 1 ? 'A connection was' : `${service.connectionCount} connections were`}{' '}
            authorized with them, so they cannot be edited or deleted. New ones can be added.
          </Notice>
        )}
        <div className="flex flex-wrap items-center justify-between gap-2">
          {scopes.length > 0 && (
            <SearchField
              label="Search scopes by name or value"
              value={query}
              onSearch={search}
              className="w-full max-w-sm"
            />
          )}
          <p className="ml-auto text-[13px] text-ink-3 tabular" data-testid="scope-count">
            {scopes.length} of {maxScopes}
            {full && '. A service holds no more.'}
          </p>
        </div>
        {adding !== 'no' && (
          <ScopeForm
            service={service}
            added={adding === 'added'}
            full={full}
            onAgain={() => setAdding('form')}
            onClose={() => setAdding('no')}
            onStored={async () => {
              // The list first: it moves what stands below its search, which nobody should be about to press.
              await reload()
              setAdding('added')
            }}
          />
        )}
        {scopes.length === 0 && adding === 'no' && (
          <Empty
            title="We strongly recommend adding scopes"
            action={
              may && (
                <Button look="primary" onClick={() => setAdding('form')}>
                  <Plus aria-hidden className="size-4" />
                  Add Scope
                </Button>
              )
            }
          >
            Without any, the provider decides what access a connection gets, often none.
          </Empty>
        )}
        {scopes.length > 0 && found.length === 0 && (
          <Empty title={`No scope fits “${query}”`} action={<Button onClick={() => search('')}>Clear search</Button>} />
        )}
        {found.length > 0 && (
          <ScopeTable service={service} scopes={found} locked={locked || !may} onDelete={remove} onStored={reload} />
        )}
      </div>
      {pasting && <PasteScopes service={service} onClose={() => setPasting(false)} onStored={reload} />}
    </Section>
  )
}

function isFound({ name, value }: Scope, query: string): boolean {
  const wanted = query.toLowerCase()
  return name.toLowerCase().includes(wanted) || value.toLowerCase().includes(wanted)
}
