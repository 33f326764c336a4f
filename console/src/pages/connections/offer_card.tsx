import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { Badge } from '../../ui/notice.tsx'
import { ServiceMark } from '../../ui/service_mark.tsx'
import { Skeleton } from '../../ui/states.tsx'
import { categoryWords, type Offer, type Way } from './offers.ts'

export const offerGrid = 'grid grid-cols-[repeat(auto-fill,minmax(min(100%,17rem),1fr))] gap-2'

export function OfferGrid({ children }: { children: ReactNode }) {
  return <ul className={offerGrid}>{children}</ul>
}

interface OfferCardProps {
  offer: Offer
  /** The title of an authentication type. */
  titleOf: (type: string) => string
}

/** A service to pick. The name is the link; the whole card leads there too, and each other way in has its own. */
export function OfferCard({ offer, titleOf }: OfferCardProps) {
  const { name, description, logoUrl, category, verified, ways } = offer
  const [first] = ways
  const several = ways.length > 1
  const about = [
    category === undefined ? '' : categoryWords(category),
    several ? `${ways.length} ways to authenticate` : titleOf(first.authType),
  ]
  return (
    <li className="relative flex min-w-0 items-start gap-3 rounded-lg border border-line bg-card p-3 hover:bg-hover">
      <ServiceMark name={name} logoUrl={logoUrl} size={40} />
      <div className="min-w-0 flex-1">
        <Link
          {...first.link}
          data-offer
          className="font-medium break-words before:absolute before:inset-0 before:rounded-lg"
        >
          {name}
        </Link>
        <p className="text-xs text-ink-3">{about.filter(Boolean).join(' · ')}</p>
        <p className="mt-1 line-clamp-2 text-[13px] text-ink-2">{description}</p>
        {several && <Ways name={name} ways={ways} titleOf={titleOf} />}
        {!verified && (
          <p className="mt-1.5">
            <Badge tone="mute">Not verified</Badge>
          </p>
        )}
      </div>
    </li>
  )
}

/** Above the card's own link. */
function Ways({ name, ways, titleOf }: { name: string; ways: readonly Way[]; titleOf: OfferCardProps['titleOf'] }) {
  return (
    <ul aria-label={`Ways into ${name}`} className="mt-1.5 flex flex-wrap gap-1">
      {ways.map(({ id, label, authType, link }) => (
        <li key={id} className="min-w-0">
          <Link
            {...link}
            className="relative inline-flex min-h-6 items-center rounded-full border border-control/60 bg-card px-2 text-xs break-words text-ink-2 hover:bg-hover hover:text-ink"
          >
            {label === '' ? titleOf(authType) : sentence(label)}
          </Link>
        </li>
      ))}
    </ul>
  )
}

function sentence(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1)
}

export function OfferSkeleton() {
  return (
    <div role="status" aria-label="Loading">
      <OfferGrid>
        {Array.from({ length: 9 }, (_, index) => (
          <li key={index} className="flex h-24 items-start gap-3 rounded-lg border border-line bg-card p-3">
            <Skeleton className="size-10 rounded-md" />
            <Skeleton className="w-1/2" />
          </li>
        ))}
      </OfferGrid>
    </div>
  )
}
