import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { connectionActivity, connectionAttempts } from '../../data/connections.ts'
import { Button } from '../../ui/button.tsx'
import { cn } from '../../ui/class_names.ts'
import type { Tone } from '../../ui/notice.tsx'
import { Section } from '../../ui/page.tsx'
import { LoadError, SkeletonRows } from '../../ui/states.tsx'
import { Time, useNow } from '../../ui/time.tsx'
import { activityWords, causeWords, detailWords, nameOf } from '../../words/activity.ts'
import { since } from '../../words/time.ts'
import { AttemptSteps } from '../attempt_steps.tsx'
import { type TimelineEntry, timelineOf } from '../timeline.ts'
import { useOpenConnection } from './open_connection.tsx'

const dots: Record<Tone, string> = {
  ok: 'bg-ok-soft text-ok',
  warn: 'bg-warn-soft text-warn',
  bad: 'bg-bad-soft text-bad',
  info: 'bg-info-soft text-info',
  mute: 'bg-mute-soft text-mute',
}

/** Everything that happened, newest first; what went well in a row is one line. */
export function TimelineCard() {
  const { connection } = useOpenConnection()
  const { linkName } = connection
  const activity = useInfiniteQuery(connectionActivity(linkName))
  const attempts = useQuery(connectionAttempts(linkName)).data
  const items = activity.data?.pages.flatMap((page) => page.items) ?? []
  const entries = timelineOf(items, attempts)
  return (
    <Section
      title="Timeline"
      actions={
        <Link
          to="/connections/$link/activity"
          params={{ link: linkName }}
          className="text-[13px] text-accent underline-offset-2 hover:underline"
        >
          All activity
        </Link>
      }
    >
      {activity.isError && (
        <div className="p-4">
          <LoadError error={activity.error} retrying={activity.isFetching} onRetry={() => void activity.refetch()} />
        </div>
      )}
      {activity.isPending && <SkeletonRows rows={4} />}
      {activity.data !== undefined && entries.length === 0 && (
        <p className="px-4 py-3 text-ink-2">What happened is not kept any more.</p>
      )}
      <ol className="px-4 py-3">
        {entries.map((entry, index) => (
          <Line key={entry.id} entry={entry} last={index === entries.length - 1} />
        ))}
      </ol>
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

function Line({ entry, last }: { entry: TimelineEntry; last: boolean }) {
  const now = useNow()
  const { item, words, from, to, attempt } = entry
  const { icon: Icon, tone } = activityWords(item)
  const lasted = Date.parse(to) - Date.parse(from)
  return (
    <li className={cn('relative flex gap-3', !last && 'pb-4')}>
      {!last && <span aria-hidden className="absolute top-7 bottom-0 left-3 w-px bg-line" />}
      <span className={cn('inline-flex size-6 shrink-0 items-center justify-center rounded-full', dots[tone])}>
        <Icon aria-hidden className="size-3.5" />
      </span>
      <div className="min-w-0 flex-1 pt-0.5">
        <div className="flex items-baseline justify-between gap-x-4">
          <p className={cn('min-w-0 break-words', tone === 'mute' ? 'text-ink' : 'font-medium')}>
            {words}
            {lasted > 60_000 && <span className="font-normal text-ink-3">, {since(from, now)}</span>}
          </p>
          <Time at={to} className="shrink-0 text-[13px] text-ink-3 tabular" />
        </div>
        <Detail entry={entry} />
        {attempt !== undefined && !item.ok && (
          <details className="mt-1">
            <summary className="inline-block min-h-6 cursor-pointer rounded-sm text-[13px] text-ink-2 underline underline-offset-2">
              How it went
            </summary>
            <div className="mt-1">
              <AttemptSteps attempt={attempt} />
            </div>
          </details>
        )}
      </div>
    </li>
  )
}

/** What a line stands for in small: what was called, what the provider said, why, who. */
function Detail({ entry: { item, count, attempt } }: { entry: TimelineEntry }) {
  const who = item.actor === null || item.type === 'connection.invoked' ? '' : `by ${nameOf(item.actor)}`
  const why = causeWords(item.cause)
  const parts =
    item.type === 'connection.invoked'
      ? [
          `${item.method ?? ''} ${item.host ?? ''}${count === 1 || !item.ok ? (item.path ?? '') : ''}`,
          answerOf(item, count),
        ]
      : count > 1 && item.ok
        ? [who]
        : [attempt?.diagnosis?.title ?? detailWords(item), item.ok ? why : causeCode(item.cause), who]
  const shown = parts.filter((part) => part !== '')
  const user = item.user === null ? [] : [`for ${item.user}`]
  if (shown.length + user.length === 0) return null
  return <p className="text-[13px] break-words text-ink-3">{[...shown, ...user].join(' · ')}</p>
}

function answerOf({ status, ok }: TimelineEntry['item'], count: number): string {
  if (status === undefined) return ''
  return ok && count > 1 ? '' : `answered ${status}`
}

/** The last part of a failed renewal's cause is the code of its failure. */
function causeCode(cause: string | null): string {
  return cause?.split('; ').at(-1) ?? ''
}
