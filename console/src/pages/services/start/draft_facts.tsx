import type { FormField, Imported } from '@mooring/sdk'
import { CircleDashed } from 'lucide-react'
import type { ReactNode } from 'react'
import { titleOf } from '../../../forms/paths.ts'
import { Facts } from '../../../ui/facts.tsx'
import { Notice } from '../../../ui/notice.tsx'
import { apiFields } from '../general_fields.ts'

type Draft = Imported['services'][number]

/** What was taken over, besides how it authenticates. */
export function DraftFacts({ draft }: { draft: Draft }) {
  const { description, baseUrl, hosts = [], placeholders = [], headers = {}, scopes = [], probe } = draft
  const facts: [string, ReactNode][] = [
    ['Description', description],
    ['Base URL', code(baseUrl)],
    ['Hosts', hosts.length > 0 && code(hosts.join(', '))],
    ['Each connection fills in', placeholders.length > 0 && placeholders.map(({ label }) => label).join(', ')],
    ['Sent with every request', Object.keys(headers).length > 0 && code(Object.keys(headers).join(', '))],
    ['OAuth Scopes', scopes.length > 0 && scopesIn(scopes)],
    ['Test request', probe ? code(`${probe.method ?? 'GET'} ${probe.path}`) : undefined],
  ]
  const items = facts.flatMap(([name, value]) =>
    value === undefined || value === false || value === '' ? [] : [{ name, value }],
  )
  return <Facts items={items} />
}

function code(text: string | null | undefined): ReactNode {
  return text === undefined || text === null ? undefined : (
    <span className="font-mono text-[13px] break-all">{text}</span>
  )
}

const shown = 8

function scopesIn(scopes: NonNullable<Draft['scopes']>): string {
  const values = scopes.map((scope) => scope.value)
  const rest = values.length - shown
  return `${values.slice(0, shown).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`
}

interface MissingListProps {
  /** Of the authentication type. */
  fields: readonly FormField[]
  missing: readonly { path: string; message: string }[]
}

/** What is to be filled in before it can be Ready. */
export function MissingList({ fields, missing }: MissingListProps) {
  if (missing.length === 0) return null
  return (
    <div className="border-t border-line p-4">
      <h3 className="mb-1.5 text-[13px] font-medium text-ink-2">You fill in, in the draft</h3>
      <ul className="flex flex-col gap-1">
        {missing.map(({ path, message }) => (
          <li key={`${path} ${message}`} className="flex items-start gap-2">
            <CircleDashed aria-hidden className="mt-0.5 size-4 shrink-0 text-ink-3" />
            <span className="min-w-0 break-words">
              <span className="font-medium">{nameOf(path, fields)}</span>
              {/* Every empty field says no more than that. */}
              {message !== 'Fill this in.' && <span className="text-ink-2">: {message}</span>}
            </span>
          </li>
        ))}
      </ul>
    </div>
  )
}

function nameOf(path: string, fields: readonly FormField[]): string {
  if (path === 'auth' || path === 'auth.type') return 'Authentication Type'
  return path.startsWith('auth.') ? titleOf(fields, path.slice('auth.'.length)) : titleOf(apiFields, path)
}

/** What could not be taken over, and what to know. */
export function NoteList({ notes }: { notes: readonly string[] }) {
  if (notes.length === 0) return null
  return (
    <Notice tone="warn" title="What could not be taken over, and what to know">
      <ul className="mt-1 flex list-disc flex-col gap-1 pl-4.5">
        {notes.map((note) => (
          <li key={note} className="break-words">
            {note}
          </li>
        ))}
      </ul>
    </Notice>
  )
}
