import type { AuthType, Service } from '@mooring/sdk'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { Plus } from 'lucide-react'
import { useCallback, useEffect } from 'react'
import { allServices, authTypes } from '../../data/services.ts'
import { useMay } from '../../session.tsx'
import { announce } from '../../ui/announce.tsx'
import { Button, buttonClass } from '../../ui/button.tsx'
import { Page } from '../../ui/page.tsx'
import { SearchField } from '../../ui/search_field.tsx'
import { Empty, LoadError, SkeletonRows } from '../../ui/states.tsx'
import { ServiceCard } from './service_card.tsx'
import { StartFromLink } from './start/link.tsx'

/** The services of one's own, and quieter those taken from the default ones. */
export function ServicesPage() {
  const list = useQuery(allServices)
  const may = useMay('manage')
  return (
    <Page
      title="Custom services"
      lead="How the APIs that you connect authenticate, each defined once for any number of connections."
      actions={
        may && (
          <>
            <StartFromLink />
            <CreateService />
          </>
        )
      }
    >
      {list.error !== null && (
        <LoadError error={list.error} retrying={list.isFetching} onRetry={() => void list.refetch()} />
      )}
      {list.isPending && list.error === null && <SkeletonRows />}
      {list.data?.length === 0 && <NoServices may={may} />}
      {list.data !== undefined && list.data.length > 0 && <Services services={list.data} may={may} />}
    </Page>
  )
}

function CreateService() {
  return (
    <Link to="/services/new" className={buttonClass({ look: 'primary' })}>
      <Plus aria-hidden className="size-4" />
      Create Service
    </Link>
  )
}

function NoServices({ may }: { may: boolean }) {
  return (
    <Empty
      title="No custom services yet"
      action={
        may && (
          <>
            <CreateService />
            <StartFromLink />
          </>
        )
      }
    >
      A custom service tells Mooring how an API that is not among the default services authenticates: where a person
      signs in, or where a key goes. Define it once, then connect it as often as you like.
    </Empty>
  )
}

function Services({ services, may }: { services: readonly Service[]; may: boolean }) {
  const { query = '' } = useSearch({ from: '/inside/services' })
  const navigate = useNavigate()
  const types = useQuery(authTypes).data ?? []
  const search = useCallback(
    (text: string) => void navigate({ to: '/services', search: text === '' ? {} : { query: text }, replace: true }),
    [navigate],
  )
  const found = services.filter((service) => isFound(service, query))
  useEffect(() => {
    if (query !== '') announce(found.length === 1 ? '1 service' : `${found.length} services`)
  }, [found.length, query])
  const custom = found.filter(({ origin }) => origin === 'custom')
  const taken = found.filter(({ origin }) => origin === 'catalogue')
  const ownOnes = services.some(({ origin }) => origin === 'custom')
  return (
    <>
      <SearchField label="Search by name or link name" value={query} onSearch={search} className="w-full max-w-sm" />
      {found.length === 0 && (
        <Empty
          title={`No service fits “${query}”`}
          action={
            <>
              <Button onClick={() => search('')}>Clear search</Button>
              {may && (
                <Link to="/services/new" search={{ name: query }} className={buttonClass({ look: 'primary' })}>
                  Create “{query}”
                </Link>
              )}
            </>
          }
        >
          Is it an API that Mooring does not know yet? Define it yourself.
        </Empty>
      )}
      {!ownOnes && query === '' && <NoServices may={may} />}
      <Cards services={custom} types={types} may={may} />
      {taken.length > 0 && (
        <section aria-labelledby="from-default" className="flex flex-col gap-3">
          <div>
            <h2 id="from-default" className="font-semibold text-ink-2">
              From the default services
            </h2>
            <p className="text-[13px] text-ink-3">Made when a default service was connected.</p>
          </div>
          <Cards services={taken} types={types} may={may} />
        </section>
      )}
    </>
  )
}

function Cards({ services, types, may }: { services: readonly Service[]; types: readonly AuthType[]; may: boolean }) {
  if (services.length === 0) return null
  return (
    <ul className="grid grid-cols-[repeat(auto-fill,minmax(min(20rem,100%),1fr))] gap-3">
      {services.map((service) => (
        <ServiceCard
          key={service.id}
          service={service}
          type={types.find(({ type }) => type === service.auth?.type)?.title}
          may={may}
        />
      ))}
    </ul>
  )
}

function isFound({ name, linkName }: Service, query: string): boolean {
  const wanted = query.toLowerCase()
  return name.toLowerCase().includes(wanted) || linkName.toLowerCase().includes(wanted)
}
