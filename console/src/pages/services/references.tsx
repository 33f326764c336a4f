import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Plus } from 'lucide-react'
import { StatusBadge } from '../../connection/status_badge.tsx'
import { allConnections } from '../../data/connections.ts'
import { buttonClass } from '../../ui/button.tsx'
import { Section } from '../../ui/page.tsx'
import { Empty, LoadError, SkeletonRows } from '../../ui/states.tsx'
import { Time } from '../../ui/time.tsx'
import { useBuilder } from './builder_context.tsx'

/** The connections that stand on this service. */
export function BuilderConnections() {
  const { service, may, draft } = useBuilder()
  const list = useQuery(allConnections)
  const here = list.data?.filter((connection) => connection.service.linkName === service.linkName)
  return (
    <Section title="Connections" description="What uses this service.">
      {list.error !== null && (
        <div className="p-4">
          <LoadError error={list.error} retrying={list.isFetching} onRetry={() => void list.refetch()} />
        </div>
      )}
      {here === undefined && list.error === null && <SkeletonRows rows={3} />}
      {here?.length === 0 && (
        <div className="p-4">
          <Empty
            title="No connections yet"
            action={
              may && (
                <Link
                  {...(draft
                    ? ({ to: '/services/$link/security', params: { link: service.linkName } } as const)
                    : ({ to: '/connections/new/$service', params: { service: service.linkName } } as const))}
                  className={buttonClass({ look: 'primary' })}
                >
                  {draft ? (
                    'Finish setup'
                  ) : (
                    <>
                      <Plus aria-hidden className="size-4" />
                      Create Connection
                    </>
                  )}
                </Link>
              )
            }
          >
            {draft
              ? 'A Draft cannot be connected. Mark it as Ready first.'
              : 'A connection is one authorized use of the service, called by its link name.'}
          </Empty>
        </div>
      )}
      {here !== undefined && here.length > 0 && (
        <ul className="divide-y divide-line">
          {here.map((connection) => (
            <li key={connection.id} className="flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-2.5">
              <div className="min-w-0 flex-1 basis-56">
                <Link
                  to="/connections/$link"
                  params={{ link: connection.linkName }}
                  className="rounded-sm font-medium break-words hover:underline"
                >
                  {connection.name}
                </Link>
                <p className="font-mono text-xs break-all text-ink-3">{connection.linkName}</p>
              </div>
              <StatusBadge connection={connection} />
              <span className="text-[13px] text-ink-3 sm:w-40 sm:text-right">
                {connection.lastUsedAt === null ? (
                  'Never used'
                ) : (
                  <>
                    Used <Time at={connection.lastUsedAt} />
                  </>
                )}
              </span>
            </li>
          ))}
        </ul>
      )}
    </Section>
  )
}
