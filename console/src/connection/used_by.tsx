import type { Usage } from '@mooring/sdk'

/** "3 API keys and 1 person": who called in the last seven days; undefined where nobody did. */
export function callersInWords({ callers }: Usage): string | undefined {
  const keys = callers.filter(({ actor }) => actor.startsWith('api_key:')).length
  const people = callers.length - keys
  const parts = [
    ...(keys === 0 ? [] : [keys === 1 ? '1\u00a0API key' : `${keys}\u00a0API keys`]),
    ...(people === 0 ? [] : [people === 1 ? '1\u00a0person' : `${people}\u00a0people`]),
  ]
  return parts.length === 0 ? undefined : parts.join(' and ')
}

/** The names of the callers with their calls, the five that called last. */
export function Callers({ usage }: { usage: Usage }) {
  const shown = usage.callers.slice(0, 5)
  const more = usage.callers.length - shown.length
  return (
    <ul className="flex flex-col gap-0.5">
      {shown.map(({ actor, name, calls }) => (
        <li key={actor} className="flex justify-between gap-3">
          <span className="min-w-0 truncate text-ink">{name}</span>
          <span className="shrink-0 text-ink-3 tabular">{calls === 1 ? '1 call' : `${calls} calls`}</span>
        </li>
      ))}
      {more > 0 && <li className="text-ink-3">and {more} more</li>}
    </ul>
  )
}
