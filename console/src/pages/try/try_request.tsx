import type { Connection } from '@mooring/sdk'
import { useQuery } from '@tanstack/react-query'
import { Link, useSearch } from '@tanstack/react-router'
import { useEffect, useEffectEvent, useState } from 'react'
import { curlFor } from '../../connection/curl.ts'
import { allConnections } from '../../data/connections.ts'
import { oneService } from '../../data/services.ts'
import { commandKey } from '../../layout/shortcuts.ts'
import { Button, buttonClass } from '../../ui/button.tsx'
import { CopyButton } from '../../ui/copy.tsx'
import { ErrorSummary } from '../../ui/error_summary.tsx'
import { Field } from '../../ui/field.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Page, Section } from '../../ui/page.tsx'
import { Empty, LoadError, SkeletonRows } from '../../ui/states.tsx'
import { ConnectionPicker } from './connection_picker.tsx'
import { type Draft, faultsOf, named, type Part, withQuery, writtenBody } from './draft.ts'
import { PastRequests } from './past_requests.tsx'
import { useReadiness } from './readiness.tsx'
import { RequestForm } from './request_form.tsx'
import { Results } from './results.tsx'
import { useSending } from './sending.ts'
import { useDraft } from './use_draft.ts'

export function TryRequestPage() {
  const connections = useQuery(allConnections)
  return (
    <Page title="Try a request" width="wide" lead="Send a request through a connection and see what the API answers.">
      {connections.isError && (
        <LoadError
          error={connections.error}
          retrying={connections.isFetching}
          onRetry={() => void connections.refetch()}
        />
      )}
      {connections.isPending && <SkeletonRows rows={4} />}
      {connections.data?.length === 0 && (
        <Empty
          title="No connections yet"
          action={
            <Link to="/connections/new" className={buttonClass({ look: 'primary' })}>
              Add Connection
            </Link>
          }
        >
          A request goes through a connection, which puts the credential on. Connect something first.
        </Empty>
      )}
      {connections.data !== undefined && connections.data.length > 0 && <Workbench connections={connections.data} />}
    </Page>
  )
}

function Workbench({ connections }: { connections: readonly Connection[] }) {
  const { connection: chosen } = useSearch({ from: '/inside/try' })
  const connection = connections.find(({ linkName }) => linkName === chosen) ?? null
  const service = useQuery({ ...oneService(connection?.service.linkName ?? ''), enabled: connection !== null }).data
  const { draft, change, restore, choose } = useDraft(service)
  const { ready, notice } = useReadiness(connection)
  const sending = useSending()
  const [attempt, setAttempt] = useState(0)
  const faults = connection === null ? {} : faultsOf(draft, connection)
  const told = attempt > 0 ? faults : {}
  const send = (): void => {
    setAttempt((before) => before + 1)
    if (connection !== null && ready && Object.keys(faults).length === 0) sending.send(connection, draft)
  }
  useSendKey(send)
  return (
    <div className="grid items-start gap-5 xl:grid-cols-2">
      <form
        noValidate
        className="min-w-0"
        onSubmit={(event) => {
          event.preventDefault()
          send()
        }}
      >
        <Section>
          <div className="flex flex-col gap-5 p-4">
            <ErrorSummary
              errors={(Object.keys(told) as Part[]).map((part) => ({
                field: `try-${part}`,
                message: told[part] ?? '',
              }))}
              attempt={attempt}
            />
            <Field label="Connection" id="try-connection">
              {({ id }) => (
                <ConnectionPicker
                  id={id}
                  connections={connections}
                  value={connection}
                  onChange={({ linkName }) => choose(linkName)}
                />
              )}
            </Field>
            {chosen !== undefined && connection === null && (
              <Notice tone="warn" title={`There is no connection ${chosen}`}>
                It was deleted, or the address is wrong. Choose another.
              </Notice>
            )}
            {notice}
            {connection !== null && (
              <RequestForm connection={connection} service={service} draft={draft} onChange={change} faults={told} />
            )}
          </div>
          {connection !== null && (
            <div className="flex flex-wrap items-center justify-between gap-2 border-t border-line px-4 py-3">
              <CopyButton text={curlOf(connection, draft)} label="Copy as curl" />
              <Button type="submit" look="primary" disabled={!ready} busy={sending.since !== undefined}>
                Send
                <kbd aria-hidden className="rounded-sm border border-current/40 px-1 font-sans text-xs max-sm:hidden">
                  {commandKey}Enter
                </kbd>
              </Button>
            </div>
          )}
        </Section>
      </form>
      <div className="flex min-w-0 flex-col gap-5">
        <Results sending={sending} connection={connection} service={service} draft={draft} />
        <PastRequests onRestore={restore} />
      </div>
    </div>
  )
}

/** ⌘Enter where no field has the focus; in one the form hears of it by itself. */
function useSendKey(send: () => void): void {
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (event.key !== 'Enter' || !(event.metaKey || event.ctrlKey) || event.defaultPrevented) return
    if (event.target instanceof Element && event.target.closest('form,[role=dialog]') !== null) return
    send()
  })
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => onKey(event)
    window.addEventListener('keydown', listen)
    return () => window.removeEventListener('keydown', listen)
  }, [])
}

function curlOf({ linkName, authorizationLevel }: Connection, draft: Draft): string {
  const body = writtenBody(draft)
  const headers = named(draft.headers)
  const typed = headers.some(([name]) => name.toLowerCase() === 'content-type')
  return curlFor({
    origin: location.origin,
    connection: linkName,
    method: draft.method,
    target: withQuery(draft),
    headers: [...headers, ...(body === undefined || typed ? [] : [['Content-Type', body.type] as const])],
    body: body?.text,
    user: authorizationLevel === 'per_user' && draft.user !== '' ? draft.user : undefined,
  })
}
