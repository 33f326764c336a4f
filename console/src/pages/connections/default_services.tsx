import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Plus } from 'lucide-react'
import { catalogueEntries } from '../../data/catalogue.ts'
import { allServices, authTypes } from '../../data/services.ts'
import { buttonClass } from '../../ui/button.tsx'
import { Empty, LoadError } from '../../ui/states.tsx'
import { StartFromLink } from '../services/start/link.tsx'
import { isOffered, type Offer, offersOf } from './offers.ts'
import { OfferCard, OfferGrid, OfferSkeleton } from './offer_card.tsx'

/** What is set up already, then what is ready-made, by category. */
export function DefaultServices({ query }: { query: string }) {
  const services = useQuery(allServices)
  const entries = useQuery(catalogueEntries)
  const types = useQuery(authTypes).data ?? []
  const titleOf = (type: string): string => types.find((one) => one.type === type)?.title ?? ''
  const failed = [services, entries].filter(({ error }) => error !== null)
  const found = offersOf(services.data ?? [], entries.data ?? []).filter((offer) =>
    isOffered(offer, titleOf(offer.authType), query),
  )
  const loading = services.isPending || entries.isPending
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
      {!loading && found.length === 0 && query !== '' ? (
        <Empty
          title={`No default service matches “${query}”`}
          action={
            <>
              <Link to="/services/new" search={{ name: query }} className={buttonClass({ look: 'primary' })}>
                Connect “{query}” yourself
              </Link>
              <StartFromLink />
            </>
          }
        >
          Any API can be connected: say how it authenticates, or start from its OpenAPI document, a curl command or a URL.
        </Empty>
      ) : (
        <>
          {groupsOf(found).map(({ title, offers }) => (
            <section key={title} aria-label={title} className="flex flex-col gap-2">
              <h2 className="text-[13px] font-medium text-ink-3">{title}</h2>
              <OfferGrid>
                {offers.map((offer) => (
                  <OfferCard key={offer.id} offer={offer} type={titleOf(offer.authType)} />
                ))}
              </OfferGrid>
            </section>
          ))}
          {!loading && <SomethingElse query={query} />}
        </>
      )}
    </>
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
