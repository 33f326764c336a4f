import type { Service } from '@mooring/sdk'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { baseOf } from '../../connection/hosts.ts'
import { type Snippet, clientSnippets, proxySnippets } from '../../connection/snippets.ts'
import { useOpenConnection } from '../../connection/summary/open_connection.tsx'
import { oneService } from '../../data/services.ts'
import { system } from '../../data/system.ts'
import { useMay } from '../../session.tsx'
import { CopyButton } from '../../ui/copy.tsx'
import { Section } from '../../ui/page.tsx'
import { Tabs } from '../../ui/tabs.tsx'

/** How programs use this connection: calls to copy, with everything in them but the key. */
export function ConnectionUse() {
  const { connection } = useOpenConnection()
  const service = useQuery(oneService(connection.service.linkName)).data
  // Where the server does not say how it is reached, this page has reached it here.
  const url = (useQuery(system).data?.publicUrl ?? location.origin).replace(/\/$/, '')
  const perUser = connection.authorizationLevel === 'per_user'
  const facts = { url, linkName: connection.linkName, perUser, ...targetOf(service) }
  return (
    <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,1fr)_20rem]">
      <div className="flex min-w-0 flex-col gap-5">
        <Section
          title="Call through the proxy"
          description="Any method, any path: what you send goes to the API with the credential added; its answer comes back as it is."
        >
          <Snippets label="A call in" snippets={proxySnippets(facts)} />
        </Section>
        <Section title="With the SDK" description="fetch is the proxy; invoke gives one answer as data.">
          <Snippets label="A call with" snippets={clientSnippets(facts)} />
        </Section>
      </div>
      <div className="flex min-w-0 flex-col gap-5">
        <Section title="The key">
          <div className="flex flex-col gap-2 px-4 py-3 text-ink-2">
            <p>
              <code className="font-mono text-[13px] text-ink">MOORING_API_KEY</code> is an API key of Mooring, never
              one of {connection.service.name}.
            </p>
            <p>
              For a program that only calls, make one with the role <b className="font-medium text-ink">invoke</b> that
              names <span className="font-mono text-[13px] text-ink">{connection.linkName}</span>: it can do nothing
              else.
            </p>
            <KeysLink />
          </div>
        </Section>
        {perUser && (
          <Section title="For which user">
            <p className="px-4 py-3 text-ink-2">
              Each user authorizes this connection for themself.{' '}
              <code className="font-mono text-[13px] text-ink">Mooring-User</code> says for whom a call is; without it,
              or for somebody who has not authorized, it is refused.
            </p>
          </Section>
        )}
        <Section title="Where it may call">
          <Hosts service={service} />
        </Section>
      </div>
    </div>
  )
}

function KeysLink() {
  if (!useMay('keys')) return <p>Ask an owner or an admin for one.</p>
  return (
    <p>
      <Link to="/settings/api-keys" className="text-accent underline underline-offset-2">
        Go to API keys
      </Link>
    </p>
  )
}

function Hosts({ service }: { service: Service | undefined }) {
  const { connection } = useOpenConnection()
  if (service === undefined) return null
  const base = baseOf(service, connection)
  const baseHost = base === null ? undefined : URL.parse(base)?.host
  const hosts = [...new Set([...(baseHost === undefined ? [] : [baseHost]), ...service.hosts])]
  return (
    <div className="flex flex-col gap-2 px-4 py-3 text-ink-2">
      {base !== null && (
        <p>
          Paths are under <span className="font-mono text-[13px] break-all text-ink">{base}</span>.
        </p>
      )}
      {service.anyHost ? (
        <p>Any host may be called.</p>
      ) : (
        <div>
          Whole URLs work for these hosts, and no others:
          <ul className="mt-1 flex flex-col gap-0.5 font-mono text-[13px] text-ink">
            {hosts.map((host) => (
              <li key={host} className="break-all">
                {host}
              </li>
            ))}
          </ul>
        </div>
      )}
    </div>
  )
}

/** What the probe asks for: a call that is known to work. */
function targetOf(service: Service | undefined): { target: string; method: string } {
  const probe = service?.probe ?? null
  const host = service?.hosts.find((one) => !one.includes('*')) ?? 'api.example.com'
  const target =
    probe?.path ?? probe?.url ?? (service !== undefined && service.baseUrl === null ? `https://${host}/` : '/')
  return { target, method: probe?.method ?? 'GET' }
}

function Snippets({ label, snippets }: { label: string; snippets: Snippet[] }) {
  return (
    <Tabs
      label={label}
      tabs={snippets.map(({ value, label, code }) => ({
        value,
        label,
        content: (
          <div className="relative">
            <pre
              tabIndex={0}
              className="overflow-x-auto p-4 pt-12 font-mono sm:pt-4 sm:pr-24 text-[13px] leading-relaxed"
            >
              <code>{code}</code>
            </pre>
            <CopyButton text={code} className="absolute top-2.5 right-2.5" />
          </div>
        ),
      }))}
    />
  )
}
