import { Link, linkOptions, useNavigate, useSearch } from '@tanstack/react-router'
import { useCallback } from 'react'
import { useMay } from '../../session.tsx'
import { buttonClass } from '../../ui/button.tsx'
import { Page } from '../../ui/page.tsx'
import { SearchField } from '../../ui/search_field.tsx'
import { Empty } from '../../ui/states.tsx'
import { TabLinks } from '../../ui/tab_links.tsx'
import { CustomServices } from './custom_services.tsx'
import { DefaultServices } from './default_services.tsx'

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
  const { tab = 'default', query = '' } = useSearch({ from: '/inside/connections/new' })
  const navigate = useNavigate({ from: '/connections/new' })
  const kept = query === '' ? {} : { query }
  const search = useCallback(
    (text: string) =>
      void navigate({
        search: { ...(tab === 'custom' ? { tab } : {}), ...(text === '' ? {} : { query: text }) },
        replace: true,
      }),
    [navigate, tab],
  )
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
      <SearchField
        // A new tab is a new search, which has the focus again.
        key={tab}
        label={tab === 'custom' ? 'Search your services' : 'Search services'}
        value={query}
        onSearch={search}
        focused
        className="w-full sm:w-96"
      />
      {tab === 'custom' ? <CustomServices query={query} /> : <DefaultServices query={query} />}
    </>
  )
}
