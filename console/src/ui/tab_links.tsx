import { Link, type LinkProps } from '@tanstack/react-router'

/** Tabs that are addresses: parts of one page, each with a URL. */
export function TabLinks({
  label,
  tabs,
}: {
  label: string
  /** `current`: also where the address does not say so. */
  tabs: { label: string; link: LinkProps; count?: number; current?: boolean }[]
}) {
  return (
    <nav aria-label={label} className="-mb-px flex gap-1 overflow-x-auto border-b border-line">
      {tabs.map((tab) => (
        <Link
          key={tab.label}
          {...tab.link}
          activeOptions={{ exact: true, ...tab.link.activeOptions }}
          aria-current={tab.current === true ? 'page' : undefined}
          className="border-b-2 border-transparent px-3 py-2 font-medium whitespace-nowrap text-ink-3 hover:text-ink focus-visible:-outline-offset-2 aria-[current=page]:border-accent aria-[current=page]:text-ink"
        >
          {tab.label}
          {tab.count !== undefined && <span className="ml-1.5 text-xs text-ink-3 tabular">{tab.count}</span>}
        </Link>
      ))}
    </nav>
  )
}
