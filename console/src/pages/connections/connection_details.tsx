import { MooringError } from '@mooring/sdk'
import { type UseQueryResult, useQuery } from '@tanstack/react-query'
import { Link, linkOptions, useParams, useSearch } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import { catalogueEntry } from '../../data/catalogue.ts'
import { allServices, authTypes, oneService } from '../../data/services.ts'
import { useMay } from '../../session.tsx'
import { buttonClass } from '../../ui/button.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Page } from '../../ui/page.tsx'
import { ServiceMark } from '../../ui/service_mark.tsx'
import { Empty, LoadError, SkeletonRows } from '../../ui/states.tsx'
import { callbackIdFor } from './callback_id.ts'
import { type Target, targetOfEntry, targetOfService } from './details_target.ts'
import { OtherWays, UnverifiedNotice } from './entry_notices.tsx'
import { NewConnection } from './new_connection.tsx'
import { WithGuide } from './setup_guide.tsx'

export function ConnectionDetailsPage() {
  const { service } = useParams({ from: '/inside/connections/new/$service' })
  const { from } = useSearch({ from: '/inside/connections/new/$service' })
  const may = useMay('manage')
  if (!may) {
    return (
      <Frame>
        <Empty title="You may look at connections, not add them">
          Ask an owner, an admin or a developer of this workspace.
        </Empty>
      </Frame>
    )
  }
  return from === 'catalogue' ? <OfEntry key={service} id={service} /> : <OfService key={service} linkName={service} />
}

function OfService({ linkName }: { linkName: string }) {
  const service = useQuery(oneService(linkName))
  const types = useQuery(authTypes)
  if (service.data === undefined || types.data === undefined)
    return <Missing result={service.data === undefined ? service : types} what={linkName} />
  const { name, stage, auth, catalogueId } = service.data
  const type = types.data.find((one) => one.type === auth?.type)
  const target = targetOfService(service.data, type?.redirects ?? false)
  if (stage === 'draft') {
    return (
      <Frame target={target} type={type?.title}>
        <Notice
          tone="warn"
          title={`${name} is a draft, and a draft takes no connections`}
          action={
            <Link
              to="/services/$link/general"
              params={{ link: linkName }}
              className={buttonClass({ look: 'primary', size: 'small' })}
            >
              Finish setup
            </Link>
          }
        >
          Fill in how it authenticates and mark it as ready. Then come back here.
        </Notice>
      </Frame>
    )
  }
  return (
    <Frame target={target} type={type?.title}>
      <NewConnection target={target} />
      {catalogueId !== undefined && (
        <p className="text-[13px] text-ink-3">
          {name} is set up already.{' '}
          <Link
            to="/connections/new/$service"
            params={{ service: catalogueId }}
            search={{ from: 'catalogue' }}
            className="text-accent underline underline-offset-2"
          >
            Set it up once more, with another app
          </Link>
        </p>
      )}
    </Frame>
  )
}

function OfEntry({ id }: { id: string }) {
  const entry = useQuery(catalogueEntry(id))
  const types = useQuery(authTypes).data ?? []
  const titleOf = (wanted: string): string => types.find((one) => one.type === wanted)?.title ?? ''
  const type = titleOf(entry.data?.authType ?? '')
  const present = useQuery(allServices).data?.find(({ catalogueId }) => catalogueId === id)
  // One for as long as this page is open: it is registered at the provider before anything is saved.
  const [callbackId] = useState(() => callbackIdFor(id))
  if (entry.data === undefined) return <Missing result={entry} what={id} />
  return (
    <Frame target={targetOfEntry(entry.data, callbackId)} type={type} wide>
      {present !== undefined && (
        <Notice
          tone="info"
          title={`${present.name} is set up already`}
          action={
            <Link
              to="/connections/new/$service"
              params={{ service: present.linkName }}
              className={buttonClass({ size: 'small' })}
            >
              Use what is there
            </Link>
          }
        >
          Go on here only to set it up once more, with another app at the provider.
        </Notice>
      )}
      {!entry.data.verified && <UnverifiedNotice entry={entry.data} />}
      <OtherWays entry={entry.data} titleOf={titleOf} />
      <WithGuide entry={entry.data}>
        <NewConnection target={targetOfEntry(entry.data, callbackId)} callbackId={callbackId} />
      </WithGuide>
    </Frame>
  )
}

interface FrameProps {
  target?: Target | undefined
  /** The title of its authentication type. */
  type?: string | undefined
  wide?: boolean
  children: ReactNode
}

function Frame({ target, type, wide = false, children }: FrameProps) {
  return (
    <Page
      title="Connection Details"
      back={{ label: 'Pick Your Service', link: linkOptions({ to: '/connections/new' }) }}
      width={wide ? 'normal' : 'narrow'}
      lead={
        target === undefined ? undefined : (
          <span className="mt-2 flex items-center gap-3">
            <ServiceMark name={target.name} logoUrl={target.logoUrl} size={40} />
            <span className="min-w-0">
              <span className="block font-medium text-ink">
                {target.name}
                {type !== undefined && <span className="ml-2 text-xs font-normal text-ink-3">{type}</span>}
              </span>
              <span className="block text-[13px]">{target.description}</span>
            </span>
          </span>
        )
      }
    >
      {children}
    </Page>
  )
}

/** Nothing to show yet, or nothing there. */
function Missing({ result, what }: { result: UseQueryResult; what: string }) {
  const { error, isFetching, refetch } = result
  return (
    <Frame>
      {error === null ? (
        <SkeletonRows rows={4} />
      ) : error instanceof MooringError && error.status === 404 ? (
        <Empty
          title={`There is no service “${what}”`}
          action={
            <Link to="/connections/new" className={buttonClass({ look: 'primary' })}>
              Pick Your Service
            </Link>
          }
        >
          It may have been deleted, or its link name was changed.
        </Empty>
      ) : (
        <LoadError error={error} retrying={isFetching} onRetry={() => void refetch()} />
      )}
    </Frame>
  )
}
