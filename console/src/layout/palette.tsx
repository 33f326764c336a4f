import { Autocomplete } from '@base-ui/react/autocomplete'
import { Dialog } from '@base-ui/react/dialog'
import { useQuery } from '@tanstack/react-query'
import { type LinkProps, useNavigate } from '@tanstack/react-router'
import { Search } from 'lucide-react'
import type { ReactNode } from 'react'
import { allConnections } from '../data/connections.ts'
import { allServices } from '../data/services.ts'
import { ServiceMark } from '../ui/service_mark.tsx'
import { useMay } from '../session.tsx'
import { useNav } from './nav.ts'

interface Entry {
  label: string
  /** Also searched, and shown small. */
  detail: string
  mark: ReactNode
  link: LinkProps
}

/** Jump anywhere: connections, services, pages, things to do. */
export function Palette({ onClose }: { onClose: () => void }) {
  const navigate = useNavigate()
  const connections = useQuery(allConnections).data ?? []
  const services = useQuery(allServices).data ?? []
  const { main, settings } = useNav()
  const manages = useMay('manage')
  const entries: Entry[] = [
    ...connections.map((connection) => ({
      label: connection.name,
      detail: connection.linkName,
      mark: <ServiceMark name={connection.service.name} size={24} />,
      link: { to: '/connections/$link', params: { link: connection.linkName } } satisfies LinkProps,
    })),
    ...[...main, ...settings].map(({ label, icon: Icon, link }) => ({
      label,
      detail: 'Page',
      mark: <Icon aria-hidden className="size-4" />,
      link,
    })),
    ...(manages
      ? [
          {
            label: 'Add Connection',
            detail: 'Action',
            mark: null,
            link: { to: '/connections/new' } satisfies LinkProps,
          },
          { label: 'Create Service', detail: 'Action', mark: null, link: { to: '/services/new' } satisfies LinkProps },
        ]
      : []),
    ...services
      .filter(({ origin }) => origin === 'custom')
      .map((service) => ({
        label: service.name,
        detail: service.linkName,
        mark: <ServiceMark name={service.name} logoUrl={service.logoUrl} size={24} />,
        link: { to: '/services/$link/general', params: { link: service.linkName } } satisfies LinkProps,
      })),
  ]
  const go = (entry: Entry): void => {
    onClose()
    void navigate(entry.link)
  }
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-40 bg-black/45" />
        <Dialog.Popup
          aria-label="Search or jump to"
          className="fixed top-[12vh] left-1/2 z-50 w-[calc(100vw-2rem)] max-w-xl -translate-x-1/2 overflow-hidden rounded-lg border border-line bg-raised shadow-float"
        >
          <Autocomplete.Root
            inline
            open
            autoHighlight="always"
            items={entries}
            itemToStringValue={(entry: Entry) => `${entry.label} ${entry.detail}`}
          >
            <div className="flex items-center gap-2 border-b border-line px-4">
              <Search aria-hidden className="size-4 text-ink-3" />
              <Autocomplete.Input
                aria-label="Search or jump to"
                placeholder="Search connections, services and pages"
                className="h-12 w-full bg-transparent outline-none"
              />
            </div>
            <Autocomplete.Empty className="px-4 py-6 text-center text-ink-3 empty:hidden">
              Nothing fits.
            </Autocomplete.Empty>
            <Autocomplete.List className="max-h-[50vh] overflow-y-auto p-1.5">
              {(entry: Entry) => (
                <Autocomplete.Item
                  key={`${entry.detail} ${entry.label}`}
                  value={entry}
                  onClick={() => go(entry)}
                  className="flex h-10 cursor-pointer items-center gap-3 rounded-md px-2.5 data-highlighted:bg-hover"
                >
                  <span className="inline-flex w-6 justify-center text-ink-3">{entry.mark}</span>
                  <span className="min-w-0 truncate">{entry.label}</span>
                  <span className="ml-auto truncate font-mono text-xs text-ink-3">{entry.detail}</span>
                </Autocomplete.Item>
              )}
            </Autocomplete.List>
          </Autocomplete.Root>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
