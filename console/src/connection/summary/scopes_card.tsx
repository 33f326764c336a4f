import type { Authorization, Service } from '@mooring/sdk'
import { Link } from '@tanstack/react-router'
import { Check, Circle, Minus } from 'lucide-react'
import { Section } from '../../ui/page.tsx'
import { scopeName } from '../../words/scopes.ts'
import { useOpenConnection } from './open_connection.tsx'

type State = 'granted' | 'refused' | 'wanted' | 'extra' | 'plain'
const looks = {
  granted: { icon: Check, says: 'Granted', tone: 'text-ok' },
  refused: { icon: Minus, says: 'Asked for, not granted', tone: 'text-bad' },
  wanted: { icon: Circle, says: 'Not asked for yet', tone: 'text-ink-3' },
  plain: { icon: Circle, says: '', tone: 'text-ink-3' },
  extra: { icon: Check, says: 'Granted, not wanted any more', tone: 'text-ink-3' },
}

/** What was asked for against what was granted, by the names people know. */
export function ScopesCard({ service, shared }: { service: Service | undefined; shared: Authorization | undefined }) {
  const { connection, mayChange } = useOpenConnection()
  const granted = shared === undefined || shared.status === 'revoked' ? null : shared
  const stateOf = (scope: string): State => {
    if (granted === null) return 'plain'
    // Where the provider did not say, it granted what was asked for (RFC 6749 section 5.1).
    const has = (granted.grantedScopes ?? granted.requestedScopes).includes(scope)
    const wants = connection.scopes.includes(scope)
    if (has) return wants ? 'granted' : 'extra'
    return granted.requestedScopes.includes(scope) && wants ? 'refused' : 'wanted'
  }
  const all = [...new Set([...connection.scopes, ...(granted?.grantedScopes ?? granted?.requestedScopes ?? [])])]
  const unused = service?.scopes.filter(({ value }) => !all.includes(value)).length ?? 0
  if (all.length === 0 && unused === 0) return null
  const count = all.filter((scope) => ['granted', 'extra'].includes(stateOf(scope))).length
  return (
    <Section
      title="Scopes"
      description={
        granted === null
          ? connection.authorizationLevel === 'shared'
            ? 'Asked for when it is connected'
            : 'Asked of each user'
          : `${count} of ${all.length} granted`
      }
    >
      {all.length > 0 && (
        <ul className="flex flex-col divide-y divide-line">
          {all.map((scope) => {
            const { icon: Icon, says, tone } = looks[stateOf(scope)]
            const name = scopeName(service, scope)
            return (
              <li key={scope} className="flex items-start gap-2.5 px-4 py-2">
                <Icon aria-hidden className={`mt-0.5 size-4 shrink-0 ${tone}`} />
                <div className="min-w-0 flex-1">
                  <p className="font-medium break-words">{name ?? scope}</p>
                  <p className="text-[13px] break-all text-ink-3">
                    {name !== undefined && name !== scope && <span className="font-mono">{scope}</span>}
                    {name !== undefined && name !== scope && says !== '' && ' · '}
                    {says}
                  </p>
                </div>
              </li>
            )
          })}
        </ul>
      )}
      {unused > 0 && (
        <p className="border-t border-line px-4 py-2 text-[13px] text-ink-3 first:border-t-0">
          {unused === 1 ? '1 more scope' : `${unused} more scopes`} of the service not used.{' '}
          {mayChange && (
            <Link
              to="/connections/$link/settings"
              params={{ link: connection.linkName }}
              className="text-accent underline underline-offset-2"
            >
              Choose scopes
            </Link>
          )}
        </p>
      )}
    </Section>
  )
}
