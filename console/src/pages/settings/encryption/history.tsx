import type { Job } from '@mooring/sdk'
import { useInfiniteQuery } from '@tanstack/react-query'
import { pastJobs } from '../../../data/encryption.ts'
import { Button } from '../../../ui/button.tsx'
import { Section } from '../../../ui/page.tsx'
import { LoadError, SkeletonRows } from '../../../ui/states.tsx'
import { Cell, Row, Table } from '../../../ui/table.tsx'
import { Time } from '../../../ui/time.tsx'
import { nameOf } from '../../../words/activity.ts'
import { counted, jobNames } from '../../../words/jobs.ts'
import { JobBadge } from './progress.tsx'

/** Every rotation and verification there was; `newest` as they are at this moment. */
export function History({ newest }: { newest: readonly (Job | null)[] }) {
  const jobs = useInfiniteQuery(pastJobs)
  const items = jobs.data?.pages.flatMap((page) => page.items)
  return (
    <Section title="History">
      {jobs.error !== null && (
        <div className="p-4">
          <LoadError error={jobs.error} retrying={jobs.isFetching} onRetry={() => void jobs.refetch()} />
        </div>
      )}
      {jobs.isPending && <SkeletonRows rows={2} />}
      {items?.length === 0 && (
        <p className="px-4 py-3 text-ink-2">Nothing yet. What is rotated and verified is listed here.</p>
      )}
      {items !== undefined && items.length > 0 && (
        <Table label="History" columns={['What', 'Started', 'By', 'Values', 'State']}>
          {items
            .map((known) => newest.find((job) => job?.id === known.id) ?? known)
            .map((job) => (
              <Row key={job.id}>
                <Cell>{jobNames[job.kind]}</Cell>
                <Cell label="Started">
                  <Time at={job.startedAt} />
                </Cell>
                <Cell label="By">{nameOf(job.startedBy)}</Cell>
                <Cell label="Values" className="tabular">
                  {counted(job.done)}
                  {job.failed > 0 && <span className="text-bad">, {counted(job.failed)} failed</span>}
                </Cell>
                <Cell label="State">
                  <JobBadge state={job.state} />
                </Cell>
              </Row>
            ))}
        </Table>
      )}
      {jobs.hasNextPage && (
        <div className="flex justify-center border-t border-line p-2">
          <Button size="small" look="quiet" busy={jobs.isFetchingNextPage} onClick={() => void jobs.fetchNextPage()}>
            Load older
          </Button>
        </div>
      )}
    </Section>
  )
}
