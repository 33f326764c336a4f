import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { KeyRound, UserRound } from 'lucide-react'
import { connectionUsage } from '../../data/connections.ts'
import { Section } from '../../ui/page.tsx'
import { LoadError, Skeleton } from '../../ui/states.tsx'
import { Time } from '../../ui/time.tsx'
import { useOpenConnection } from './open_connection.tsx'

/** Who called through it in the last seven days. */
export function UsedBy() {
  const { connection } = useOpenConnection()
  const usage = useQuery(connectionUsage(connection.linkName))
  return (
    <Section title="Used by" description="In the last 7 days">
      {usage.data === undefined ? (
        <div className="p-4">
          {usage.isPending ? (
            <Skeleton className="w-1/2" />
          ) : (
            <LoadError error={usage.error} retrying={usage.isFetching} onRetry={() => void usage.refetch()} />
          )}
        </div>
      ) : usage.data.callers.length === 0 ? (
        <p className="px-4 py-3 text-ink-2">
          Nobody called through it.{' '}
          <Link
            to="/connections/$link/use"
            params={{ link: connection.linkName }}
            className="text-accent underline underline-offset-2"
          >
            How to use it
          </Link>
        </p>
      ) : (
        <ul className="flex flex-col divide-y divide-line">
          {usage.data.callers.map(({ actor, name, calls, failed, lastUsedAt }) => {
            const isKey = actor.startsWith('api_key:')
            const Icon = isKey ? KeyRound : UserRound
            return (
              <li key={actor} className="flex items-start gap-2.5 px-4 py-2.5">
                <Icon aria-label={isKey ? 'API key' : 'Person'} className="mt-0.5 size-4 shrink-0 text-ink-3" />
                <div className="min-w-0 flex-1">
                  <p className="truncate font-medium">{name}</p>
                  <p className="text-[13px] text-ink-3">
                    last <Time at={lastUsedAt} />
                  </p>
                </div>
                <div className="text-right tabular">
                  <p>{calls === 1 ? '1 call' : `${calls.toLocaleString()} calls`}</p>
                  {failed > 0 && <p className="text-[13px] text-bad">{failed.toLocaleString()} failed</p>}
                </div>
              </li>
            )
          })}
        </ul>
      )}
    </Section>
  )
}
