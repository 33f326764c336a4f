/** What the server says of a definition while somebody types it. */
import type { Preview, PreviewInput } from '@mooring/sdk'
import { useEffect, useRef, useState } from 'react'
import { client } from '../data/client.ts'
import { isHiccup } from '../data/hiccup.ts'
import { useLinkState } from '../data/link_state.ts'

export interface PreviewState<Tag> {
  /** The last one that came; kept while the next is awaited. */
  preview: Preview | undefined
  /** What came with the definition that it is of. */
  of: Tag | undefined
  /** True once it is of the definition as it stands. */
  fresh: boolean
  /** Why there is none of the definition as it stands; it is asked for again by itself. */
  failed: unknown
}

/** Milliseconds of quiet before it is asked for. */
const pause = 300
const retryAfter = 4000

/** `tag` goes with the definition, to know later which one an answer is of. null: nothing is asked for. */
export function usePreview<Tag>(input: PreviewInput | null, tag: Tag): PreviewState<Tag> {
  const key = input === null ? null : JSON.stringify(input)
  const [answer, setAnswer] = useState<{ key: string; preview: Preview; of: Tag }>()
  const [failure, setFailure] = useState<{ key: string; error: unknown; times: number }>()
  const link = useLinkState()
  const latest = useRef({ input, tag })
  useEffect(() => {
    latest.current = { input, tag }
  })
  const answered = answer?.key
  const failures = failure !== undefined && failure.key === key ? failure.times : 0
  const waits = link === 'signed_out' || (failures > 0 && !isHiccup(failure?.error))
  useEffect(() => {
    const { input, tag } = latest.current
    if (key === null || input === null || key === answered || waits) return
    const control = new AbortController()
    const ask = async (): Promise<void> => {
      try {
        const preview = await client.services.preview(input, { signal: control.signal })
        setAnswer({ key, preview, of: tag })
        setFailure(undefined)
      } catch (error) {
        if (!control.signal.aborted)
          setFailure((before) => ({ key, error, times: (before?.key === key ? before.times : 0) + 1 }))
      }
    }
    const timer = setTimeout(() => void ask(), answered === undefined ? 0 : failures > 0 ? retryAfter : pause)
    const again = (): void => void ask()
    window.addEventListener('online', again)
    return () => {
      clearTimeout(timer)
      window.removeEventListener('online', again)
      control.abort()
    }
  }, [key, answered, failures, waits])
  return {
    preview: answer?.preview,
    of: answer?.of,
    fresh: key !== null && answered === key,
    failed: failure !== undefined && failure.key === key && answered !== key ? failure.error : undefined,
  }
}
