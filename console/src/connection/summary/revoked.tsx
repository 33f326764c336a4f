import type { Service } from '@mooring/sdk'
import { useInfiniteQuery } from '@tanstack/react-query'
import { connectionActivity } from '../../data/connections.ts'
import { buttonClass } from '../../ui/button.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Time } from '../../ui/time.tsx'
import { nameOf } from '../../words/activity.ts'
import { lastRevocation, notConfirmed } from '../../words/revocation.ts'
import { useOpenConnection } from './open_connection.tsx'
import { Reconnect } from './reconnect.tsx'

/** Who revoked it and when, and whether the provider knows. */
export function Revoked({ service }: { service: Service | undefined }) {
  const { connection } = useOpenConnection()
  const activity = useInfiniteQuery(connectionActivity(connection.linkName)).data
  const last = lastRevocation(activity?.pages.flatMap(({ items }) => items) ?? [])
  const name = connection.service.name
  const words = last?.unconfirmed === true ? notConfirmed(name) : undefined
  const where = service === undefined ? undefined : providerAddress(service)
  return (
    <>
      <Notice tone="mute" title="Revoked" action={<Reconnect label="Connect again" />}>
        <p>
          {last?.revoked !== undefined && (
            <>
              By {nameOf(last.revoked.actor)}, <Time at={last.revoked.at} />.{' '}
            </>
          )}
          Calls through it are refused. Connecting again keeps its link name and history.
        </p>
      </Notice>
      {words !== undefined && (
        <Notice
          tone="warn"
          title={words.title}
          action={
            where !== undefined && (
              <a href={where.href} target="_blank" rel="noreferrer" className={buttonClass()}>
                Open {where.host}
              </a>
            )
          }
        >
          {words.description}
        </Notice>
      )}
    </>
  )
}

/** Where somebody manages their apps, as far as the definition tells: the host where they signed in. */
function providerAddress({ auth }: Service): { href: string; host: string } | undefined {
  const written = auth?.['authorizationUrl']
  const url = typeof written === 'string' && !written.includes('{') ? URL.parse(written) : null
  return url === null ? undefined : { href: url.origin, host: url.host }
}
