import type { AuditEntry } from '@mooring/sdk'
import { Link } from '@tanstack/react-router'
import { Ban, ChevronDown, CircleCheck, CircleX } from 'lucide-react'
import { useState } from 'react'
import { IconButton } from '../../ui/button.tsx'
import { cn } from '../../ui/class_names.ts'
import { Facts } from '../../ui/facts.tsx'
import { Badge } from '../../ui/notice.tsx'
import { ActionCell, Cell, Row } from '../../ui/table.tsx'
import { actionWords } from '../../words/acts.ts'
import { exactly, moment } from '../../words/time.ts'

const outcomes = {
  done: { word: 'Done', tone: 'ok', icon: CircleCheck },
  refused: { word: 'Refused', tone: 'warn', icon: Ban },
  failed: { word: 'Failed', tone: 'bad', icon: CircleX },
} as const

export function AuditRow({ entry }: { entry: AuditEntry }) {
  const [open, setOpen] = useState(false)
  const { id, at, action, object, address, detail } = entry
  const { word, tone, icon } = outcomes[entry.outcome]
  const who = entry.actorName === '' ? 'Nobody known' : entry.actorName
  return (
    <>
      <Row>
        <Cell className="whitespace-nowrap tabular">
          <time dateTime={at} title={exactly(at)}>
            {moment(at)}
          </time>
        </Cell>
        <Cell label="Who">
          {who}
          {entry.actor.startsWith('api_key:') && <span className="block text-[13px] text-ink-3">API key</span>}
        </Cell>
        <Cell label="What">
          <span className="font-medium">{actionWords(action)}</span>
          <span className="block text-[13px] break-words text-ink-3">{detail}</span>
        </Cell>
        <Cell label="Object" className="lg:max-w-40">
          {object === null ? (
            '–'
          ) : (
            <span title={object} className="block truncate font-mono text-[13px]">
              {object}
            </span>
          )}
        </Cell>
        <Cell label="Address" className="text-ink-3 max-lg:hidden">
          {address ?? '–'}
        </Cell>
        <Cell label="Outcome">
          <Badge tone={tone} icon={icon}>
            {word}
          </Badge>
        </Cell>
        <ActionCell>
          <IconButton
            label={`Details of entry ${id}`}
            aria-expanded={open}
            aria-controls={`entry-${id}`}
            onClick={() => setOpen(!open)}
          >
            <ChevronDown aria-hidden className={cn('size-4 transition-transform', open && 'rotate-180')} />
          </IconButton>
        </ActionCell>
      </Row>
      {open && (
        <tr id={`entry-${id}`} className="max-lg:block">
          <td colSpan={7} className="bg-ground p-0 max-lg:block">
            <Facts
              items={[
                { name: 'Entry', value: id },
                { name: 'Time', value: exactly(at) },
                {
                  name: 'Actor',
                  value: (
                    <>
                      <Code>{entry.actor}</Code> <Only filter={{ actor: entry.actor }}>only {who}</Only>
                    </>
                  ),
                },
                {
                  name: 'Action',
                  value: (
                    <>
                      <Code>{action}</Code> <Only filter={{ action }}>only this</Only>
                    </>
                  ),
                },
                ...(object === null
                  ? []
                  : [
                      {
                        name: 'Object',
                        value: (
                          <>
                            <Code>{object}</Code> <Only filter={{ object }}>only this object</Only>
                          </>
                        ),
                      },
                    ]),
                { name: 'Address', value: address ?? 'None' },
                { name: 'Hash', value: <Code>{entry.hash}</Code> },
                { name: 'Hash of the one before', value: <Code>{entry.previous}</Code> },
              ]}
            />
          </td>
        </tr>
      )}
    </>
  )
}

function Code({ children }: { children: string }) {
  return <span className="font-mono text-[13px] break-all">{children}</span>
}

function Only({
  filter,
  children,
}: {
  filter: { actor?: string; action?: string; object?: string }
  children: React.ReactNode
}) {
  return (
    <Link
      to="/settings/audit-log"
      search={filter}
      className="ml-1 inline-flex h-6 items-center text-[13px] text-accent underline underline-offset-2"
    >
      {children}
    </Link>
  )
}
