import type { Encryption } from '@mooring/sdk'
import { Facts } from '../../../ui/facts.tsx'
import { Badge } from '../../../ui/notice.tsx'
import { Section } from '../../../ui/page.tsx'
import { Cell, Row, Table } from '../../../ui/table.tsx'
import { Time } from '../../../ui/time.tsx'
import { counted, inFours } from '../../../words/jobs.ts'

function Fingerprint({ value }: { value: string | null }) {
  return value === null ? (
    <span className="text-ink-3">Not open here</span>
  ) : (
    <span className="font-mono text-[13px] whitespace-nowrap">{inFours(value)}</span>
  )
}

const valuesWords = (count: number): string => (count === 1 ? '1 value' : `${counted(count)} values`)

/** What encrypts from now on, and what older keys still hold. */
export function ActiveKey({ encryption: { dataKeys } }: { encryption: Encryption }) {
  const active = dataKeys.filter((key) => key.active)
  const older = dataKeys.filter((key) => !key.active)
  return (
    <Section title="Active key" description="Encrypts what is stored. It never leaves the server.">
      {active.map((key) => (
        <Facts
          key={key.id}
          items={[
            ...(active.length > 1 ? [{ name: 'Workspace', value: key.workspace }] : []),
            { name: 'Fingerprint', value: <Fingerprint value={key.fingerprint} /> },
            { name: 'Made', value: <Time at={key.createdAt} /> },
            { name: 'Encrypts', value: valuesWords(key.values) },
            ...older
              .filter(({ workspace }) => workspace === key.workspace)
              .map((old) => ({
                name: 'Being replaced',
                value: (
                  <>
                    <Fingerprint value={old.fingerprint} /> · {valuesWords(old.values)} left
                  </>
                ),
              })),
          ]}
        />
      ))}
    </Section>
  )
}

/** The keys of the keyring, and where they live. */
export function RootKeys({ encryption: { rootKeys, source } }: { encryption: Encryption }) {
  return (
    <Section title="Root keys" description="They lock the key above, and nothing else.">
      <Table label="Root keys" columns={['Id', 'Fingerprint', 'Use']}>
        {rootKeys.map((key) => (
          <Row key={key.id} dim={key.removable}>
            <Cell>
              <span className="font-mono text-[13px]">{key.id}</span>
            </Cell>
            <Cell label="Fingerprint">
              <Fingerprint value={key.fingerprint} />
            </Cell>
            <Cell label="Use">
              {key.seals ? (
                <Badge tone="ok">In use</Badge>
              ) : key.removable ? (
                'Nothing: take it out of MOORING_KEYS'
              ) : (
                `Still locks ${key.dataKeys === 1 ? 'one key' : `${key.dataKeys} keys`}`
              )}
            </Cell>
          </Row>
        ))}
      </Table>
      <div className="flex flex-col gap-1 border-t border-line px-4 py-3 text-ink-2">
        <p>
          {source === 'file' ? (
            <>
              The root key is in the file <code className="font-mono text-[13px]">mooring.key</code> in the data folder.
            </>
          ) : (
            <>
              The root keys come from <code className="font-mono text-[13px]">MOORING_KEYS</code>. Put a new one first
              and start again: it takes over then, and this page says when the old one can go.
            </>
          )}
        </p>
        <p>
          <strong className="font-semibold">Keep a copy</strong>, and keep it apart from back-ups of the database.
          Without it nothing that is stored can be read, and Mooring does not start.
        </p>
      </div>
    </Section>
  )
}
