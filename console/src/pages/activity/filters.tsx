import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { X } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { allConnections } from '../../data/connections.ts'
import { allServices } from '../../data/services.ts'
import type { ActivitySearch } from '../../router.tsx'
import { Button } from '../../ui/button.tsx'
import { cn } from '../../ui/class_names.ts'
import { Field, Input, Select } from '../../ui/field.tsx'
import { activityKinds, actorWords } from '../../words/activity.ts'
import type { Filter } from './entries.ts'
import { instantFromLocal, localTime, ranges } from './times.ts'

type Change = { [Name in keyof ActivitySearch]: ActivitySearch[Name] | undefined }

/** Changes the filters in the address; undefined takes one out. */
export function useFilterChange(): (change: Change) => void {
  const navigate = useNavigate({ from: '/activity' })
  return (change) =>
    void navigate({
      search: (before) =>
        Object.fromEntries(Object.entries({ ...before, ...change }).filter(([, value]) => value !== undefined)),
      replace: true,
      resetScroll: false,
    })
}

interface FiltersProps {
  filter: Filter
  /** Who is known to have done something. */
  actors: readonly string[]
}

export function Filters({ filter, actors }: FiltersProps) {
  const change = useFilterChange()
  const connections = useQuery(allConnections).data ?? []
  const services = useQuery(allServices).data ?? []
  return (
    <div className="grid grid-cols-2 gap-2 sm:grid-cols-3 xl:grid-cols-6">
      <Choice
        label="Connection"
        all="All connections"
        value={filter.connection}
        onChange={(connection) => change({ connection })}
        options={connections.map(({ linkName, name }) => ({ value: linkName, label: name }))}
      />
      <Choice
        label="Service"
        all="All services"
        value={filter.service}
        onChange={(service) => change({ service })}
        options={services.map(({ linkName, name }) => ({ value: linkName, label: name }))}
      />
      <Choice
        label="Kind"
        all="Every kind"
        value={filter.type}
        onChange={(type) => change({ type })}
        options={activityKinds.flatMap(({ kinds }) => kinds)}
        groups={activityKinds.map(({ label, kinds }) => ({ label, options: kinds }))}
      />
      <Choice
        label="Result"
        all="Any result"
        value={filter.ok === undefined ? undefined : String(filter.ok)}
        onChange={(ok) => change({ ok: ok === undefined ? undefined : ok === 'true' })}
        options={results}
      />
      <Choice
        label="Who"
        all="Anybody"
        value={filter.actor}
        onChange={(actor) => change({ actor })}
        options={actors.map((actor) => ({ value: actor, label: actorLabel(actor) }))}
      />
      <Times filter={filter} />
    </div>
  )
}

const results = [
  { value: 'false', label: 'Failed' },
  { value: 'true', label: 'Worked' },
]

function actorLabel(actor: string): string {
  const { name, what } = actorWords(actor)
  return `${name} (${what})`
}

interface Option {
  value: string
  label: string
}

interface ChoiceProps {
  label: string
  /** The words for no choice. */
  all: string
  value: string | undefined
  onChange: (value: string | undefined) => void
  options: readonly Option[]
  groups?: readonly { label: string; options: readonly Option[] }[]
}

function Choice({ label, all, value, onChange, options, groups }: ChoiceProps) {
  // An address may name what is gone by now, or is still being loaded.
  const unknown = value !== undefined && !options.some((option) => option.value === value)
  return (
    <Select
      aria-label={label}
      value={value ?? ''}
      onChange={(event) => onChange(event.target.value === '' ? undefined : event.target.value)}
      className={cn(value !== undefined && 'border-accent bg-accent-soft')}
    >
      <option value="">{all}</option>
      {unknown && <option value={value}>{value}</option>}
      {groups === undefined
        ? options.map((option) => <OneOption key={option.value} {...option} />)
        : groups.map((group) => (
            <optgroup key={group.label} label={group.label}>
              {group.options.map((option) => (
                <OneOption key={option.value} {...option} />
              ))}
            </optgroup>
          ))}
    </Select>
  )
}

function OneOption({ value, label }: Option) {
  return <option value={value}>{label}</option>
}

/** A range back from now, or a beginning and an end. */
function Times({ filter: { from, to } }: { filter: Filter }) {
  const change = useFilterChange()
  const relative = ranges.some(({ value }) => value === from) && to === undefined
  const [asked, setAsked] = useState(false)
  const between = !relative && (asked || from !== undefined || to !== undefined)
  return (
    <>
      <Choice
        label="Time"
        all="Any time"
        value={relative ? from : between ? 'between' : undefined}
        onChange={(value) => {
          setAsked(value === 'between')
          change({ from: value === 'between' ? undefined : value, to: undefined })
        }}
        options={[...ranges, { value: 'between', label: 'Between …' }]}
      />
      {between && (
        <div className="col-span-full grid max-w-md grid-cols-1 gap-2 sm:grid-cols-2">
          <Field label="From">
            {(parts) => <Moment {...parts} value={from} onChange={(instant) => change({ from: instant })} />}
          </Field>
          <Field
            label="To"
            error={
              from !== undefined && to !== undefined && from >= to ? 'Choose an end after the beginning.' : undefined
            }
          >
            {(parts) => <Moment {...parts} value={to} onChange={(instant) => change({ to: instant })} />}
          </Field>
        </div>
      )}
    </>
  )
}

interface MomentProps {
  id: string
  'aria-describedby': string | undefined
  'aria-invalid': true | undefined
  value: string | undefined
  onChange: (instant: string | undefined) => void
}

function Moment({ value, onChange, ...parts }: MomentProps) {
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => {
    // Filters are cleared elsewhere too; what somebody is typing here stays theirs.
    if (input.current !== null && input.current !== document.activeElement) input.current.value = localTime(value)
  }, [value])
  return (
    <Input
      {...parts}
      ref={input}
      type="datetime-local"
      defaultValue={localTime(value)}
      onChange={(event) => {
        // Half a time is no time yet: the filter changes once it is whole, or taken away.
        const instant = instantFromLocal(event.target.value)
        if (instant !== undefined || !event.target.validity.badInput) onChange(instant)
      }}
    />
  )
}

/** Every filter that is set, each to be taken out by itself. */
export function ActiveFilters({ filter }: { filter: Filter }) {
  const change = useFilterChange()
  const connections = useQuery(allConnections).data ?? []
  const services = useQuery(allServices).data ?? []
  const kinds = activityKinds.flatMap((group) => group.kinds)
  const told: Record<keyof Filter, string | undefined> = {
    connection: connections.find(({ linkName }) => linkName === filter.connection)?.name ?? filter.connection,
    service: services.find(({ linkName }) => linkName === filter.service)?.name ?? filter.service,
    type: kinds.find(({ value }) => value === filter.type)?.label ?? filter.type,
    ok: filter.ok === true ? 'Worked' : 'Failed',
    actor: filter.actor === undefined ? '' : actorWords(filter.actor).name,
    from:
      ranges.find(({ value }) => value === filter.from)?.label ?? `from ${localTime(filter.from).replace('T', ' ')}`,
    to: `to ${localTime(filter.to).replace('T', ' ')}`,
  }
  const set = (Object.keys(told) as (keyof Filter)[]).filter((name) => filter[name] !== undefined)
  return set.map((name) => (
    <Button
      key={name}
      size="small"
      onClick={() => change({ [name]: undefined })}
      aria-label={`Clear ${told[name] ?? name}`}
    >
      {told[name]}
      <X aria-hidden className="size-3.5" />
    </Button>
  ))
}
