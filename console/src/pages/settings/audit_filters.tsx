import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { type FormEvent, useId } from 'react'
import { allKeys } from '../../data/keys.ts'
import { allUsers } from '../../data/people.ts'
import { Button, buttonClass } from '../../ui/button.tsx'
import { Input, Select } from '../../ui/field.tsx'
import { actionWords, actWords } from '../../words/acts.ts'

interface Filters {
  actor?: string
  action?: string
  object?: string
}

/** What is looked for stands in the address, and can be shared. */
export function AuditFilters({ filters }: { filters: Filters }) {
  const navigate = useNavigate()
  const id = useId()
  const users = useQuery(allUsers).data ?? []
  const keys = useQuery(allKeys).data ?? []
  const actors = [
    ...users.map((user) => ({ value: `user:${user.id}`, label: user.name })),
    ...keys.map((key) => ({ value: `api_key:${key.id}`, label: `${key.name} (API key)` })),
    { value: 'anonymous', label: 'Nobody known' },
  ]
  const set = (name: keyof Filters, value: string): void => {
    const { [name]: _, ...others } = filters
    void navigate({ to: '/settings/audit-log', search: value === '' ? others : { ...others, [name]: value } })
  }
  const look = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const value = new FormData(event.currentTarget).get('object')
    set('object', typeof value === 'string' ? value.trim() : '')
  }
  return (
    <form role="search" aria-label="Filter the audit log" onSubmit={look} className="flex flex-wrap items-end gap-3">
      <Filter id={`${id}-actor`} label="Who">
        <Select id={`${id}-actor`} value={filters.actor ?? ''} onChange={(event) => set('actor', event.target.value)}>
          <option value="">Anybody</option>
          <Unlisted value={filters.actor} among={actors.map(({ value }) => value)} />
          {actors.map(({ value, label }) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </Select>
      </Filter>
      <Filter id={`${id}-action`} label="What">
        <Select
          id={`${id}-action`}
          value={filters.action ?? ''}
          onChange={(event) => set('action', event.target.value)}
        >
          <option value="">Anything</option>
          <Unlisted value={filters.action} among={Object.keys(actWords)} />
          {Object.keys(actWords).map((action) => (
            <option key={action} value={action}>
              {actionWords(action)}
            </option>
          ))}
        </Select>
      </Filter>
      <Filter id={`${id}-object`} label="Object">
        <span className="flex gap-2">
          <Input
            id={`${id}-object`}
            // A link that narrows the list sets it anew.
            key={filters.object}
            name="object"
            defaultValue={filters.object}
            placeholder="Link name or id"
            spellCheck={false}
          />
          <Button type="submit">Filter</Button>
        </span>
      </Filter>
      {Object.keys(filters).length > 0 && (
        <Link to="/settings/audit-log" className={buttonClass({ look: 'quiet' })}>
          Clear filters
        </Link>
      )}
    </form>
  )
}

function Filter({ id, label, children }: { id: string; label: string; children: React.ReactNode }) {
  return (
    <div className="flex w-full min-w-0 flex-col gap-1 sm:w-56">
      <label htmlFor={id} className="text-[13px] font-medium">
        {label}
      </label>
      {children}
    </div>
  )
}

/** What the address asks for and no list knows: somebody who was removed, an action of a newer server. */
function Unlisted({ value, among }: { value: string | undefined; among: readonly string[] }) {
  return value === undefined || among.includes(value) ? null : <option value={value}>{value}</option>
}
