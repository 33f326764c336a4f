import { useSyncExternalStore } from 'react'

let text = ''
const listeners = new Set<() => void>()

/** Tells screen readers, politely: "Copied", "3 connections". */
export function announce(message: string): void {
  // The same words twice in a row would not be read again.
  text = message === text ? `${message}\u00a0` : message
  for (const listener of listeners) listener()
}

/** The live region; there from the start, since a region that appears with its text is not read. */
export function Announcer() {
  const message = useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => text,
  )
  return (
    <div role="status" aria-live="polite" className="sr-only">
      {message}
    </div>
  )
}
