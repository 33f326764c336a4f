import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { allConnections } from '../../data/connections.ts'
import { Checkbox, FieldMessage } from '../../ui/field.tsx'
import { SearchField } from '../../ui/search_field.tsx'
import { LoadError, Skeleton } from '../../ui/states.tsx'

interface ConnectionChoiceProps {
  id: string
  /** Link names. */
  chosen: readonly string[]
  onChange: (chosen: string[]) => void
  error?: string | undefined
}

/** Any number of connections out of however many there are. */
export function ConnectionChoice({ id, chosen, onChange, error }: ConnectionChoiceProps) {
  const connections = useQuery(allConnections)
  const [query, setQuery] = useState('')
  const wanted = query.trim().toLowerCase()
  const found = (connections.data ?? []).filter(({ name, linkName, service }) =>
    [name, linkName, service.name].some((text) => text.toLowerCase().includes(wanted)),
  )
  return (
    <fieldset id={id} tabIndex={-1} aria-describedby={error === undefined ? undefined : `${id}-error`}>
      <legend className="mb-1 font-medium">Connections it may call through</legend>
      {connections.error !== null && (
        <LoadError
          error={connections.error}
          retrying={connections.isFetching}
          onRetry={() => void connections.refetch()}
        />
      )}
      {connections.isPending && <Skeleton className="h-24" />}
      {connections.data?.length === 0 && (
        <p className="text-ink-2">There are no connections yet. Add one first, or choose another role.</p>
      )}
      {connections.data !== undefined && connections.data.length > 0 && (
        <div className="rounded-md border border-control/60">
          <SearchField
            label="Search connections"
            placeholder="Search by name or service"
            value={query}
            onSearch={setQuery}
            className="border-b border-line [&_input]:border-transparent"
          />
          <ul className="max-h-44 overflow-y-auto px-2.5 py-1.5">
            {found.map(({ id: key, name, linkName, service }) => (
              <li key={key}>
                <Checkbox
                  className="py-1"
                  checked={chosen.includes(linkName)}
                  onChange={(event) =>
                    onChange(
                      event.target.checked ? [...chosen, linkName] : chosen.filter((other) => other !== linkName),
                    )
                  }
                  label={
                    <>
                      {name} <span className="text-[13px] text-ink-3">{service.name}</span>{' '}
                      <span className="font-mono text-xs text-ink-3">{linkName}</span>
                    </>
                  }
                />
              </li>
            ))}
            {found.length === 0 && <li className="py-2 text-ink-3">No connection has that in its name.</li>}
          </ul>
        </div>
      )}
      <p role="status" className="mt-1 text-[13px] text-ink-3">
        {chosen.length === 0 ? 'None chosen' : `${chosen.length} chosen`}
      </p>
      {error !== undefined && <FieldMessage id={`${id}-error`}>{error}</FieldMessage>}
    </fieldset>
  )
}
