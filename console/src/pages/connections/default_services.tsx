import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Plus } from 'lucide-react'
import { useEffect } from 'react'
import { catalogueSearch } from '../../data/catalogue.ts'
import { allServices, authTypes } from '../../data/services.ts'
import { announce } from '../../ui/announce.tsx'
import { Button, buttonClass } from '../../ui/button.tsx'
import { Empty, LoadError } from '../../ui/states.tsx'
import { Windowed } from '../../ui/windowed.tsx'
import { StartFromLink } from '../services/start/link.tsx'
import type { Narrowed } from './catalogue_filters.tsx'
import { entryOffers, isOffered, type Offer, presentOffers } from './offers.ts'
import { OfferCard, offerGrid, OfferSkeleton } from './offer_card.tsx'

interface DefaultServicesProps {
  query: string
  narrowed: Narrowed
  onClear: () => void
}

/** What is set up already, then what is ready-made, the best first. */
export function DefaultServices({ query, narrowed: { category, type }, onClear }: DefaultServicesProps) {
  const services = useQuery(allServices)
  const entries = useQuery(
    catalogueSearch({
      ...(query === '' ? {} : { query }),
      ...(category === undefined ? {} : { category }),
      ...(type === undefined ? {} : { authType: type }),
    }),
  )
  const types = useQuery(authTypes).data ?? []
  const titleOf = (wanted: string): string => types.find((one) => one.type === wanted)?.title ?? ''
  const failed = [services, entries].filter(({ error }) => error !== null)
  // A category is something of the catalogue's.
  const present = category === undefined ? presentOffers(services.data ?? []) : []
  const groups = groupsOf([
    ...present.filter(
      (offer) =>
        isOffered(offer, titleOf(offer.ways[0].authType), query) &&
        (type === undefined || offer.ways[0].authType === type),
    ),
    ...entryOffers(entries.data ?? [], services.data ?? []),
  ])
  const count = groups.reduce((sum, { offers }) => sum + offers.length, 0)
  const loading = services.isPending || entries.isPending
  const narrows = query !== '' || category !== undefined || type !== undefined
  const settled = !loading && !entries.isPlaceholderData
  useEffect(() => {
    if (narrows && settled) announce(count === 1 ? '1 service' : `${count} services`)
  }, [count, narrows, settled])
  return (
    <>
      {failed.map(({ error }, index) => (
        <LoadError
          key={index}
          error={error}
          retrying={services.isFetching || entries.isFetching}
          onRetry={() => failed.forEach(({ refetch }) => void refetch())}
        />
      ))}
      {loading && failed.length === 0 && <OfferSkeleton />}
      {settled && count === 0 && narrows ? (
        <NoMatch query={query} narrowed={category !== undefined || type !== undefined} onClear={onClear} />
      ) : (
        // What was found before stays until the next is there, and the page its height.
        <div aria-busy={entries.isPlaceholderData} className="flex min-h-[50dvh] flex-col gap-5">
          {groups.map(({ title, offers }) => (
            <section key={title} aria-label={title} className="flex flex-col gap-2">
              <h2 className="text-[13px] font-medium text-ink-3">
                {title} <span className="tabular">{offers.length}</span>
              </h2>
              <div className="flex flex-col gap-2">
                <Windowed items={offers} keyOf={({ id }) => id} itemHeight={40} as="ul" className={offerGrid}>
                  {(offer) => <OfferCard offer={offer} titleOf={titleOf} />}
                </Windowed>
              </div>
            </section>
          ))}
          {!loading && <SomethingElse query={query} />}
        </div>
      )}
    </>
  )
}

interface NoMatchProps {
  query: string
  narrowed: boolean
  onClear: () => void
}

function NoMatch({ query, narrowed, onClear }: NoMatchProps) {
  return (
    <Empty
      title={query === '' ? 'No default service is of this kind' : `No default service matches “${query}”`}
      action={
        <>
          {narrowed && <Button onClick={onClear}>Clear filters</Button>}
          {query !== '' && (
            <Link to="/services/new" search={{ name: query }} className={buttonClass({ look: 'primary' })}>
              Connect “{query}” yourself
            </Link>
          )}
          <StartFromLink />
        </>
      }
    >
      Any API can be connected: say how it authenticates, or start from its OpenAPI document, a curl command or a URL.
    </Empty>
  )
}

function SomethingElse({ query }: { query: string }) {
  return (
    <Link
      to="/services/new"
      search={query === '' ? {} : { name: query }}
      className="flex items-center gap-3 rounded-lg border border-dashed border-control/60 p-3 hover:bg-hover"
    >
      <span aria-hidden className="inline-flex size-10 items-center justify-center rounded-md bg-mute-soft text-ink-3">
        <Plus className="size-5" />
      </span>
      <span>
        <span className="block font-medium">Something else</span>
        <span className="block text-[13px] text-ink-3">Create a custom service for any other API</span>
      </span>
    </Link>
  )
}

/** Set up already, then ready-made; what nobody has confirmed comes last. */
function groupsOf(offers: readonly Offer[]): { title: string; offers: Offer[] }[] {
  return [
    { title: 'Ready to connect', offers: offers.filter(({ category }) => category === undefined) },
    {
      title: 'Ready-made, with your own app or key',
      offers: offers.filter(({ category, verified }) => category !== undefined && verified),
    },
    { title: 'Ready-made, not verified', offers: offers.filter(({ verified }) => !verified) },
  ].filter((group) => group.offers.length > 0)
}
