import { useSyncExternalStore } from 'react'

/** `down`: the server gives no answer. `signed_out`: the session ended while the page was open. */
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

export function linkState(): LinkState {
  return state
}

/** Tells of each change; the function returned ends it. */
export function onLinkChange(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export function useLinkState(): LinkState {
  return useSyncExternalStore(onLinkChange, linkState)
}

/** Waits until the server answers somebody who is signed in, or the signal ends it. */
export async function linkUp(signal: AbortSignal): Promise<void> {
  if (state === 'up' || signal.aborted) return
  await new Promise<void>((resolve) => {
    const done = (): void => {
      stop()
      signal.removeEventListener('abort', done)
      resolve()
    }
    const stop = onLinkChange(() => {
      if (state === 'up') done()
    })
    signal.addEventListener('abort', done)
  })
}
