/** What lies over the page and is opened from anywhere: by keys, from menus. */
import { useSyncExternalStore } from 'react'

export type Overlay = 'palette' | 'shortcuts' | null

let overlay: Overlay = null
const listeners = new Set<() => void>()

export function showOverlay(next: Overlay): void {
  overlay = next
  for (const listener of listeners) listener()
}

export function useOverlay(): Overlay {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => overlay,
  )
}

export function currentOverlay(): Overlay {
  return overlay
}
