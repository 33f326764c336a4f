/** Keeps the stored service up with the form: saves what is valid, notices what others changed, loses nothing. */
import { MooringError, type Service } from '@mooring/sdk'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { client } from '../../data/client.ts'
import { isHiccup } from '../../data/hiccup.ts'
import { useLinkState } from '../../data/link_state.ts'
import { serviceChanged } from '../../data/services.ts'
import type { FormValues } from '../../forms/values.ts'
import { announce } from '../../ui/announce.tsx'
import { partOf } from './definition.ts'
import {
  blockedParts,
  changedParts,
  changedThere,
  formParts,
  isOpen,
  patchOf,
  sameJson,
  type Shape,
  storedParts,
  withoutSecrets,
  withStored,
} from './parts.ts'
import { titleAt } from './titles.ts'
import type { Definition } from './use_definition.ts'

/** The last copy of the server's, and what was sent of each part since. */
export interface ServerCopy {
  service: Service
  sent: ReadonlyMap<string, string>
}

export interface Conflict {
  theirs: Service
  /** Parts that both changed. */
  parts: string[]
}

export interface Saving {
  busy: boolean
  /** Parts that are not stored yet and could be. */
  waiting: string[]
  /** Parts that are not stored since something is wrong with them. */
  keptBack: string[]
  /** Why the last try failed, where it was not for a field. */
  failure: unknown
  /** True once there is nothing to save to any more: the service was deleted. */
  gone: boolean
  conflict: Conflict | null
  keepMine: () => void
  loadTheirs: () => void
  /** Takes a newer copy in: what is unchanged here follows it. False where both changed the same. */
  adopt: (theirs: Service) => boolean
  /** Saves what can be saved now. Gives the parts that are left unsaved. */
  flush: () => Promise<string[]>
  titles: (parts: readonly string[]) => string[]
}

interface Options {
  shape: Shape
  copy: ServerCopy
  setCopy: (copy: ServerCopy) => void
  definition: Definition
  /** Whether it saves by itself. */
  auto: boolean
}

/** Milliseconds of quiet before a draft is saved, after the preview has judged it. */
const quiet = 600
const retryAfter = 4000

