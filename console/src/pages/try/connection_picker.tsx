import { Combobox } from '@base-ui/react/combobox'
import type { Connection } from '@mooring/sdk'
import { Check, ChevronsUpDown, Search } from 'lucide-react'
import { ConnectionMark } from '../../connection/marks.tsx'
import { StatusBadge } from '../../connection/status_badge.tsx'
import { controlClass } from '../../ui/field.tsx'

interface ConnectionPickerProps {
  id: string
  connections: readonly Connection[]
  value: Connection | null
  onChange: (connection: Connection) => void
}

/** One of the connections, found by typing, with how it is. */
export function ConnectionPicker({ id, connections, value, onChange }: ConnectionPickerProps) {
  return (
    <Combobox.Root
      items={connections}
      value={value}
      onValueChange={(chosen: Connection | null) => chosen !== null && onChange(chosen)}
      isItemEqualToValue={(one: Connection, other: Connection) => one.linkName === other.linkName}
      itemToStringLabel={({ name }: Connection) => name}
      filter={({ name, linkName, service }: Connection, query) =>
        `${name} ${linkName} ${service.name}`.toLowerCase().includes(query.trim().toLowerCase())
      }
      limit={100}
      autoHighlight
    >
      <Combobox.Trigger id={id} className={`${controlClass} flex min-h-11 items-center gap-2.5 py-1 text-left`}>
        {value === null ? (
          <span className="text-ink-3">Choose a connection</span>
        ) : (
          <>
            <ConnectionMark connection={value} size={24} />
            <Names connection={value} />
            <StatusBadge connection={value} />
          </>
        )}
        <ChevronsUpDown aria-hidden className="ml-auto size-4 shrink-0 text-ink-3" />
      </Combobox.Trigger>
      <Combobox.Portal>
        <Combobox.Positioner sideOffset={4} className="z-50 outline-none">
          <Combobox.Popup
            aria-label="Choose a connection"
            className="flex max-h-[min(26rem,var(--available-height))] w-(--anchor-width) flex-col rounded-md border border-line bg-raised shadow-float"
          >
            <div className="flex items-center gap-2 border-b border-line px-3">
              <Search aria-hidden className="size-4 shrink-0 text-ink-3" />
              <Combobox.Input
                aria-label="Search connections"
                placeholder="Search by name, link name or service"
                className="h-10 w-full bg-transparent outline-none"
              />
            </div>
            <Combobox.Empty className="px-3 py-4 text-center text-ink-3 empty:hidden">
              No connection fits.
            </Combobox.Empty>
            <Combobox.List className="min-h-0 overflow-y-auto p-1 empty:hidden">
              {(connection: Connection) => (
                <Combobox.Item
                  key={connection.linkName}
                  value={connection}
                  className="flex min-h-10 cursor-pointer items-center gap-2.5 rounded-sm px-2 py-1 data-highlighted:bg-hover"
                >
                  <ConnectionMark connection={connection} size={24} />
                  <Names connection={connection} />
                  <StatusBadge connection={connection} />
                  <Combobox.ItemIndicator className="text-accent">
                    <Check aria-hidden className="size-4" />
                  </Combobox.ItemIndicator>
                </Combobox.Item>
              )}
            </Combobox.List>
          </Combobox.Popup>
        </Combobox.Positioner>
      </Combobox.Portal>
    </Combobox.Root>
  )
}

function Names({ connection: { name, linkName } }: { connection: Connection }) {
  return (
    <span className="min-w-0 flex-1 leading-tight">
      <span className="block truncate">{name}</span>
      <span className="block truncate font-mono text-xs text-ink-3">{linkName}</span>
    </span>
  )
}
