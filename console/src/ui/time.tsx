import { useSyncExternalStore } from 'react'
import { ago, exactly } from '../words/time.ts'

let now = Date.now()
const listeners = new Set<() => void>()
setInterval(() => {
  now = Date.now()
  for (const listener of listeners) listener()
}, 10_000)

/** Milliseconds since the epoch, moving every ten seconds. */
export function useNow(): number {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => now,
  )
}

/** "4 min ago", with the whole date in the title. */
export function Time({ at, className }: { at: string; className?: string }) {
  const current = useNow()
  return (
    <time dateTime={at} title={exactly(at)} className={className}>
      {ago(at, Math.max(current, now))}
    </time>
  )
}
