import type { Connection } from '@mooring/sdk'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { Plus } from 'lucide-react'
import { useCallback, useDeferredValue, useEffect, useState } from 'react'
import { useAuthorizing } from '../../connection/authorizing.tsx'
import { RevokeDialog } from '../../connection/revoke_dialog.tsx'
import { allConnections } from '../../data/connections.ts'
import { useMay } from '../../session.tsx'
import { announce } from '../../ui/announce.tsx'
import { Button, buttonClass } from '../../ui/button.tsx'
import { Page } from '../../ui/page.tsx'
import { SearchField } from '../../ui/search_field.tsx'
import { Empty, LoadError, SkeletonRows } from '../../ui/states.tsx'
import { Time, useNow } from '../../ui/time.tsx'
import { ConnectionRows } from './connection_rows.tsx'
import { isFound, isShown, type Show, tiles } from './filter.ts'
import { NoConnections } from './no_connections.tsx'
import { StatusTiles } from './status_tiles.tsx'

export function ConnectionsPage() {
  const may = useMay('manage')
  const list = useQuery(allConnections)
  return (
    <Page
      title="Connections"
      lead="Sign-ins that Mooring keeps alive, each called by its link name."
      actions={
        may && (
          <Link to="/connections/new" className={buttonClass({ look: 'primary' })}>
            <Plus aria-hidden className="size-4" />
            Add Connection
          </Link>
        )
      }
    >
      {list.error !== null && (
        <LoadError error={list.error} retrying={list.isFetching} onRetry={() => void list.refetch()} />
      )}
      {list.isPending && list.error === null && (
        <div className="rounded-lg border border-line bg-card">
          <SkeletonRows />
        </div>
      )}
      {list.data?.length === 0 && <NoConnections />}
      {list.data !== undefined && list.data.length > 0 && (
        <Connections connections={list.data} updatedAt={list.dataUpdatedAt} />
      )}
    </Page>
  )
}

/** A list that is older says how old it is. In milliseconds. */
const freshFor = 60_000

function Connections({ connections, updatedAt }: { connections: readonly Connection[]; updatedAt: number }) {
  const { query = '', show } = useSearch({ from: '/inside/connections' })
  const navigate = useNavigate({ from: '/connections' })
  const [revoking, setRevoking] = useState<Connection | null>(null)
  const authorizing = useAuthorizing()
  const now = useNow()
  const shown = connections.filter((one) => isFound(one, query) && isShown(one, show, now))
  // What is typed is drawn before what it finds.
  const drawn = useDeferredValue(shown)
  const search = useCallback(
    (text: string) =>
      void navigate({
        search: { ...(show === undefined ? {} : { show }), ...(text === '' ? {} : { query: text }) },
        replace: true,
      }),
    [navigate, show],
  )
  const count = shown.length
  useEffect(() => {
    if (query !== '' || show !== undefined) announce(count === 1 ? '1 connection' : `${count} connections`)
  }, [count, query, show])
  return (
    <>
      <StatusTiles connections={connections} show={show} />
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <SearchField
          label="Search connections"
          placeholder="Search by name, link name or service"
          value={query}
          onSearch={search}
          className="w-full sm:w-80"
        />
        {now - updatedAt > freshFor && (
          <p className="text-[13px] text-ink-3">
            Updated <Time at={new Date(updatedAt).toISOString()} />
          </p>
        )}
      </div>
      {authorizing.panel}
      {count === 0 ? (
        <NoMatch query={query} show={show} />
      ) : (
        <ConnectionRows
          connections={drawn}
          waitingFor={authorizing.waitingFor}
          connect={authorizing.begin}
          revoke={setRevoking}
        />
      )}
      <RevokeDialog connection={revoking} onClose={() => setRevoking(null)} />
    </>
  )
}

function NoMatch({ query, show }: { query: string; show: Show | undefined }) {
  const may = useMay('manage')
  const navigate = useNavigate({ from: '/connections' })
  const tile = tiles.find((one) => one.show === show)?.label ?? ''
  return (
    <Empty
      title={
        query === ''
          ? `No connection is here: ${tile}`
          : `No connection matches “${query}”${show === undefined ? '' : ` in ${tile}`}`
      }
      action={
        <>
          <Button onClick={() => void navigate({ search: {}, replace: true })}>
            {query === '' ? 'Show all' : show === undefined ? 'Clear search' : 'Clear filters'}
          </Button>
          {may && query !== '' && (
            <Link to="/connections/new" search={{ query }} className={buttonClass({ look: 'primary' })}>
              Add “{query}”
            </Link>
          )}
        </>
      }
    >
      {query === '' ? 'Nothing to worry about on this list.' : 'Look for it under another name, or connect it now.'}
    </Empty>
  )
}
