import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link, useSearch } from '@tanstack/react-router'
import { ArrowUp, Download, Pause, Radio } from 'lucide-react'
import { useEffect, useMemo, useState } from 'react'
import { system } from '../../data/system.ts'
import { Button, buttonClass } from '../../ui/button.tsx'
import { announce } from '../../ui/announce.tsx'
import { Page } from '../../ui/page.tsx'
import { Empty, LoadError, SkeletonRows } from '../../ui/states.tsx'
import { useNow } from '../../ui/time.tsx'
import { useActors } from './actors.ts'
import { addressOf, headOf, logOf, newIn, takeIn } from './entries.ts'
import { EntryRow, rowGrid } from './entry_row.tsx'
import { EntrySheet } from './entry_sheet.tsx'
import { exportEntries } from './export.ts'
import { ActiveFilters, Filters, useFilterChange } from './filters.tsx'
import { foldEntries, type Row } from './fold.ts'
import { dayOf } from './times.ts'

export function ActivityPage() {
  const { open, ...filter } = useSearch({ from: '/inside/activity' })
  const change = useFilterChange()
  const [live, setLive] = useState(true)
  const log = useInfiniteQuery(logOf(filter))
  const entries = useMemo(() => log.data?.pages.flatMap(({ items }) => items) ?? [], [log.data])
  const rows = useMemo(() => foldEntries(entries), [entries])
  // A range that has an end gets nothing new.
  const head = useQuery({ ...headOf(filter), enabled: live && filter.to === undefined && log.data !== undefined })
  const fresh = log.data === undefined || !live ? { entries: [], more: false } : newIn(head.data, entries)
  const actors = useActors(entries, filter.actor)
  const filtered = Object.keys(filter).length > 0
  return (
    <Page
      title="Activity"
      width="wide"
      lead="Every call, refresh and change in this workspace, newest first."
      actions={
        <>
          <Button aria-pressed={live} onClick={() => setLive(!live)}>
            {live ? <Radio aria-hidden className="size-4 text-ok" /> : <Pause aria-hidden className="size-4" />}
            Live
          </Button>
          <Button disabled={entries.length === 0} onClick={() => exportEntries(entries)}>
            <Download aria-hidden className="size-4" />
            Export JSON
          </Button>
        </>
      }
    >
      <Filters filter={filter} actors={actors} />
      {log.isError && <LoadError error={log.error} retrying={log.isFetching} onRetry={() => void log.refetch()} />}
      {log.isPending ? (
        <div className="rounded-lg border border-line bg-card">
          <SkeletonRows />
        </div>
      ) : (
        <>
          <NewEvents
            count={fresh.entries.length}
            more={fresh.more}
            onShow={() => head.data !== undefined && takeIn(filter, head.data)}
          />
          {rows.length > 0 ? (
            <Rows rows={rows} open={open} />
          ) : (
            log.data !== undefined && (filtered ? <NoMatch filter={filter} /> : <NothingYet />)
          )}
          <div className="flex flex-wrap items-center justify-center gap-3 text-[13px] text-ink-3">
            {log.hasNextPage && (
              <Button busy={log.isFetchingNextPage} onClick={() => void log.fetchNextPage()}>
                Load older
              </Button>
            )}
            {rows.length > 0 && !log.hasNextPage && <Kept />}
          </div>
        </>
      )}
      <EntrySheet
        address={open}
        row={rows.find(({ entry }) => open !== undefined && addressOf(entry) === open)}
        onClose={() => change({ open: undefined })}
      />
    </Page>
  )
}

/** Offers what is new instead of moving what somebody is reading. */
function NewEvents({ count, more, onShow }: { count: number; more: boolean; onShow: () => void }) {
  const some = count > 0
  useEffect(() => {
    if (some) announce('There are new events.')
  }, [some])
  if (!some) return null
  return (
    <div className="sticky top-2 z-10 -my-2 flex justify-center max-md:top-15">
      <Button
        look="primary"
        size="small"
        className="rounded-full px-3 shadow-float"
        onClick={() => {
          onShow()
          window.scrollTo({ top: 0 })
        }}
      >
        <ArrowUp aria-hidden className="size-3.5" />
        {count}
        {more && '+'} new {count === 1 ? 'event' : 'events'}
      </Button>
    </div>
  )
}

function Rows({ rows, open }: { rows: readonly Row[]; open: string | undefined }) {
  const now = useNow()
  const days = [...Map.groupBy(rows, ({ entry }) => dayOf(entry.at, now))]
  return (
    <div className="overflow-hidden rounded-lg border border-line bg-card">
      <div
        aria-hidden
        className={`hidden border-b border-l-3 border-line border-l-transparent px-3 py-2 text-xs font-medium text-ink-3 ${rowGrid}`}
      >
        <span>Time</span>
        <span>What</span>
        <span>Connection or service</span>
        <span>Result</span>
        <span>Who</span>
      </div>
      {days.map(([day, ofDay]) => (
        <section key={day} aria-label={day}>
          <h2 className="border-b border-line bg-ground px-3.5 py-1.5 text-xs font-medium text-ink-2">{day}</h2>
          <ol className="divide-y divide-line border-b border-line last:border-b-0">
            {ofDay.map((row, index) => (
              <EntryRow key={row.entry.id} row={row} above={ofDay[index - 1]} open={open === addressOf(row.entry)} />
            ))}
          </ol>
        </section>
      ))}
    </div>
  )
}

/** The end of the list. */
function Kept() {
  const days = useQuery(system).data?.retentionDays
  if (days === undefined) return null
  return (
    <p>
      That is everything. Calls are kept for {days.calls} days, all else for {days.events}.
    </p>
  )
}

function NothingYet() {
  return (
    <Empty
      title="Nothing has happened yet"
      action={
        <Link to="/connections/new" className={buttonClass({ look: 'primary' })}>
          Add Connection
        </Link>
      }
    >
      Calls through connections, token refreshes, sign-ins and changes are told here.
    </Empty>
  )
}

function NoMatch({ filter }: { filter: Parameters<typeof ActiveFilters>[0]['filter'] }) {
  const change = useFilterChange()
  return (
    <Empty
      title="Nothing that fits these filters"
      action={
        <Button
          onClick={() =>
            change({
              connection: undefined,
              service: undefined,
              type: undefined,
              ok: undefined,
              actor: undefined,
              from: undefined,
              to: undefined,
            })
          }
        >
          Clear filters
        </Button>
      }
    >
      <p>Take one out, or all:</p>
      <div className="mt-2 flex flex-wrap justify-center gap-2">
        <ActiveFilters filter={filter} />
      </div>
    </Empty>
  )
}
