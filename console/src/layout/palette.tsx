import { Autocomplete } from '@base-ui/react/autocomplete'
import { Dialog } from '@base-ui/react/dialog'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { CornerDownLeft, Keyboard, type LucideIcon, Monitor, Moon, Plus, Search, Sun } from 'lucide-react'
import { type ReactNode, useMemo, useState } from 'react'
import { ConnectionMark, MarkOfService } from '../connection/marks.tsx'
import { StatusBadge } from '../connection/status_badge.tsx'
import { allConnections } from '../data/connections.ts'
import { allServices } from '../data/services.ts'
import { useMay } from '../session.tsx'
import { applyTheme } from '../theme.ts'
import { useNow } from '../ui/time.tsx'
import { statusOf } from '../words/status.ts'
import { useNav } from './nav.ts'
import { showOverlay } from './overlay.ts'
import { entriesOf, type Entry, recentKeys, remember, search } from './palette_entries.ts'

/** Jump anywhere: connections, services, pages, things to do. */
export function Palette({ onClose }: { onClose: () => void }) {
  const navigate = useNavigate()
  const [query, setQuery] = useState('')
  const [recent] = useState(recentKeys)
  const connections = useQuery(allConnections)
  const services = useQuery(allServices)
  const { main, settings } = useNav()
  const actions = useActions()
  const mayManage = useMay('manage')
  const entries = useMemo(
    () => entriesOf(connections.data ?? [], services.data ?? [], [...main, ...settings], actions),
    [connections.data, services.data, main, settings, actions],
  )
  const typed = query.trim()
  const found = search(entries, typed, recent)
  const loading = connections.isPending || services.isPending
  const items = found.length === 0 && typed !== '' && mayManage && !loading ? [createNamed(typed.slice(0, 50))] : found
  const go = (entry: Entry): void => {
    onClose()
    remember(entry)
    if (typeof entry.to === 'function') entry.to()
    else void navigate(entry.to)
  }
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-40 bg-black/45" />
        <Dialog.Popup
          aria-label="Search or jump to"
          className="fixed top-[12vh] left-1/2 z-50 w-[calc(100vw-2rem)] max-w-xl -translate-x-1/2 overflow-hidden rounded-lg border border-line bg-raised shadow-float max-sm:top-4"
        >
          <Autocomplete.Root
            inline
            open
            mode="none"
            autoHighlight="always"
            items={items}
            itemToStringValue={({ label }: Entry) => label}
            value={query}
            onValueChange={(value, { reason }) => {
              // Choosing one would write its name into the field.
              if (reason !== 'item-press') setQuery(value)
            }}
          >
            <div className="flex items-center gap-2 border-b border-line px-4">
              <Search aria-hidden className="size-4 shrink-0 text-ink-3" />
              <Autocomplete.Input
                aria-label="Search or jump to"
                placeholder="Search connections, services and pages"
                className="h-12 w-full bg-transparent outline-none"
              />
              <kbd className="shrink-0 rounded-sm border border-line px-1 font-sans text-xs text-ink-3">Esc</kbd>
            </div>
            <Autocomplete.Empty className="px-4 py-6 text-center text-ink-3 empty:hidden">
              {loading ? 'Loading …' : `Nothing fits “${typed}”.`}
            </Autocomplete.Empty>
            <Autocomplete.List className="max-h-[50vh] overflow-y-auto p-1.5 empty:hidden">
              {(entry: Entry) => (
                <Autocomplete.Item
                  key={entry.key}
                  value={entry}
                  onClick={() => go(entry)}
                  className="group flex h-10 cursor-pointer items-center gap-3 rounded-md px-2.5 data-highlighted:bg-hover"
                >
                  <span className="inline-flex w-6 shrink-0 justify-center text-ink-3">
                    <Mark entry={entry} />
                  </span>
                  <span className="min-w-0 truncate">{entry.label}</span>
                  {entry.connection !== undefined && <Attention connection={entry.connection} />}
                  <span className="ml-auto max-w-[45%] shrink-0 truncate pl-2 font-mono text-xs text-ink-3">
                    {entry.detail}
                  </span>
                  <CornerDownLeft
                    aria-hidden
                    className="hidden size-3.5 shrink-0 text-ink-3 group-data-highlighted:block"
                  />
                </Autocomplete.Item>
              )}
            </Autocomplete.List>
          </Autocomplete.Root>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  )
}

/** With nothing found the next step is to make it. */
function createNamed(name: string): Entry {
  return {
    key: 'action create named',
    label: `Create a custom service named “${name}”`,
    detail: '',
    to: { to: '/services/new', search: { name } },
    icon: Plus,
  }
}

function useActions(): Entry[] {
  const mayManage = useMay('manage')
  return useMemo(
    () => [
      ...(mayManage
        ? [
            action('Add Connection', { to: '/connections/new' }, Plus),
            action('Create Service', { to: '/services/new' }, Plus),
          ]
        : []),
      action('Keyboard shortcuts', () => showOverlay('shortcuts'), Keyboard),
      action('Light theme', () => applyTheme('light'), Sun),
      action('Dark theme', () => applyTheme('dark'), Moon),
      action('Theme of the system', () => applyTheme('system'), Monitor),
    ],
    [mayManage],
  )
}

function action(label: string, to: Entry['to'], icon: LucideIcon): Entry {
  return { key: `action ${label}`, label, detail: 'Action', to, icon }
}

function Mark({ entry: { icon: Icon = CornerDownLeft, connection, service } }: { entry: Entry }): ReactNode {
  if (connection !== undefined) return <ConnectionMark connection={connection} size={24} />
  if (service !== undefined) return <MarkOfService service={service} size={24} />
  return <Icon aria-hidden className="size-4" />
}

/** Of those that need somebody; that the others are well needs no words. */
function Attention({ connection }: { connection: NonNullable<Entry['connection']> }): ReactNode {
  const now = useNow()
  return statusOf(connection, now).attention && <StatusBadge connection={connection} />
}
