import type { AuthType, Service } from '@mooring/sdk'
import { MooringError } from '@mooring/sdk'
import { useQuery } from '@tanstack/react-query'
import { Link, type LinkProps, Outlet, useNavigate, useParams } from '@tanstack/react-router'
import { Plus } from 'lucide-react'
import { useEffect } from 'react'
import { authTypes, oneService } from '../../data/services.ts'
import { FormContext } from '../../forms/form_context.tsx'
import { useMay } from '../../session.tsx'
import { buttonClass } from '../../ui/button.tsx'
import { Page } from '../../ui/page.tsx'
import { MarkOfService } from '../../connection/marks.tsx'
import { Empty, LoadError, SkeletonRows } from '../../ui/states.tsx'
import { addConnectionId, BuilderContext, useBuilder, useNewBuilder } from './builder_context.tsx'
import { BuilderNotices } from './builder_notices.tsx'
import { LeaveGuard } from './leave_guard.tsx'
import { SavingStatus } from './saving_status.tsx'
import { ServiceActions } from './service_actions.tsx'
import { StageBadge } from './stage_badge.tsx'

const back = { label: 'Custom services', link: { to: '/services' } satisfies LinkProps }

/** Defining a service, section by section; each is an address. */
export function BuilderPage() {
  const { link } = useParams({ from: '/inside/services/$link' })
  const service = useQuery(oneService(link))
  const types = useQuery(authTypes)
  const may = useMay('manage')
  if (service.data !== undefined && types.data !== undefined) {
    return <Loaded key={service.data.id} service={service.data} types={types.data} may={may} link={link} />
  }
  const error = service.error ?? types.error
  if (error instanceof MooringError && error.status === 404) {
    return (
      <Page title="No such service" back={back}>
        <Empty
          title={`There is no service “${link}”`}
          action={
            <Link to="/services" search={{ query: link }} className={buttonClass({ look: 'primary' })}>
              Search for it
            </Link>
          }
        >
          It was deleted, or has another link name by now.
        </Empty>
      </Page>
    )
  }
  return (
    <Page title={link} back={back}>
      {error === null ? (
        <SkeletonRows />
      ) : (
        <LoadError
          error={error}
          retrying={service.isFetching || types.isFetching}
          onRetry={() => void Promise.all([service.refetch(), types.refetch()])}
        />
      )}
    </Page>
  )
}

interface LoadedProps {
  service: Service
  types: readonly AuthType[]
  may: boolean
  link: string
}

function Loaded({ service, types, may, link }: LoadedProps) {
  const builder = useNewBuilder(service, types, may)
  const { adopt, busy } = builder.saving
  const navigate = useNavigate()
  // What came by another way than our own saving: somebody else, another tab, a scope, the logo.
  useEffect(() => {
    if (!busy) adopt(service)
  }, [service, busy, adopt])
  const { linkName } = builder.service
  useEffect(() => {
    if (linkName === link) return
    const section = location.pathname.split('/').at(-1) ?? 'general'
    void navigate({ to: `/services/$link/${section}`, params: { link: linkName }, replace: true, ignoreBlocker: true })
  }, [linkName, link, navigate])
  return (
    <BuilderContext value={builder}>
      <FormContext value={builder.definition.handle}>
        <Layout />
        <LeaveGuard
          dirty={builder.saving.waiting.length > 0 || builder.saving.keptBack.length > 0}
          within={`/services/${linkName}/`}
          flush={builder.draft && may ? builder.saving.flush : undefined}
        />
      </FormContext>
    </BuilderContext>
  )
}

function Layout() {
  const { service, may, draft, type } = useBuilder()
  const params = { link: service.linkName }
  const sections = [
    section('General', { to: '/services/$link/general', params }),
    section('Security', { to: '/services/$link/security', params }),
    ...(type?.scopes === true
      ? [section('OAuth Scopes', { to: '/services/$link/scopes', params }, service.scopes.length)]
      : []),
    section('Connections', { to: '/services/$link/connections', params }, service.connectionCount),
  ]
  return (
    <Page
      title={service.name}
      back={back}
      width="wide"
      heading={
        <span className="flex items-center gap-2.5">
          <MarkOfService service={service} size={32} />
          {service.name}
        </span>
      }
      actions={
        <>
          {may && <SavingStatus />}
          <StageBadge stage={service.stage} />
          {may && !draft && (
            <Link
              id={addConnectionId}
              to="/connections/new/$service"
              params={{ service: service.linkName }}
              className={buttonClass({ look: 'primary' })}
            >
              <Plus aria-hidden className="size-4" />
              Add Connection
            </Link>
          )}
          {may && <ServiceActions service={service} here />}
        </>
      }
    >
      <BuilderNotices />
      <div className="flex flex-col gap-5 lg:flex-row lg:items-start">
        <nav
          aria-label="Sections"
          className="-mx-1 flex shrink-0 gap-1 overflow-x-auto px-1 py-0.5 lg:sticky lg:top-6 lg:w-44 lg:flex-col"
        >
          {sections.map(({ label, link, count }) => (
            <Link
              key={label}
              {...link}
              activeOptions={{ includeSearch: false }}
              className="flex h-8 shrink-0 items-center justify-between gap-2 rounded-md px-2.5 text-ink-2 hover:bg-hover hover:text-ink aria-[current=page]:bg-accent-soft aria-[current=page]:font-medium aria-[current=page]:text-ink"
            >
              {label}
              {count !== undefined && <span className="text-xs text-ink-3 tabular">{count}</span>}
            </Link>
          ))}
        </nav>
        <div className="min-w-0 flex-1">
          <Outlet />
        </div>
      </div>
    </Page>
  )
}

function section(label: string, link: LinkProps, count?: number) {
  return { label, link, count }
}
