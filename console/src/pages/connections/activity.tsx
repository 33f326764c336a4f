import type { Activity } from '@mooring/sdk'
import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useOpenConnection } from '../../connection/summary/open_connection.tsx'
import { connectionActivity } from '../../data/connections.ts'
import { Button, buttonClass } from '../../ui/button.tsx'
import { cn } from '../../ui/class_names.ts'
import { Select } from '../../ui/field.tsx'
import { Section } from '../../ui/page.tsx'
import { Empty, LoadError, SkeletonRows } from '../../ui/states.tsx'
import { Time } from '../../ui/time.tsx'
import { activityKinds, activityWords, causeWords, detailWords, nameOf } from '../../words/activity.ts'
import { took } from '../../words/time.ts'

const route = getRouteApi('/inside/connections/$link/activity')

/** Of one connection: what is about services, keys and people is left out. */
const kinds = activityKinds.flatMap((group) => group.kinds).filter(({ value }) => value.startsWith('connection.'))

/** Everything that happened to this connection, one by one. */
export function ConnectionActivity() {
  const { connection } = useOpenConnection()
  const { type, ok } = route.useSearch()
  const navigate = route.useNavigate()
  const { linkName } = connection
  const activity = useInfiniteQuery(
    connectionActivity(linkName, {
      ...(type === undefined ? {} : { type }),
      ...(ok === undefined ? {} : { ok: ok ? 'true' : 'false' }),
    }),
  )
  const items = activity.data?.pages.flatMap((page) => page.items)
  const filtered = type !== undefined || ok !== undefined
  const change = (search: { type?: string; ok?: boolean | undefined }): void => {
    const next = { type, ok, ...search }
    void navigate({
      replace: true,
      search: {
        ...(next.type === undefined || next.type === '' ? {} : { type: next.type }),
        ...(next.ok === undefined ? {} : { ok: next.ok }),
      },
    })
  }
  return (
    <Section>
      <div className="flex flex-wrap items-center gap-2 border-b border-line px-4 py-2.5">
        <Select
          aria-label="What happened"
          value={type ?? ''}
          onChange={(event) => change({ type: event.target.value })}
          className="w-auto"
        >
          <option value="">Everything</option>
          {kinds.map((kind) => (
            <option key={kind.value} value={kind.value}>
              {kind.label}
            </option>
          ))}
        </Select>
        <Select
          aria-label="How it went"
          value={ok === undefined ? '' : String(ok)}
          onChange={({ target }) => change({ ok: target.value === '' ? undefined : target.value === 'true' })}
          className="w-auto"
        >
          <option value="">Went well or failed</option>
          <option value="true">Went well</option>
          <option value="false">Failed</option>
        </Select>
        <Link
          to="/activity"
          search={{
            connection: linkName,
            ...(type === undefined ? {} : { type }),
            ...(ok === undefined ? {} : { ok }),
          }}
          className="ml-auto text-[13px] text-accent underline-offset-2 hover:underline"
        >
          Open in Activity
        </Link>
      </div>
      {activity.isError && (
        <div className="p-4">
          <LoadError error={activity.error} retrying={activity.isFetching} onRetry={() => void activity.refetch()} />
        </div>
      )}
      {activity.isPending && <SkeletonRows rows={8} />}
      {items?.length === 0 && (
        <div className="p-4">
          {filtered ? (
            <Empty
              title="Nothing fits"
              action={<Button onClick={() => change({ type: '', ok: undefined })}>Clear filters</Button>}
            >
              Nothing of this kind happened, or it is not kept any more.
            </Empty>
          ) : (
            <Empty
              title="Nothing happened yet"
              action={
                <Link to="/try" search={{ connection: linkName }} className={buttonClass({ look: 'primary' })}>
                  Try a request
                </Link>
              }
            >
              Calls, refreshes and changes appear here.
            </Empty>
          )}
        </div>
      )}
      {items !== undefined && items.length > 0 && (
        <ul className="flex flex-col divide-y divide-line">
          {items.map((item) => (
            <Row key={item.id} item={item} />
          ))}
        </ul>
      )}
      {activity.hasNextPage && (
        <div className="border-t border-line px-4 py-2.5">
          <Button size="small" busy={activity.isFetchingNextPage} onClick={() => void activity.fetchNextPage()}>
            Load older
          </Button>
        </div>
      )}
    </Section>
  )
}

function Row({ item }: { item: Activity }) {
  const { title, icon: Icon, tone } = activityWords(item)
  const { method, host, path, status, ms, count = 1, actor, user, cause } = item
  const call = host !== undefined
  const more = [call ? '' : detailWords(item), causeWords(cause)].filter((part) => part !== '').join(' · ')
  return (
    <li className="grid grid-cols-[auto_minmax(0,1fr)_auto] items-start gap-x-3 gap-y-0.5 px-4 py-2.5 md:grid-cols-[auto_minmax(0,1fr)_10rem_7rem_7rem]">
      <Icon
        aria-hidden
        className={cn('mt-0.5 size-4', tone === 'bad' ? 'text-bad' : tone === 'warn' ? 'text-warn' : 'text-ink-3')}
      />
      <div className="min-w-0">
        {call ? (
          <p className="break-all">
            {!item.ok && <span className="sr-only">Failed: </span>}
            <span className="font-mono text-[13px]">
              <span className="font-semibold">{method}</span> {host}
              {path}
            </span>
            {count > 1 && <span className="ml-2 text-ink-3">{count} calls alike</span>}
          </p>
        ) : (
          <p className={cn('break-words', !item.ok && 'font-medium')}>{title}</p>
        )}
        {more !== '' && <p className="text-[13px] break-words text-ink-3">{more}</p>}
      </div>
      <Time at={item.at} className="text-[13px] text-ink-3 tabular md:order-last md:text-right" />
      <p className="col-start-2 min-w-0 truncate text-[13px] text-ink-3 md:col-start-auto">
        {nameOf(actor)}
        {user !== null && ` for ${user}`}
      </p>
      <p className="text-right text-[13px] tabular">
        {status !== undefined && (
          <>
            <span className={cn('font-medium', item.ok ? 'text-ok' : 'text-bad')}>{status}</span>
            {ms !== undefined && <span className="ml-2 text-ink-3">{took(ms)}</span>}
          </>
        )}
      </p>
    </li>
  )
}
