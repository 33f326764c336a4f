import { useQuery } from '@tanstack/react-query'
import { Facts } from '../../connection/summary/facts.tsx'
import { useOpenConnection } from '../../connection/summary/open_connection.tsx'
import { PeopleCard } from '../../connection/summary/people_card.tsx'
import { ScopesCard } from '../../connection/summary/scopes_card.tsx'
import { TimelineCard } from '../../connection/summary/timeline_card.tsx'
import { UsedBy } from '../../connection/summary/used_by_card.tsx'
import { connectionAuthorizations } from '../../data/connections.ts'
import { oneService } from '../../data/services.ts'

export function ConnectionOverview() {
  const { connection } = useOpenConnection()
  const service = useQuery(oneService(connection.service.linkName)).data
  const authorizations = useQuery(connectionAuthorizations(connection.linkName)).data
  const shared = authorizations?.find(({ user }) => user === null)
  return (
    <div className="flex flex-col gap-5">
      <Facts service={service} authorizations={authorizations} />
      <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,1fr)_20rem]">
        <div className="flex min-w-0 flex-col gap-5">
          {connection.authorizationLevel === 'per_user' && <PeopleCard />}
          <TimelineCard />
        </div>
        <div className="flex min-w-0 flex-col gap-5">
          <UsedBy />
          <ScopesCard service={service} shared={shared} />
        </div>
      </div>
    </div>
  )
}
