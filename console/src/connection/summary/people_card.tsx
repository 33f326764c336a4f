import { useInfiniteQuery } from '@tanstack/react-query'
import { Ban, CircleAlert, CircleCheck } from 'lucide-react'
import { connectionUsers } from '../../data/connections.ts'
import { Button } from '../../ui/button.tsx'
import { Badge } from '../../ui/notice.tsx'
import { Section } from '../../ui/page.tsx'
import { LoadError, SkeletonRows } from '../../ui/states.tsx'
import { Time } from '../../ui/time.tsx'
import { useOpenConnection } from './open_connection.tsx'

const states = {
  active: { word: 'Active', tone: 'ok', icon: CircleCheck },
  reauthorization_required: { word: 'Reconnect needed', tone: 'bad', icon: CircleAlert },
  revoked: { word: 'Revoked', tone: 'mute', icon: Ban },
} as const

/** Of a connection that each user authorizes for themself: who has. */
export function PeopleCard() {
  const { connection, mayChange, connect, connecting, revoke } = useOpenConnection()
  const users = useInfiniteQuery(connectionUsers(connection.linkName))
  const authorizations = users.data?.pages.flatMap(({ items }) => items)
  return (
    <Section
      title="Who has authorized"
      actions={
        mayChange && (
          <Button size="small" busy={connecting} onClick={() => connect()}>
            Authorize for a user
          </Button>
        )
      }
    >
      {users.isError && (
        <div className="p-4">
          <LoadError error={users.error} retrying={users.isFetching} onRetry={() => void users.refetch()} />
        </div>
      )}
      {users.isPending && <SkeletonRows rows={2} />}
      {authorizations === undefined ? null : authorizations.length === 0 ? (
        <p className="px-4 py-3 text-ink-2">Nobody yet. Each user signs in for themself.</p>
      ) : (
        <ul className="flex flex-col divide-y divide-line">
          {authorizations.map((one) => {
            const { word, tone, icon } = states[one.status]
            const user = one.user ?? ''
            return (
              <li key={one.id} className="flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-2.5">
                <div className="min-w-0 flex-1 basis-48">
                  <p className="font-medium break-words">{user}</p>
                  <p className="text-[13px] text-ink-3">
                    {one.account !== null && <>{one.account} · </>}
                    {one.lastUsedAt === null ? (
                      'never used'
                    ) : (
                      <>
                        used <Time at={one.lastUsedAt} />
                      </>
                    )}
                    {one.status === 'reauthorization_required' && one.lastError !== null && (
                      <> · {one.lastError.detail}</>
                    )}
                  </p>
                </div>
                <Badge tone={tone} icon={icon}>
                  {word}
                </Badge>
                {mayChange && (
                  <div className="flex gap-1">
                    {one.status !== 'active' && (
                      <Button
                        size="small"
                        busy={connecting}
                        aria-label={`Reconnect for ${user}`}
                        onClick={() => connect(user)}
                      >
                        Reconnect
                      </Button>
                    )}
                    {one.status !== 'revoked' && (
                      <Button
                        size="small"
                        look="danger-quiet"
                        aria-label={`Revoke for ${user}`}
                        onClick={() => revoke(user)}
                      >
                        Revoke
                      </Button>
                    )}
                  </div>
                )}
              </li>
            )
          })}
        </ul>
      )}
      {users.hasNextPage && (
        <div className="border-t border-line px-4 py-2.5">
          <Button size="small" busy={users.isFetchingNextPage} onClick={() => void users.fetchNextPage()}>
            Load more
          </Button>
        </div>
      )}
    </Section>
  )
}
