import type { CatalogueEntry } from '@mooring/sdk'
import { ExternalLink } from 'lucide-react'
import type { ReactNode } from 'react'
import { useMedia } from '../../ui/media.ts'

/** The guide beside what is filled in; above it, folded, where there is no room beside. */
export function WithGuide({ entry, children }: { entry: CatalogueEntry; children: ReactNode }) {
  if (!useMedia('(min-width: 1100px)')) {
    return (
      <>
        <details className="rounded-lg border border-line bg-card px-4 py-3">
          <summary className="cursor-pointer rounded-sm font-medium">How to set up {entry.name}</summary>
          <div className="mt-3">
            <SetupGuide entry={entry} />
          </div>
        </details>
        {children}
      </>
    )
  }
  return (
    <div className="grid grid-cols-[minmax(0,1fr)_20rem] items-start gap-7">
      <div className="flex flex-col gap-5">{children}</div>
      <div className="sticky top-6 max-h-[calc(100dvh-3rem)] overflow-y-auto">
        <SetupGuide entry={entry} />
      </div>
    </div>
  )
}

/** Where to click at the provider, under the same four headings for every service. */
function SetupGuide({ entry: { name, guide, docsUrl } }: { entry: CatalogueEntry }) {
  const parts = [
    { title: 'What you need', lines: guide.need, ordered: false },
    { title: 'Create the app', lines: guide.createApp, ordered: true },
    { title: 'Copy the values', lines: guide.copyValues, ordered: true },
    { title: 'Common errors', lines: guide.commonErrors, ordered: false },
  ].filter(({ lines }) => lines.length > 0)
  return (
    <aside aria-label={`How to set up ${name}`} className="flex flex-col gap-4 text-[13px] text-ink-2">
      {parts.map(({ title, lines, ordered }) => {
        const List = ordered ? 'ol' : 'ul'
        return (
          <section key={title}>
            <h3 className="mb-1 text-sm font-medium text-ink">{title}</h3>
            <List className={ordered ? 'list-decimal space-y-1 pl-4.5' : 'list-disc space-y-1 pl-4.5'}>
              {lines.map((line) => (
                <li key={line} className="break-words">
                  {line}
                </li>
              ))}
            </List>
          </section>
        )
      })}
      {docsUrl !== null && (
        <a
          href={docsUrl}
          target="_blank"
          rel="noreferrer"
          className="inline-flex w-fit items-center gap-1 text-accent underline underline-offset-2"
        >
          {name} documentation
          <ExternalLink aria-hidden className="size-3.5" />
        </a>
      )}
    </aside>
  )
}
