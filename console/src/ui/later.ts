/** Parts of the frame whose scripts come behind the first view. */
import { useEffect, useEffectEvent, useSyncExternalStore } from 'react'

/** After the first view has been asked for, in milliseconds. */
const behind = 1000

interface Later<Part> {
  /**
   * Loads it when it is `wanted`; undefined until it is there. `failed` is told where it cannot be loaded: no network, or
   * the server has a newer console by now. Wanted again, it is tried again.
   */
  usePart: (wanted: boolean, failed?: () => void) => Part | undefined
}

/** Loaded once, for all who use it; with `soon` also where nobody has wanted it yet. */
export function later<Part>(load: () => Promise<Part>, { soon = false }: { soon?: boolean } = {}): Later<Part> {
  let part: Part | undefined
  let loading: Promise<void> | undefined
  const listeners = new Set<() => void>()
  const begin = async (): Promise<void> => {
    loading ??= load().then(
      (loaded) => {
        part = loaded
        for (const listener of listeners) listener()
      },
      (error: unknown) => {
        loading = undefined
        throw error
      },
    )
    await loading
  }
  const subscribe = (listener: () => void): (() => void) => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }
  return {
    usePart(wanted, failed) {
      const tell = useEffectEvent(() => failed?.())
      useEffect(() => {
        if (!wanted) return
        let left = false
        begin().catch(() => left || tell())
        return () => {
          left = true
        }
      }, [wanted])
      useEffect(() => {
        if (!soon) return
        const timer = setTimeout(() => void begin().catch(() => undefined), behind)
        return () => clearTimeout(timer)
      }, [])
      return useSyncExternalStore(subscribe, () => part)
    },
  }
}

/** What to say where a part of the frame cannot be loaded. */
export const notLoaded = [
  'This cannot be opened now',
  'A part of the console could not be loaded. Check the network, or reload the page.',
] as const
