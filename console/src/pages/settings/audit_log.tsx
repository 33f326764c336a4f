import { useInfiniteQuery } from '@tanstack/react-query'
import { Link, useSearch } from '@tanstack/react-router'
import { client } from '../../data/client.ts'
import { useMay } from '../../session.tsx'
import { Button, buttonClass } from '../../ui/button.tsx'
import { Page, Section } from '../../ui/page.tsx'
import { Empty, LoadError, SkeletonRows } from '../../ui/states.tsx'
import { Table } from '../../ui/table.tsx'
import { AuditFilters } from './audit_filters.tsx'
import { AuditRow } from './audit_row.tsx'
import { NotYours } from './not_yours.tsx'
import { useVerification } from './verification.tsx'

export function AuditLogPage() {
  return useMay('audit') ? (
    <AuditLog />
  ) : (
    <NotYours title="Audit log">
      It holds who did what. What happened to connections and services, you see under{' '}
      <Link to="/activity" className="text-accent underline underline-offset-2">
        Activity
      </Link>
      .
    </NotYours>
  )
}

function AuditLog() {
  const filters = useSearch({ from: '/inside/settings/audit-log' })
  const filtered = Object.keys(filters).length > 0
  const { button, result } = useVerification()
  const log = useInfiniteQuery({
    queryKey: ['audit-log', filters],
    queryFn: ({ pageParam, signal }) =>
      client.audit.list({ ...filters, limit: 50, ...(pageParam === '' ? {} : { cursor: pageParam }) }, { signal }),
    initialPageParam: '',
    getNextPageParam: ({ nextCursor }) => nextCursor,
  })
  const entries = log.data?.pages.flatMap(({ items }) => items)
  return (
    <Page
      title="Audit log"
      lead="Who did what, newest first. Entries are added and never changed; each carries the hash of the one before."
      actions={button}
    >
      {result}
      <AuditFilters filters={filters} />
      {log.error !== null && (
        <LoadError error={log.error} retrying={log.isFetching} onRetry={() => void log.refetch()} />
      )}
      {log.isPending && (
        <Section>
          <SkeletonRows />
        </Section>
      )}
      {entries?.length === 0 && (
        <Empty
          title={filtered ? 'No entry fits' : 'Nothing was done yet'}
          action={
            filtered && (
              <Link to="/settings/audit-log" className={buttonClass()}>
                Clear filters
              </Link>
            )
          }
        >
          {filtered ? 'Filters compare the whole value, such as a link name in full.' : undefined}
        </Empty>
      )}
      {entries !== undefined && entries.length > 0 && (
        <Section>
          <Table
            label="Audit log"
            columns={['Time', 'Who', 'What', 'Object', 'Address', 'Outcome', { hidden: 'Details' }]}
          >
            {entries.map((entry) => (
              <AuditRow key={entry.id} entry={entry} />
            ))}
          </Table>
        </Section>
      )}
      {log.hasNextPage && (
        <Button className="self-center" busy={log.isFetchingNextPage} onClick={() => void log.fetchNextPage()}>
          Load older
        </Button>
      )}
    </Page>
  )
}
