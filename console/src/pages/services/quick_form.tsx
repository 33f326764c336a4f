/** The builder's fields on one page; with `withConnection` a connection is made in the same step. */
import { type AuthType, type Connection, MooringError, type Service } from '@mooring/sdk'
import { useQuery } from '@tanstack/react-query'
import { useMemo, useState, type FormEvent } from 'react'
import { client } from '../../data/client.ts'
import { connectionChanged } from '../../data/connections.ts'
import { authTypes, serviceChanged } from '../../data/services.ts'
import { system } from '../../data/system.ts'
import { controlId, FormContext } from '../../forms/form_context.tsx'
import { FormFields } from '../../forms/form_fields.tsx'
import { linkNameFrom } from '../../forms/rules.ts'
import { type FormValues, isRecord, valuesOf } from '../../forms/values.ts'
import { Button } from '../../ui/button.tsx'
import { ErrorSummary } from '../../ui/error_summary.tsx'
import { Section } from '../../ui/page.tsx'
import { LoadError, SkeletonRows } from '../../ui/states.tsx'
import { wordsFor } from '../../words/problem.ts'
import { CallbackSection } from './callback_section.tsx'
import { callbackIdFor, forgetCallbackId } from '../connections/callback_id.ts'
import {
  connectionField,
  connectionInput,
  connectionProblems,
  connectionValues,
  withConnectionNamed,
} from './connection_part.ts'
import { emptyAuth } from './definition.ts'
import { apiFields, generalFields, scopeDelimiterField, scopesField } from './general_fields.ts'
import { IdentityFields } from './identity_fields.tsx'
import { LeaveGuard } from './leave_guard.tsx'
import { Hints, Warnings, WhatWeSend } from './preview_column.tsx'
import { ScopePasteBox } from './scope_paste_box.tsx'
import { titleAt } from './titles.ts'
import { TypeCards } from './type_cards.tsx'
import { useDefinition } from './use_definition.ts'

export interface WithConnection {
  onConnected: (connection: Connection) => void
  /**
   * Called in the click itself, before anything is sent: the only moment at which a window may be opened. `redirects`:
   * whether a person will be sent to the provider. What it gives back is called if nothing comes of it.
   */
  onBeforeSend?: (redirects: boolean) => (() => void) | undefined
}

export interface QuickFormProps {
  /** Of a service alone. */
  onCreated?: (service: Service) => void
  initialName?: string
  /** Makes a connection in the same step: both are stored, or neither. */
  withConnection?: WithConnection
}

export function QuickForm(props: QuickFormProps) {
  const types = useQuery(authTypes)
  if (types.data !== undefined) return <Loaded {...props} types={types.data} />
  if (types.error !== null) {
    return <LoadError error={types.error} retrying={types.isFetching} onRetry={() => void types.refetch()} />
  }
  return <SkeletonRows />
}

/** Under what the callback URL is kept until a service has it: what was registered already must not change by a reload. */
const draft = 'quick form'

const jointPart = { field: connectionField, problems: connectionProblems, follow: withConnectionNamed }

