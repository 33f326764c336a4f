import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { ServiceMark } from '../../ui/service_mark.tsx'
import { Skeleton } from '../../ui/states.tsx'
import type { Offer } from './offers.ts'

export function OfferGrid({ children }: { children: ReactNode }) {
  return <ul className="grid grid-cols-[repeat(auto-fill,minmax(min(100%,17rem),1fr))] gap-2">{children}</ul>
}

/** A service to pick. The name is the link; the whole card leads there too. */
export function OfferCard({ offer, type }: { offer: Offer; type: string }) {
  return (
    <li className="relative flex min-w-0 items-start gap-3 rounded-lg border border-line bg-card p-3 hover:bg-hover">
      <ServiceMark name={offer.name} logoUrl={offer.logoUrl} size={40} />
      <div className="min-w-0 flex-1">
        <Link {...offer.link} className="font-medium before:absolute before:inset-0 before:rounded-lg">
          {offer.name}
        </Link>
        <p className="text-xs text-ink-3">
          {[offer.category === undefined ? '' : inWords(offer.category), type, offer.verified ? '' : 'not verified']
            .filter(Boolean)
            .join(' · ')}
        </p>
        <p className="mt-1 line-clamp-2 text-[13px] text-ink-2">{offer.description}</p>
      </div>
    </li>
  )
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

/** "project-management" as "Project management". */
function inWords(category: string): string {
  const text = category.replaceAll('-', ' ')
  // Two or three letters are initials.
  return text.length <= 3 ? text.toUpperCase() : text.slice(0, 1).toUpperCase() + text.slice(1)
}
