import { Link, type LinkProps } from '@tanstack/react-router'
import { ChevronLeft } from 'lucide-react'
import { type ReactNode, useEffect } from 'react'
import { cn } from './class_names.ts'

interface PageProps {
  /** The h1, and the tab's title. */
  title: string
  /** Where the h1 shows more than the title. */
  heading?: ReactNode
  /** One line below the h1. */
  lead?: ReactNode
  /** Buttons at the end of the title's line. */
  actions?: ReactNode
  /** A link above the title, back to where this page belongs. */
  back?: { label: string; link: LinkProps } | undefined
  width?: 'normal' | 'wide' | 'narrow'
  children: ReactNode
}

/** Every page: one h1, one title in the tab, its actions, its content. */
export function Page({ title, heading, lead, actions, back, width = 'normal', children }: PageProps) {
  useTitle(title)
  return (
    <div
      className={cn(
        'mx-auto flex w-full flex-col gap-5 px-4 py-5 sm:px-8 sm:py-7',
        width === 'normal' && 'max-w-6xl',
        width === 'wide' && 'max-w-[100rem]',
        width === 'narrow' && 'max-w-3xl',
      )}
    >
      <header className="flex flex-col gap-2">
        {back !== undefined && (
          <Link
            {...back.link}
            data-back
            className="-ml-1 inline-flex h-6 w-fit items-center gap-0.5 rounded-sm pr-1 text-[13px] text-ink-3 hover:text-ink"
          >
            <ChevronLeft aria-hidden className="size-4" />
            {back.label}
          </Link>
        )}
        <div className="flex flex-wrap items-start justify-between gap-x-4 gap-y-3">
          <div className="min-w-0">
            <h1 className="text-xl font-semibold tracking-tight break-words">{heading ?? title}</h1>
            {lead !== undefined && <div className="mt-0.5 max-w-2xl text-ink-2">{lead}</div>}
          </div>
          {actions !== undefined && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
        </div>
      </header>
      {children}
    </div>
  )
}

export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Mooring`
  }, [title])
}

/** A bounded part of a page. */
export function Section({
  title,
  description,
  actions,
  children,
  className,
}: {
  title?: ReactNode
  description?: ReactNode
  actions?: ReactNode
  children: ReactNode
  className?: string
}) {
  return (
    <section className={cn('min-w-0 rounded-lg border border-line bg-card', className)}>
      {(title !== undefined || actions !== undefined) && (
        <div className="flex flex-wrap items-center justify-between gap-2 border-b border-line px-4 py-2.5">
          <div className="min-w-0">
            <h2 className="font-semibold">{title}</h2>
            {description !== undefined && <p className="text-[13px] text-ink-3">{description}</p>}
          </div>
          {actions}
        </div>
      )}
      {children}
    </section>
  )
}