export function useSaving({ shape, copy, setCopy, definition, auto }: Options): Saving {
  const { state, preview, problems } = definition
  const { values, typing } = state
  const { service, sent } = copy
  const [busy, setBusy] = useState(false)
  const [failed, setFailed] = useState<{ error: unknown; patch: string; times: number } | null>(null)
  const [conflict, setConflict] = useState<Conflict | null>(null)
  const link = useLinkState()

  const stored = useMemo(() => storedParts(shape, service), [shape, service])
  const mine = useMemo(() => formParts(shape, values, stored), [shape, values, stored])
  const changed = useMemo(
    () => changedParts(mine, stored, sent).filter((part) => isOpen(part, service.stage)),
    [mine, stored, sent, service.stage],
  )
  const blocked = useMemo(() => blockedParts(problems), [problems])
  const waiting = useMemo(() => changed.filter((part) => !blocked.has(part)), [changed, blocked])
  const keptBack = useMemo(() => changed.filter((part) => blocked.has(part)), [changed, blocked])

  const latest = useRef({ copy, values, mine, stored, changed, waiting, definition, typing })
  useEffect(() => {
    latest.current = { copy, values, mine, stored, changed, waiting, definition, typing }
  })

  const adopt = useCallback(
    (theirs: Service): boolean => {
      const { copy, values, mine, stored, changed, definition } = latest.current
      // Asked for before our own last write was answered.
      if (theirs.updatedAt < copy.service.updatedAt) return true
      const after = storedParts(shape, theirs)
      const there = changedThere(stored, after)
      const otherType = there.includes('auth.type')
      const clash = there.filter(
        (part) =>
          (changed.includes(part) && !sameJson(mine.get(part), after.get(part))) ||
          (otherType && part === 'auth.type' && changed.some((each) => each.startsWith('auth.'))),
      )
      const free = there.filter((part) => !clash.includes(part) && !(otherType && part.startsWith('auth.')))
      if (otherType && !clash.includes('auth.type')) free.push('auth.type')
      if (free.length > 0) definition.state.replace((before) => withStored(shape, before, free, theirs))
      const sent = new Map([...copy.sent].filter(([part]) => !there.includes(part)))
      if (clash.length > 0) {
        setConflict({ theirs, parts: clash })
        return false
      }
      const next = { service: theirs, sent }
      setCopy(next)
      latest.current = { ...latest.current, copy: next, stored: after, values }
      if (free.length > 0) announce('Changed elsewhere; what you see is up to date.')
      return true
    },
    [shape, setCopy],
  )

  const running = useRef<Promise<string[]> | null>(null)
  const save = useCallback(async (): Promise<string[]> => {
    setBusy(true)
    let patch = ''
    try {
      const { id, updatedAt } = latest.current.copy.service
      const theirs = await client.services.get(id)
      // The API has no condition to send along: what others changed is looked for right before.
      if (theirs.updatedAt !== updatedAt && !adopt(theirs)) return latest.current.changed
      const { mine, waiting, values, definition } = latest.current
      const secret = latest.current.typing === null ? null : partOf(latest.current.typing)
      const all = latest.current.changed
      let parts = waiting.filter((part) => part !== secret)
      if (parts.length === 0) return all
      const send = async (): Promise<Service> => {
        patch = JSON.stringify(parts.map((part) => [part, mine.get(part)]))
        return client.services.update(id, patchOf(mine, parts))
      }
      const reply = await send().catch((error: unknown) => {
        if (!(error instanceof MooringError) || error.errors.length === 0) throw error
        // What the server finds wrong stands at its field; the rest is saved without it.
        definition.tell(error.errors, values)
        const wrong = new Set(error.errors.map(({ path }) => partOf(path)))
        const right = parts.filter((part) => !wrong.has(part))
        if (right.length === 0 || right.length === parts.length) throw error
        parts = right
        return send()
      })
      const now = new Map(latest.current.copy.sent)
      for (const part of parts) now.set(part, JSON.stringify(mine.get(part)))
      setCopy({ service: reply, sent: now })
      definition.state.replace((before) => withoutSecrets(shape, before, parts, values))
      setFailed(null)
      await serviceChanged(reply)
      return all.filter((part) => !parts.includes(part))
    } catch (error) {
      setFailed((before) => ({ error, patch, times: (before?.times ?? 0) + 1 }))
      return latest.current.changed
    } finally {
      setBusy(false)
    }
  }, [adopt, setCopy, shape])
  const saveOnce = useCallback((): Promise<string[]> => {
    if (running.current !== null) return running.current
    const run = save().finally(() => {
      running.current = null
    })
    running.current = run
    return run
  }, [save])

  const untyped = typing === null ? waiting : waiting.filter((part) => part !== partOf(typing))
  const due = JSON.stringify(untyped.map((part) => [part, mine.get(part)]))
  // The preview is asked first, and finds out first.
  const gone = [failed?.error, preview.failed].some((error) => error instanceof MooringError && error.status === 404)
  const refused = gone || (failed !== null && !isHiccup(failed.error) && failed.patch === due)
  const ready = auto && conflict === null && !busy && untyped.length > 0 && preview.fresh && !refused
  const times = failed?.times ?? 0
  const signedOut = link === 'signed_out'
  useEffect(() => {
    // Each stroke changes what is due, and the quiet begins anew.
    if (!ready || signedOut || due === '') return
    const timer = setTimeout(() => void saveOnce(), times > 0 ? retryAfter : quiet)
    const again = (): void => void saveOnce()
    window.addEventListener('online', again)
    return () => {
      clearTimeout(timer)
      window.removeEventListener('online', again)
    }
  }, [ready, due, times, signedOut, saveOnce])

  const flush = useCallback(async (): Promise<string[]> => {
    // One that is under way may have begun before the last stroke.
    await running.current
    if (latest.current.changed.length === 0) return []
    return saveOnce()
  }, [saveOnce])
  const settle = (next: FormValues, theirs: Service, dropped: readonly string[]): void => {
    state.replace(next)
    setCopy({ service: theirs, sent: new Map([...sent].filter(([part]) => !dropped.includes(part))) })
    setConflict(null)
    setFailed(null)
  }
  return {
    busy,
    waiting,
    keptBack,
    gone,
    failure: waiting.length > 0 ? (failed?.error ?? preview.failed) : undefined,
    conflict,
    keepMine: () => conflict !== null && settle(values, conflict.theirs, conflict.parts),
    loadTheirs: () =>
      conflict !== null &&
      settle(withStored(shape, values, conflict.parts, conflict.theirs), conflict.theirs, conflict.parts),
    adopt,
    flush,
    titles: (parts) => parts.map((part) => titleAt(definition, part)),
  }
}
