import type { Connection } from '@mooring/sdk'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { memo } from 'react'
import { StatusBadge } from '../../connection/status_badge.tsx'
import { authTypes } from '../../data/services.ts'
import { useMay } from '../../session.tsx'
import { useNarrow } from '../../ui/media.ts'
import { ConnectionMark } from '../../connection/marks.tsx'
import { Time, useNow } from '../../ui/time.tsx'
import { Windowed } from '../../ui/windowed.tsx'
import { nextStep, statusOf } from '../../words/status.ts'
import { RowActions, type RowActs } from './row_actions.tsx'

interface RowsProps extends RowActs {
  connections: readonly Connection[]
  /** The link name of the one that somebody is signing in for. */
  waitingFor: string | undefined
}

/** A table; cards where it would not fit. */
export function ConnectionRows({ connections, waitingFor, ...acts }: RowsProps) {
  const may = useMay('manage')
  if (useNarrow()) {
    return (
      <div className="flex flex-col gap-2">
        <Windowed as="ul" items={connections} keyOf={idOf} itemHeight={150} className="grid grid-cols-1 gap-2 sm:grid-cols-2">
          {(connection) => (
            <Card connection={connection} waiting={connection.linkName === waitingFor} may={may} {...acts} />
          )}
        </Windowed>
      </div>
    )
  }
  return (
    <div className="overflow-x-auto rounded-lg border border-line bg-card">
      <table className="w-full min-w-176 table-fixed">
        <thead>
          <tr className="border-b border-line text-left text-xs text-ink-3 [&>th]:px-3 [&>th]:py-2 [&>th]:font-medium">
            <th className="w-[22%]">Name</th>
            <th className="w-[20%]">Service</th>
            <th className="w-[19%]">Status</th>
            <th className="w-[12%]">Next refresh</th>
            <th className="w-[10%]">Last used</th>
            {may && (
              <th className="w-[15rem]">
                <span className="sr-only">Actions</span>
              </th>
            )}
          </tr>
        </thead>
        <Windowed
          as="tbody"
          items={connections}
          keyOf={idOf}
          itemHeight={57}
          className="[&>tr]:border-b [&>tr]:border-line last:[&>tr:last-child]:border-0"
        >
          {(connection) => (
            <Row connection={connection} waiting={connection.linkName === waitingFor} may={may} {...acts} />
          )}
        </Windowed>
      </table>
    </div>
  )
}

function idOf({ id }: Connection): string {
  return id
}

interface RowProps extends RowActs {
  connection: Connection
  waiting: boolean
  may: boolean
}

const Row = memo(function Row({ connection, waiting, may, ...acts }: RowProps) {
  const { id, service } = connection
  return (
    <tr className="group h-14 hover:bg-hover [&>td]:px-3 [&>td]:py-1.5">
      <td>
        <Name connection={connection} />
      </td>
      <td>
        <span className="flex min-w-0 items-center gap-2.5">
          <ConnectionMark connection={connection} size={24} />
          <span className="min-w-0">
            <span className="block truncate">{service.name}</span>
            <AuthTypeTitle type={service.authType} />
          </span>
        </span>
      </td>
      <td>
        <StatusBadge connection={connection} waiting={waiting} />
        {!waiting && <Reason connection={connection} />}
      </td>
      <td className="whitespace-nowrap text-ink-2 tabular">
        <NextStep connection={connection} />
      </td>
      <td className="whitespace-nowrap text-ink-2 tabular">
        <LastUsed connection={connection} />
      </td>
      {may && (
        <td>
          <RowActions connection={connection} nameId={`name-${id}`} shy {...acts} />
        </td>
      )}
    </tr>
  )
})

const Card = memo(function Card({ connection, waiting, may, ...acts }: RowProps) {
  const { id, service } = connection
  return (
    <li className="flex flex-col gap-2 rounded-lg border border-line bg-card p-3">
      <div className="flex items-start gap-2.5">
        <ConnectionMark connection={connection} size={32} />
        <div className="min-w-0 flex-1">
          <Name connection={connection} />
        </div>
        <StatusBadge connection={connection} waiting={waiting} />
      </div>
      {!waiting && <Reason connection={connection} />}
      <div className="flex flex-wrap items-end justify-between gap-x-3 gap-y-1">
        <dl className="grid grid-cols-[auto_1fr] gap-x-3 text-[13px] [&>dt]:text-ink-3">
          <dt>Service</dt>
          <dd>{service.name}</dd>
          <dt>Next refresh</dt>
          <dd className="tabular">
            <NextStep connection={connection} />
          </dd>
          <dt>Last used</dt>
          <dd className="tabular">
            <LastUsed connection={connection} />
          </dd>
        </dl>
        <div className="ml-auto">
          {may && <RowActions connection={connection} nameId={`name-${id}`} shy={false} {...acts} />}
        </div>
      </div>
    </li>
  )
})

function Name({ connection: { id, name, linkName } }: { connection: Connection }) {
  return (
    <>
      <Link
        to="/connections/$link"
        params={{ link: linkName }}
        id={`name-${id}`}
        className="block w-fit max-w-full truncate rounded-sm font-medium hover:underline"
      >
        {name}
      </Link>
      <span className="block truncate font-mono text-xs text-ink-3">{linkName}</span>
    </>
  )
}

function AuthTypeTitle({ type }: { type: string }) {
  const title = useQuery(authTypes).data?.find((one) => one.type === type)?.title
  return <span className="block h-4.5 truncate text-xs text-ink-3">{title}</span>
}

function Reason({ connection }: { connection: Connection }) {
  const { reason } = statusOf(connection, useNow())
  if (reason === '') return null
  return (
    <span title={reason} className="mt-0.5 block truncate text-xs text-ink-3">
      {reason}
    </span>
  )
}

function NextStep({ connection }: { connection: Connection }) {
  return nextStep(connection, useNow())
}

function LastUsed({ connection: { lastUsedAt } }: { connection: Connection }) {
  return lastUsedAt === null ? 'Never' : <Time at={lastUsedAt} />
}
