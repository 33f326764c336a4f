import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { allConnections } from '../../data/connections.ts'
import { buttonClass } from '../../ui/button.tsx'
import { Field, Input } from '../../ui/field.tsx'
import { Page } from '../../ui/page.tsx'
import { StatusBadge } from '../status_badge.tsx'

/** No connection has this link name: looks for what was meant. */
export function MissingConnection({ link }: { link: string }) {
  const [words, setWords] = useState(link.split('_')[0] ?? '')
  const { data = [] } = useQuery(allConnections)
  const wanted = words.trim().toLowerCase()
  const fits = data
    .filter(({ name, linkName, service }) =>
      [name, linkName, service.name].some((text) => text.toLowerCase().includes(wanted)),
    )
    .slice(0, 8)
  return (
    <Page
      title="Connection not found"
      back={{ label: 'Connections', link: { to: '/connections' } }}
      lead={
        <>
          No connection has the link name <span className="font-mono text-[13px] break-all">{link}</span>. It may have
          been deleted.
        </>
      }
      width="narrow"
    >
      <Field label="Look for another connection">
        {(parts) => <Input {...parts} type="search" value={words} onChange={(event) => setWords(event.target.value)} />}
      </Field>
      {fits.length === 0 ? (
        <p className="text-ink-2">{wanted === '' ? 'There are no connections yet.' : 'No connection fits.'}</p>
      ) : (
        <ul className="flex flex-col divide-y divide-line rounded-lg border border-line bg-card">
          {fits.map((connection) => (
            <li key={connection.id} className="flex flex-wrap items-center justify-between gap-2 px-4 py-2.5">
              <span className="min-w-0">
                <Link
                  to="/connections/$link"
                  params={{ link: connection.linkName }}
                  className="font-medium text-accent underline-offset-2 hover:underline"
                >
                  {connection.name}
                </Link>
                <span className="ml-2 font-mono text-[13px] break-all text-ink-3">{connection.linkName}</span>
              </span>
              <StatusBadge connection={connection} />
            </li>
          ))}
        </ul>
      )}
      <div>
        <Link to="/connections" className={buttonClass()}>
          Go to Connections
        </Link>
      </div>
    </Page>
  )
}
