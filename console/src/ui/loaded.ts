import { useEffect, useState } from 'react'

export interface Loaded<Part> {
  /** undefined until it is there. */
  part: Part | undefined
  /** It could not be loaded: no network, or the server has a newer console than this page is of. */
  failed: boolean
}

/** A part of the frame whose script is loaded when it is first wanted, and again when it is wanted after a failure. */
export function useLoaded<Part>(wanted: boolean, load: () => Promise<Part>): Loaded<Part> {
  const [loaded, setLoaded] = useState<Loaded<Part>>({ part: undefined, failed: false })
  const needed = wanted && loaded.part === undefined
  useEffect(() => {
    if (!needed) return
    let left = false
    load().then(
      (part) => left || setLoaded({ part, failed: false }),
      () => left || setLoaded({ part: undefined, failed: true }),
    )
    return () => {
      left = true
    }
    // `load` is the same import each time.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [needed])
  return loaded
}
