import { Search } from 'lucide-react'
import { useState } from 'react'
import { announce } from '../../ui/announce.tsx'
import { Button } from '../../ui/button.tsx'
import { FieldMessage, Input } from '../../ui/field.tsx'

/** From so many on, looking for one is quicker than reading all. */
const many = 8

interface ScopePickerProps {
  id: string
  service: string
  scopes: readonly { name: string; value: string }[]
  chosen: readonly string[]
  onChange: (chosen: string[]) => void
  error: string | undefined
}

/** What the connection may do: scopes by their display names, the values small. */
export function ScopePicker({ id, service, scopes, chosen, onChange, error }: ScopePickerProps) {
  const [query, setQuery] = useState('')
  const wanted = query.trim().toLowerCase()
  const found = scopes.filter(({ name, value }) => [name, value].some((text) => text.toLowerCase().includes(wanted)))
  // In the service's order, whatever order they were ticked in.
  const choose = (values: Set<string>): void =>
    onChange(scopes.filter(({ value }) => values.has(value)).map(({ value }) => value))
  const all = found.every(({ value }) => chosen.includes(value))
  return (
    <fieldset id={id} tabIndex={-1} aria-describedby={error === undefined ? undefined : `${id}-error`}>
      <legend className="sr-only">Scopes</legend>
      <div className="mb-1.5 flex flex-wrap items-center justify-between gap-x-3 gap-y-1">
        <p>
          <span aria-hidden className="font-medium">
            Scopes
          </span>
          <span className="ml-2 text-[13px] text-ink-3 tabular">
            {chosen.length} of {scopes.length} chosen
          </span>
        </p>
        <span className="flex gap-1">
          <Button
            size="small"
            look="quiet"
            disabled={all}
            onClick={() => {
              choose(new Set([...chosen, ...found.map(({ value }) => value)]))
              announce(wanted === '' ? 'All scopes chosen' : `${found.length} scopes chosen`)
            }}
          >
            {wanted === '' ? 'Select all' : 'Select these'}
          </Button>
          <Button
            size="small"
            look="quiet"
            disabled={chosen.length === 0}
            onClick={() => {
              choose(new Set())
              announce('No scope chosen')
            }}
          >
            Select none
          </Button>
        </span>
      </div>
      <div className="overflow-hidden rounded-md border border-control/60 bg-card">
        {scopes.length >= many && (
          <div className="relative border-b border-line p-1.5">
            <Search
              aria-hidden
              className="pointer-events-none absolute top-1/2 left-4 size-4 -translate-y-1/2 text-ink-3"
            />
            <Input
              type="text"
              aria-label="Search scopes"
              placeholder="Search scopes"
              value={query}
              onChange={(event) => setQuery(event.target.value)}
              onKeyDown={(event) => {
                if (event.key === 'Enter' && !event.metaKey && !event.ctrlKey) event.preventDefault()
              }}
              className="pl-8.5"
            />
          </div>
        )}
        <ul className="max-h-72 overflow-y-auto p-1">
          {found.map(({ name, value }) => (
            <li key={value}>
              <label className="flex cursor-pointer items-start gap-2.5 rounded-sm px-2 py-1.5 hover:bg-hover has-focus-visible:outline-2 has-focus-visible:-outline-offset-2 has-focus-visible:outline-accent">
                <input
                  type="checkbox"
                  checked={chosen.includes(value)}
                  onChange={(event) =>
                    choose(
                      new Set(event.target.checked ? [...chosen, value] : chosen.filter((other) => other !== value)),
                    )
                  }
                  className="mt-0.5 size-4 shrink-0 accent-accent focus-visible:outline-none"
                />
                <span className="flex min-w-0 flex-wrap items-baseline gap-x-2">
                  <span>{name}</span>
                  {name !== value && <span className="font-mono text-xs break-all text-ink-3">{value}</span>}
                </span>
              </label>
            </li>
          ))}
          {found.length === 0 && <li className="px-2 py-3 text-ink-3">No scope matches “{query}”.</li>}
        </ul>
      </div>
      {error !== undefined && (
        <div className="mt-1">
          <FieldMessage id={`${id}-error`}>{error}</FieldMessage>
        </div>
      )}
      <p className="mt-1 text-[13px] text-ink-3">
        {chosen.length === 0
          ? `Choose what it may do. With none, ${service} gives what it gives by default.`
          : 'Only what is chosen is asked for.'}
      </p>
    </fieldset>
  )
}
