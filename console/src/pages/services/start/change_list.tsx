import type { AuthType } from '@mooring/sdk'
import { Lock } from 'lucide-react'
import { titleOf } from '../../../forms/paths.ts'
import { isRecord } from '../../../forms/values.ts'
import { cn } from '../../../ui/class_names.ts'
import { generalFields, linkNameField, scopeDelimiterField } from '../general_fields.ts'
import type { Change } from './definition_diff.ts'

interface ChangeListProps {
  changes: readonly Change[]
  /** Of the file, and of what is stored. */
  type: AuthType | undefined
  before: AuthType | undefined
}

/** Field by field what goes and what comes, as in a diff. */
export function ChangeList({ changes, type, before: typeBefore }: ChangeListProps) {
  return (
    <dl className="divide-y divide-line">
      {changes.map(({ path, before, after, frozen }) => (
        <div key={path} className="grid gap-x-4 gap-y-1 px-4 py-2.5 sm:grid-cols-[11rem_minmax(0,1fr)]">
          <dt>
            <span className="font-medium">{nameOf(path, type, typeBefore)}</span>
            {frozen !== undefined && (
              <span className="mt-0.5 flex items-start gap-1 text-[13px] text-bad">
                <Lock aria-hidden className="mt-0.5 size-3.5 shrink-0" />
                {frozen}
              </span>
            )}
          </dt>
          <dd className="flex min-w-0 flex-col gap-0.5">
            {(path === 'auth.type' ? linesOf(typeBefore?.title, type?.title) : linesOf(before, after)).map(
              ({ sign, text }) => (
                <Line key={`${sign} ${text}`} sign={sign} text={text} />
              ),
            )}
          </dd>
        </div>
      ))}
    </dl>
  )
}

function Line({ sign, text }: DiffLine) {
  const comes = sign === '+'
  const Tag = comes ? 'ins' : 'del'
  return (
    <Tag
      className={cn(
        'flex gap-2 rounded-sm px-1.5 py-0.5 font-mono text-[13px] text-ink no-underline',
        comes ? 'bg-ok-soft' : 'bg-bad-soft',
      )}
    >
      <span aria-hidden className="select-none">
        {comes ? '+' : '−'}
      </span>
      <span className="sr-only">{comes ? 'New: ' : 'Now: '}</span>
      <span className="min-w-0 break-all whitespace-pre-wrap">{text}</span>
    </Tag>
  )
}

interface DiffLine {
  sign: '+' | '-'
  text: string
}

/** Of lists and of names with values only what differs. */
function linesOf(before: unknown, after: unknown): DiffLine[] {
  const [old, next] = [partsOf(before), partsOf(after)]
  const lines: DiffLine[] = [
    ...old.filter((text) => !next.includes(text)).map((text): DiffLine => ({ sign: '-', text })),
    ...next.filter((text) => !old.includes(text)).map((text): DiffLine => ({ sign: '+', text })),
  ]
  // The same parts in another order.
  return lines.length > 0
    ? lines
    : [
        { sign: '-', text: old.join(', ') },
        { sign: '+', text: next.join(', ') },
      ]
}

function partsOf(value: unknown): string[] {
  if (value === undefined || value === null || value === '') return []
  if (Array.isArray(value)) return value.map(textOf)
  if (isRecord(value)) return Object.entries(value).map(([name, part]) => `${name}: ${textOf(part)}`)
  return [textOf(value)]
}

/** Without the marks of JSON, which people need not read. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  if (!isRecord(value)) return JSON.stringify(value)
  return Object.entries(value)
    .map(([name, part]) => `${name}: ${textOf(part)}`)
    .join(', ')
}

function nameOf(path: string, ...types: readonly (AuthType | undefined)[]): string {
  if (path === 'auth.type') return 'Authentication Type'
  if (path === 'stage') return 'Stage'
  if (path.startsWith('auth.')) {
    const name = path.slice('auth.'.length)
    // One of them has it; the file's own words come first.
    return types.map((type) => titleOf(type?.fields ?? [], name)).find((title) => title !== name) ?? name
  }
  return titleOf([...generalFields, linkNameField, scopeDelimiterField], path)
}
