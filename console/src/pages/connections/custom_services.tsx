import type { Service } from '@mooring/sdk'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Plus } from 'lucide-react'
import { lazy, Suspense } from 'react'
import { allServices, authTypes } from '../../data/services.ts'
import { buttonClass } from '../../ui/button.tsx'
import { cn } from '../../ui/class_names.ts'
import { MarkOfService } from '../../connection/marks.tsx'
import { Empty, LoadError, SkeletonRows } from '../../ui/states.tsx'
import { StartFromLink } from '../services/start/link.tsx'
import { OfferGrid, OfferSkeleton } from './offer_card.tsx'

// With the rules for forms, which picking a service does not need.
const InOneForm = lazy(() => import('./in_one_form.tsx').then(({ InOneForm }) => ({ default: InOneForm })))

/** Services of one's own: those that are ready, those that are not yet, and a new one. */
export function CustomServices({ query }: { query: string }) {
  const { data, error, isPending, isFetching, refetch } = useQuery(allServices)
  const own = (data ?? []).filter(({ origin }) => origin === 'custom')
  const wanted = query.toLowerCase()
  const found = own
    .filter(({ name, linkName }) => [name, linkName].some((text) => text.toLowerCase().includes(wanted)))
    .sort((one, other) => Number(other.stage === 'ready') - Number(one.stage === 'ready'))
  return (
    <>
      {error !== null && <LoadError error={error} retrying={isFetching} onRetry={() => void refetch()} />}
      {isPending && error === null && <OfferSkeleton />}
      {data !== undefined && (
        <section aria-label="Your services" className="flex flex-col gap-2">
          <div className="flex flex-wrap items-center justify-between gap-2">
            <h2 className="text-[13px] font-medium text-ink-3">Your services</h2>
            <div className="flex flex-wrap gap-2">
              <StartFromLink size="small" />
              <CreateService name={query} />
            </div>
          </div>
          {found.length === 0 ? (
            <Empty title={own.length === 0 ? 'No custom services yet' : `No custom service matches “${query}”`}>
              {own.length === 0
                ? 'A custom service says how an API authenticates; connections of it keep the sign-ins alive.'
                : 'Look under Default services, or create it.'}
            </Empty>
          ) : (
            <OfferGrid>
              {found.map((service) => (
                <CustomCard key={service.id} service={service} />
              ))}
            </OfferGrid>
          )}
        </section>
      )}
      <section aria-label="A new service and its connection" className="flex flex-col gap-3">
        <div>
          <h2 className="text-[13px] font-medium text-ink-3">A new service and its connection</h2>
          <p className="text-ink-2">Say how the API authenticates and connect it, on one page.</p>
        </div>
        <Suspense fallback={<SkeletonRows rows={4} />}>
          <InOneForm />
        </Suspense>
      </section>
    </>
  )
}

function CreateService({ name }: { name: string }) {
  return (
    <Link
      to="/services/new"
      search={name === '' ? {} : { name }}
      className={buttonClass({ look: 'primary', size: 'small' })}
    >
      <Plus aria-hidden className="size-3.5" />
      Create Service
    </Link>
  )
}

function CustomCard({ service }: { service: Service }) {
  const type = useQuery(authTypes).data?.find((one) => one.type === service.auth?.type)?.title
  const ready = service.stage === 'ready'
  return (
    <li
      className={cn(
        'flex min-w-0 flex-col gap-3 rounded-lg border border-line p-3',
        ready ? 'bg-card' : 'border-dashed bg-ground text-ink-3',
      )}
    >
      <div className="flex min-w-0 items-start gap-3">
        <span className={cn(!ready && 'grayscale')}>
          <MarkOfService service={service} size={40} />
        </span>
        <div className="min-w-0">
          <p className="font-medium break-words">{service.name}</p>
          <p className="text-xs text-ink-3">
            {type ?? 'No authentication type yet'}
            {!ready && ' · Draft'}
          </p>
          <p className="mt-1 line-clamp-2 text-[13px]">{service.description}</p>
        </div>
      </div>
      <div className="mt-auto flex justify-end">
        {ready ? (
          <Link
            to="/connections/new/$service"
            params={{ service: service.linkName }}
            aria-label={`Create Connection of ${service.name}`}
            className={buttonClass({ size: 'small' })}
          >
            Create Connection
          </Link>
        ) : (
          <Link
            to="/services/$link/general"
            params={{ link: service.linkName }}
            aria-label={`Finish setup of ${service.name}`}
            className={buttonClass({ size: 'small' })}
          >
            Finish setup
          </Link>
        )}
      </div>
    </li>
  )
}
