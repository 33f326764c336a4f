import { useSyncExternalStore } from 'react'

/** `down`: the last request got no answer. `signed_out`: the session ended while the page was open. */
export type LinkState = 'up' | 'down' | 'signed_out'

let state: LinkState = 'up'
const listeners = new Set<() => void>()

export function setLink(next: LinkState): void {
  if (next === state) return
  state = next
  for (const listener of listeners) listener()
}

/** What a request tells. An ended session is over until somebody signs in, whatever other answers still come in. */
export function noteLink(next: LinkState): void {
  if (state !== 'signed_out') setLink(next)
}

export function useLinkState(): LinkState {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => state,
  )
}
