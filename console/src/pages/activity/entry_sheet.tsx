import type { WorkspaceActivity } from '@mooring/sdk'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { curlFor } from '../../connection/curl.ts'
import { allServices } from '../../data/services.ts'
import { buttonClass } from '../../ui/button.tsx'
import { CopyButton } from '../../ui/copy.tsx'
import { Sheet } from '../../ui/dialog.tsx'
import { Badge, Notice } from '../../ui/notice.tsx'
import { LoadError, Skeleton } from '../../ui/states.tsx'
import { Time } from '../../ui/time.tsx'
import { activityWords, actorWords, causeWords } from '../../words/activity.ts'
import { reasonPhrase } from '../../words/http.ts'
import { exactly } from '../../words/time.ts'
import { entryAt } from './entries.ts'
import type { Row } from './fold.ts'
import { clock } from './times.ts'

interface EntrySheetProps {
  /** As it stands in the page's address; undefined where none is open. */
  address: string | undefined
  /** The row, where the list has it. */
  row: Row | undefined
  onClose: () => void
}

/** Everything that is known of one entry. */
export function EntrySheet({ address, row, onClose }: EntrySheetProps) {
  const found = useQuery({ ...entryAt(address ?? ''), enabled: address !== undefined && row === undefined })
  const entry = row?.entry ?? found.data
  const title = entry ? activityWords(entry).title : 'Event'
  return (
    <Sheet open={address !== undefined} onClose={onClose} title={title}>
      <div className="flex flex-col gap-5 p-5">
        {entry ? (
          <Entry entry={entry} more={row?.more ?? []} />
        ) : found.isError ? (
          <LoadError error={found.error} retrying={found.isFetching} onRetry={() => void found.refetch()} />
        ) : found.data === null ? (
          <Notice tone="mute" title="This event is not there any more">
            Events are kept for a while only; Instance says how long.
          </Notice>
        ) : (
          <>
            <Skeleton className="w-1/2" />
            <Skeleton className="w-3/4" />
            <Skeleton className="w-2/3" />
          </>
        )}
      </div>
    </Sheet>
  )
}

function Entry({ entry, more }: { entry: WorkspaceActivity; more: readonly WorkspaceActivity[] }) {
  const { tone, icon } = activityWords(entry)
  const { connection, service, status, host, path, method, count = 1 } = entry
  const who = actorWords(entry.actor)
  const cause = causeWords(entry.cause)
  return (
    <>
      {method !== undefined && <Request entry={entry} />}
      <dl className="grid grid-cols-[7.5rem_minmax(0,1fr)] gap-x-4 gap-y-2.5">
        <Fact label="Result">
          <Badge tone={entry.ok ? 'ok' : tone} icon={icon}>
            {entry.ok ? 'Worked' : 'Failed'}
          </Badge>
        </Fact>
        {status !== undefined && (
          <Fact label="Answer">
            <span className="tabular">{status}</span> {reasonPhrase(status)}
          </Fact>
        )}
        {entry.ms !== undefined && <Fact label="Took">{entry.ms} ms</Fact>}
        {count > 1 && <Fact label="Calls">{count} alike in the same second, told as one</Fact>}
        <Fact label="When">
          {exactly(entry.at)}{' '}
          <span className="text-ink-3">
            (<Time at={entry.at} />)
          </span>
        </Fact>
        {connection !== null && (
          <Fact label="Connection">
            <Link to="/connections/$link" params={{ link: connection.linkName }} className={linkClass}>
              {connection.name}
            </Link>{' '}
            <span className="font-mono text-xs text-ink-3">{connection.linkName}</span>
          </Fact>
        )}
        {service !== null && (
          <Fact label="Service">
            <Link to="/services/$link/general" params={{ link: service.linkName }} className={linkClass}>
              {service.name}
            </Link>{' '}
            <span className="font-mono text-xs text-ink-3">{service.linkName}</span>
          </Fact>
        )}
        <Fact label="Who">
          {who.name} <span className="text-ink-3">({who.what})</span>
        </Fact>
        {entry.user !== null && <Fact label="For the user">{entry.user}</Fact>}
        {cause !== '' && <Fact label="Cause">{cause}</Fact>}
        {method === undefined && <Fact label="Details">{entry.detail}</Fact>}
        <Fact label="Type">
          <span className="font-mono text-[13px]">{entry.type}</span>
        </Fact>
        <Fact label="Event">
          <span className="font-mono text-[13px]">{entry.id}</span>
        </Fact>
      </dl>
      {more.length > 0 && <Others entries={more} />}
      {connection !== null && method !== undefined && host !== undefined && path !== '' && (
        <Again entry={entry} connection={connection.linkName} />
      )}
    </>
  )
}

const linkClass = 'rounded-sm text-accent underline-offset-2 hover:underline'

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-ink-3">{label}</dt>
      <dd className="min-w-0 break-words">{children}</dd>
    </>
  )
}

function Request({ entry: { method, host, path } }: { entry: WorkspaceActivity }) {
  return (
    <p className="rounded-md border border-line bg-mute-soft px-3 py-2 font-mono text-[13px] break-all">
      <span className="font-semibold">{method}</span> {host}
      {path}
    </p>
  )
}

/** The tries that the row stands for besides the newest. */
function Others({ entries }: { entries: readonly WorkspaceActivity[] }) {
  return (
    <section>
      <h3 className="mb-1 font-semibold">The same before</h3>
      <ul className="flex flex-col divide-y divide-line rounded-md border border-line">
        {entries.map(({ id, at, detail }) => (
          <li key={id} className="flex gap-3 px-3 py-1.5 text-[13px]">
            <time dateTime={at} title={exactly(at)} className="text-ink-3 tabular">
              {clock(at)}
            </time>
            <span className="min-w-0 break-words">{detail}</span>
          </li>
        ))}
      </ul>
    </section>
  )
}

/** The same call once more: on a command line, or in the console. */
function Again({ entry, connection }: { entry: WorkspaceActivity; connection: string }) {
  const services = useQuery(allServices).data
  const { method = 'GET', host = '', path = '' } = entry
  const baseUrl = services?.find(({ linkName }) => linkName === entry.service?.linkName)?.baseUrl ?? null
  const target = targetOf(host, path, baseUrl)
  const command = curlFor({ origin: location.origin, connection, method, target })
  return (
    <section className="flex flex-col gap-2">
      <h3 className="font-semibold">Call it again</h3>
      <pre className="overflow-x-auto rounded-md border border-line bg-mute-soft p-3 font-mono text-xs" tabIndex={0}>
        {command}
      </pre>
      <p className="text-[13px] text-ink-3">Queries, headers and bodies of calls are not kept: add what yours had.</p>
      <div className="flex flex-wrap gap-2">
        <CopyButton text={command} label="Copy as curl" />
        <Link to="/try" search={{ connection, method, path: target }} className={buttonClass({ size: 'small' })}>
          Try a request
        </Link>
      </div>
    </section>
  )
}

/** The path under the base URL, where it is one; else the whole URL. */
export function targetOf(host: string, path: string, baseUrl: string | null): string {
  const base = URL.parse(baseUrl ?? '')
  const under = base?.pathname.replace(/\/$/, '') ?? ''
  if (base?.host === host && (path === under || path.startsWith(`${under}/`))) return path.slice(under.length) || '/'
  return `${base?.host === host ? base.protocol : 'https:'}//${host}${path}`
}
