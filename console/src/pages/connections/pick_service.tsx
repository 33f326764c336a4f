import { useQuery } from '@tanstack/react-query'
import { Link, linkOptions, useNavigate, useSearch } from '@tanstack/react-router'
import { useCallback, useRef } from 'react'
import { authTypes } from '../../data/services.ts'
import { useMay } from '../../session.tsx'
import { buttonClass } from '../../ui/button.tsx'
import { Page } from '../../ui/page.tsx'
import { SearchField } from '../../ui/search_field.tsx'
import { Empty } from '../../ui/states.tsx'
import { TabLinks } from '../../ui/tab_links.tsx'
import { CatalogueFilters, type Narrowed } from './catalogue_filters.tsx'
import { CustomServices } from './custom_services.tsx'
import { DefaultServices } from './default_services.tsx'
import { moveAmongOffers } from './offer_keys.ts'

export function PickServicePage() {
  const may = useMay('manage')
  return (
    <Page
      title="Pick Your Service"
      lead="What do you want to connect?"
      back={{ label: 'Connections', link: linkOptions({ to: '/connections' }) }}
    >
      {may ? (
        <Pick />
      ) : (
        <Empty
          title="You may look at connections, not add them"
          action={
            <Link to="/connections" className={buttonClass()}>
              Back to Connections
            </Link>
          }
        >
          Ask an owner, an admin or a developer of this workspace.
        </Empty>
      )}
    </Page>
  )
}

function Pick() {
  const { tab = 'default', query = '', category, type } = useSearch({ from: '/inside/connections/new' })
  const navigate = useNavigate({ from: '/connections/new' })
  const types = useQuery(authTypes).data ?? []
  const kept = query === '' ? {} : { query }
  const narrowed: Narrowed = {
    ...(category === undefined ? {} : { category }),
    ...(type === undefined ? {} : { type }),
  }
  const search = useCallback(
    (text: string) =>
      void navigate({
        search: {
          ...(tab === 'custom' ? { tab } : {}),
          ...(text === '' ? {} : { query: text }),
          ...(category === undefined ? {} : { category }),
          ...(type === undefined ? {} : { type }),
        },
        replace: true,
      }),
    [navigate, tab, category, type],
  )
  const narrow = (next: Narrowed): void => void navigate({ search: { ...kept, ...next }, replace: true })
  const list = useRef<HTMLDivElement>(null)
  return (
    <>
      <TabLinks
        label="Kind of service"
        tabs={[
          {
            label: 'Default services',
            link: linkOptions({ to: '/connections/new', search: kept }),
            current: tab === 'default',
          },
          {
            label: 'Custom Service',
            link: linkOptions({ to: '/connections/new', search: { ...kept, tab: 'custom' } }),
            current: tab === 'custom',
          },
        ]}
      />
      {/* oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- arrows go on from the search to what was found */}
      <div
        ref={list}
        onKeyDown={(event) => moveAmongOffers(event, list.current, query)}
        className="flex flex-col gap-5"
      >
        <div className="flex flex-col gap-2 sm:flex-row">
          <SearchField
            // A new tab is a new search, which has the focus again.
            key={tab}
            label={tab === 'custom' ? 'Search your services' : 'Search services'}
            value={query}
            onSearch={search}
            focused
            className="w-full sm:w-96"
          />
          {tab === 'default' && <CatalogueFilters value={narrowed} types={types} onChange={narrow} />}
        </div>
        {tab === 'custom' ? (
          <CustomServices query={query} />
        ) : (
          <DefaultServices query={query} narrowed={narrowed} onClear={() => narrow({})} />
        )}
      </div>
    </>
  )
}