function Loaded({
  onCreated,
  initialName = '',
  withConnection,
  types,
}: QuickFormProps & { types: readonly AuthType[] }) {
  const joint = withConnection !== undefined
  const [start] = useState<FormValues>(() => ({
    ...valuesOf(generalFields, { name: initialName, linkName: initialName === '' ? '' : linkNameFrom(initialName) }),
    auth: { type: '' },
    ...(joint ? { connection: connectionValues(initialName) } : {}),
  }))
  const [busy, setBusy] = useState(false)
  const [done, setDone] = useState(false)
  const [homeless, setHomeless] = useState<string[]>([])
  /** What was typed for the other types: choosing one to look at it costs nothing. */
  const [shelf, setShelf] = useState<Record<string, FormValues>>({})
  const [id] = useState(() => callbackIdFor(draft))
  const also = useMemo(() => ({ callbackId: id }), [id])
  const definition = useDefinition({
    id: 'quick',
    types,
    general: generalFields,
    initial: start,
    also,
    ...(joint ? { joint: jointPart } : {}),
  })
  const { state, handle, type, input, preview, certain, tell } = definition
  const redirects = type?.redirects === true && (preview.preview?.redirects ?? true)
  const publicUrl = useQuery(system).data?.publicUrl

  const choose = (chosen: AuthType): void => {
    const { auth } = state.values
    if (isRecord(auth) && type !== undefined) setShelf((before) => ({ ...before, [type.type]: auth }))
    state.replace((before) => ({ ...before, auth: shelf[chosen.type] ?? emptyAuth(chosen) }))
  }
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    setHomeless([])
    state.submit()
    // What was said of other values is no reason to refuse: the server judges what is sent.
    if (certain.length > 0 || busy) return
    const undo = withConnection?.onBeforeSend?.(redirects)
    void send().catch(() => undo?.())
  }
  const send = async (): Promise<void> => {
    const { values } = state
    const service = { ...input, stage: 'ready', ...(type?.scopes === true ? {} : { scopes: [] }) }
    setBusy(true)
    try {
      if (withConnection === undefined) {
        const created = await client.services.create(service as Parameters<typeof client.services.create>[0])
        forgetCallbackId(draft)
        setDone(true)
        await serviceChanged(created)
        onCreated?.(created)
        return
      }
      const body = { ...connectionInput(values), service }
      const connection = await client.connections.create(body as Parameters<typeof client.connections.create>[0])
      forgetCallbackId(draft)
      setDone(true)
      await connectionChanged(connection)
      withConnection.onConnected(connection)
    } catch (error) {
      const errors = error instanceof MooringError ? error.errors : []
      const lost = tell(
        errors.map((each) => ({ ...each, path: joint ? placeJoint(each.path) : each.path })),
        values,
      )
      setHomeless(errors.length === 0 ? [sentence(error)] : lost.map(({ path, message }) => `${path}: ${message}`))
      state.submit()
      throw error
    } finally {
      setBusy(false)
    }
  }

  return (
    <FormContext value={handle}>
      <form noValidate onSubmit={submit} className="grid gap-5 xl:grid-cols-[minmax(0,1fr)_24rem] xl:items-start">
        <div className="flex min-w-0 flex-col gap-5">
          {state.submitted && (
            <ErrorSummary
              attempt={state.attempt}
              errors={[
                ...certain.map(({ path, message }) => ({
                  field: controlId('quick', path),
                  label: titleAt(definition, path),
                  message,
                })),
                ...homeless.map((message) => ({ message })),
              ]}
            />
          )}
          <Section title="Service Details">
            <div className="flex flex-col gap-4 p-4">
              <IdentityFields />
            </div>
          </Section>
          <Section>
            <div className="p-4">
              <TypeCards types={types} type={type} onChoose={choose} />
            </div>
          </Section>
          {redirects && publicUrl !== undefined && <CallbackSection url={`${publicUrl}/oauth/callback/${id}`} />}
          {type !== undefined && (
            <Section title={`${type.title} settings`}>
              <div className="flex flex-col gap-4 p-4">
                <FormFields fields={type.fields} under="auth" />
              </div>
            </Section>
          )}
          {type?.scopes === true && (
            <Section title="Scopes" description="What access a connection asks for. We strongly recommend adding them.">
              <div className="flex flex-col gap-4 p-4">
                <FormFields fields={[scopesField]} />
                <ScopePasteBox />
                <FormFields fields={[scopeDelimiterField]} />
              </div>
            </Section>
          )}
          <Section title="The API" description="Where calls go, and where the credential may go with them.">
            <div className="flex flex-col gap-4 p-4">
              <FormFields fields={apiFields} />
            </div>
          </Section>
          {joint && (
            <Section title="Connection Details" description="One authorized use of the service.">
              <div className="flex flex-col gap-4 p-4">
                <FormFields fields={connectionField(state.values).fields ?? []} under="connection" />
              </div>
            </Section>
          )}
          <div className="flex flex-wrap items-center gap-3">
            <Button type="submit" look="primary" busy={busy}>
              {joint ? 'Create and Connect' : 'Create Service'}
            </Button>
            <span className="text-[13px] text-ink-3">
              {joint
                ? 'Service and connection are stored together, or neither is.'
                : 'How it authenticates cannot be changed afterwards; its secrets can.'}
            </span>
          </div>
        </div>
        <aside aria-label="Preview" className="flex min-w-0 flex-col gap-4 xl:sticky xl:top-6">
          <Hints definition={definition} />
          <WhatWeSend definition={definition} />
          <Warnings definition={definition} />
        </aside>
      </form>
      <LeaveGuard dirty={!done && typed(state.values) !== typed(start)} />
    </FormContext>
  )
}

/** What would be lost; a link name that was made from the name is not. */
function typed(values: FormValues): string {
  return JSON.stringify({ ...values, linkName: '' })
}

/** The reply to a service and a connection in one names the parts of the service under it. */
function placeJoint(path: string): string {
  return path.startsWith('service.') ? path.slice('service.'.length) : `connection.${path}`
}

function sentence(error: unknown): string {
  const { title, detail, hint } = wordsFor(error)
  return [title === detail ? undefined : `${title}.`, detail, hint].filter((part) => part !== undefined).join(' ')
}
