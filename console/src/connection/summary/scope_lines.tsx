import type { Service } from '@mooring/sdk'
import { type ScopeDiff, scopeName } from '../../words/scopes.ts'

/** `+ write` and `− read`, each with its name; the sign is read out as a word. */
export function ScopeLines({ diff, service }: { diff: ScopeDiff; service: Service | undefined }) {
  const lines = [
    ...diff.added.map((scope) => ({ scope, sign: '+', says: 'added', note: '' })),
    ...diff.removed.map((scope) => ({ scope, sign: '−', says: 'removed', note: '' })),
    ...diff.refused.map((scope) => ({ scope, sign: '−', says: 'not granted', note: 'asked for, not granted' })),
  ]
  return (
    <ul aria-label="Scopes that differ" className="mt-1 flex flex-col gap-0.5">
      {lines.map(({ scope, sign, says, note }) => (
        <li key={`${sign} ${scope}`} className="flex flex-wrap items-baseline gap-x-2">
          <span className={sign === '+' ? 'font-mono text-ok' : 'font-mono text-bad'}>
            <span aria-hidden>{sign} </span>
            <span className="sr-only">{says}: </span>
            <span className="break-all">{scope}</span>
          </span>
          <span className="text-[13px] text-ink-3">{note || scopeName(service, scope)}</span>
        </li>
      ))}
    </ul>
  )
}
