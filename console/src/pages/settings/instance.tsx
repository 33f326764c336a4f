import type { System } from '@mooring/sdk'
import { useQuery } from '@tanstack/react-query'
import { system as systemFacts } from '../../data/system.ts'
import { CopyField } from '../../ui/copy.tsx'
import { Facts } from '../../ui/facts.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Page, Section } from '../../ui/page.tsx'
import { LoadError, SkeletonRows } from '../../ui/states.tsx'
import { publicUrlSetting, publicUrlWarnings } from '../../words/public_url.ts'
import { span } from '../../words/time.ts'

/** What runs here, and whether it knows its own address. */
export function InstancePage() {
  const system = useQuery({ ...systemFacts, staleTime: 0, refetchInterval: 60_000 })
  return (
    <Page title="Instance" width="narrow">
      {system.error !== null && (
        <LoadError error={system.error} retrying={system.isFetching} onRetry={() => void system.refetch()} />
      )}
      {system.isPending && (
        <Section>
          <SkeletonRows rows={5} />
        </Section>
      )}
      {system.data !== undefined && <About system={system.data} />}
    </Page>
  )
}

function About({ system }: { system: System }) {
  const { version, storage, uptimeSeconds, counts, publicUrl, retentionDays } = system
  const warnings = publicUrlWarnings(publicUrl, location.origin)
  return (
    <>
      {warnings.map(({ title, why }) => (
        <Notice key={title} tone="warn" title={title}>
          <p>{why}</p>
          <p className="mt-2 mb-1">Set this and start Mooring again:</p>
          <CopyField label="setting" value={publicUrlSetting(publicUrl, location.origin)} />
        </Notice>
      ))}
      <Section title="Addresses">
        <div className="flex flex-col gap-4 p-4">
          <Address label="Public URL" value={publicUrl}>
            Where people and providers reach Mooring. MOORING_PUBLIC_URL sets it.
          </Address>
          <Address label="API" value={`${publicUrl}/v1`}>
            <a href="/docs" target="_blank" rel="noreferrer" className="text-accent underline underline-offset-2">
              API reference
            </a>
            , and as{' '}
            <a
              href="/v1/openapi.json"
              target="_blank"
              rel="noreferrer"
              className="text-accent underline underline-offset-2"
            >
              OpenAPI document
            </a>
          </Address>
          <div className="flex min-w-0 flex-col gap-1">
            <p className="font-medium">Callback URLs</p>
            <p className="font-mono text-[13px] break-all">{publicUrl}/oauth/callback/…</p>
            <p className="text-[13px] text-ink-3">Each service has one of its own, which it shows with Copy.</p>
          </div>
        </div>
      </Section>
      <Section title="What runs here">
        <Facts
          items={[
            { name: 'Version', value: version },
            { name: 'Running for', value: span(uptimeSeconds * 1000) },
            { name: 'Storage', value: storage },
            { name: 'Services', value: counts.services },
            { name: 'Connections', value: counts.connections },
            { name: 'API keys', value: counts.apiKeys },
            {
              name: 'Kept',
              value: `Calls for ${days(retentionDays.calls)}, other events for ${days(retentionDays.events)}, the audit log for ever`,
            },
          ]}
        />
      </Section>
    </>
  )
}

function Address({ label, value, children }: { label: string; value: string; children: React.ReactNode }) {
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <p className="font-medium">{label}</p>
      <CopyField label={label} value={value} />
      <p className="text-[13px] text-ink-3">{children}</p>
    </div>
  )
}

function days(count: number): string {
  return count === 1 ? 'one day' : `${count} days`
}
