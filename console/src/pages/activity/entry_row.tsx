import { Link } from '@tanstack/react-router'
import { cn } from '../../ui/class_names.ts'
import { Badge } from '../../ui/notice.tsx'
import { exactly } from '../../words/time.ts'
import { activityWords, actorWords } from '../../words/activity.ts'
import { addressOf } from './entries.ts'
import type { Row } from './fold.ts'
import { clock } from './times.ts'

/** Time, what, connection, result, who: one line where there is room, stacked where there is not. */
export const rowGrid =
  'md:grid md:grid-cols-[5.5rem_minmax(0,1fr)_minmax(0,12rem)_7.5rem_minmax(0,10rem)] md:items-center md:gap-x-4'

const marks = { ok: 'text-ok', warn: 'text-warn', bad: 'text-bad', info: 'text-info', mute: 'text-ink-3' }

interface EntryRowProps {
  row: Row
  /** The row above, in whose words nothing has to be said again. */
  above: Row | undefined
  open: boolean
}

/** Success is quiet, failure is loud; what is as in the row above steps back. */
export function EntryRow({ row: { entry, more }, above, open }: EntryRowProps) {
  const { title, tone, icon: Icon } = activityWords(entry)
  const isCall = entry.type === 'connection.invoked'
  const times = more.length + 1
  const who = actorWords(entry.actor)
  const sameConnection = above?.entry.connection?.linkName === entry.connection?.linkName
  const sameActor = above?.entry.actor === entry.actor
  const loud = tone === 'bad' || tone === 'warn'
  return (
    <li
      className={cn(
        'relative flex flex-wrap items-center gap-x-2 gap-y-0.5 border-l-3 px-3 py-2 hover:bg-hover',
        rowGrid,
        tone === 'bad' ? 'border-l-bad' : tone === 'warn' ? 'border-l-warn' : 'border-l-transparent',
        open && 'bg-accent-soft',
      )}
    >
      <time dateTime={entry.at} title={exactly(entry.at)} className="text-[13px] text-ink-3 tabular max-md:order-2">
        {clock(entry.at)}
      </time>
      <div className="flex min-w-0 items-center gap-2 max-md:order-1 max-md:flex-1 max-md:basis-1/2">
        <Icon aria-hidden className={cn('size-4 shrink-0', marks[tone])} />
        <Link
          to="/activity"
          search={(before) => ({ ...before, open: addressOf(entry) })}
          resetScroll={false}
          // The whole row opens it; links in the row lie above.
          className={cn(
            'min-w-0 truncate rounded-sm after:absolute after:inset-0 hover:underline',
            isCall && 'font-mono text-[13px]',
            loud && 'font-medium',
          )}
        >
          {title}
          {times > 1 && ` ${times} times`}
        </Link>
        <span className="min-w-0 flex-1 truncate text-[13px] text-ink-3 max-md:hidden">
          {isCall ? entry.path !== '' && entry.host : entry.detail}
        </span>
      </div>
      <div className="min-w-0 truncate max-md:order-3 max-md:pl-6 max-md:text-[13px]">
        {entry.connection !== null && (
          <Link
            to="/connections/$link"
            params={{ link: entry.connection.linkName }}
            className={cn('relative z-1 rounded-sm hover:underline', sameConnection ? 'md:text-ink-3' : 'text-ink')}
          >
            {entry.connection.name}
          </Link>
        )}
        {entry.connection === null && entry.service !== null && (
          <span className="text-ink-2">{entry.service.name}</span>
        )}
      </div>
      <div className="flex items-center gap-2 text-[13px] tabular max-md:order-4">
        <Result entry={entry} tone={tone} />
        {entry.ms !== undefined && <span className="text-ink-3">{entry.ms} ms</span>}
      </div>
      <div
        className={cn(
          'min-w-0 truncate text-[13px] max-md:order-5 max-md:ml-auto',
          sameActor ? 'text-ink-3' : 'text-ink-2',
        )}
      >
        {who.name}
        <span className="sr-only"> ({who.what})</span>
      </div>
      <span aria-hidden className="basis-full max-md:order-2 md:hidden" />
    </li>
  )
}

function Result({ entry: { status, ok }, tone }: { entry: Row['entry']; tone: keyof typeof marks }) {
  if (ok) return <span className="text-ink-3">{status ?? <span className="sr-only">worked</span>}</span>
  return <Badge tone={tone}>{status ?? 'Failed'}</Badge>
}
