import { Combobox } from '@base-ui/react/combobox'
import type { Connection } from '@mooring/sdk'
import { Check, ChevronsUpDown } from 'lucide-react'
import { StatusBadge } from '../../connection/status_badge.tsx'
import { controlClass } from '../../ui/field.tsx'
import { ServiceMark } from '../../ui/service_mark.tsx'

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
      <div className="relative">
        <Combobox.Input
          id={id}
          placeholder="Choose a connection"
          onFocus={(event) => event.currentTarget.select()}
          className={`${controlClass} h-9 pr-9`}
        />
        <Combobox.Trigger
          aria-label="Show all connections"
          className="absolute inset-y-0 right-1 inline-flex w-7 items-center justify-center text-ink-3"
        >
          <ChevronsUpDown aria-hidden className="size-4" />
        </Combobox.Trigger>
      </div>
      <Combobox.Portal>
        <Combobox.Positioner sideOffset={4} className="z-50 outline-none">
          <Combobox.Popup className="max-h-[min(24rem,var(--available-height))] w-(--anchor-width) overflow-y-auto rounded-md border border-line bg-raised p-1 shadow-float">
            <Combobox.Empty className="px-3 py-4 text-center text-ink-3 empty:hidden">
              No connection fits.
            </Combobox.Empty>
            <Combobox.List>
              {(connection: Connection) => (
                <Combobox.Item
                  key={connection.linkName}
                  value={connection}
                  className="flex min-h-10 cursor-pointer items-center gap-2.5 rounded-sm px-2 py-1 data-highlighted:bg-hover"
                >
                  <ServiceMark name={connection.service.name} size={24} />
                  <span className="min-w-0 flex-1">
                    <span className="block truncate">{connection.name}</span>
                    <span className="block truncate font-mono text-xs text-ink-3">{connection.linkName}</span>
                  </span>
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
