import type { Service } from '@mooring/sdk'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { type Draft, draftOf, emptyDraft } from './draft.ts'
import type { Past } from './history.ts'

export interface DraftState {
  draft: Draft
  change: (changes: Partial<Draft>) => void
  restore: (past: Past) => void
  choose: (connection: string) => void
}

/** What is typed is kept here; where it goes stands in the address as well. */
export function useDraft(service: Service | undefined): DraftState {
  const search = useSearch({ from: '/inside/try' })
  const navigate = useNavigate({ from: '/try' })
  const [draft, setDraft] = useState<Draft>(() => ({
    ...emptyDraft,
    method: search.method ?? emptyDraft.method,
    path: search.path ?? emptyDraft.path,
  }))
  // Until somebody has typed, a connection brings what its service is tested with.
  const [touched, setTouched] = useState(search.path !== undefined)
  const [filledFrom, setFilledFrom] = useState<string>()
  if (!touched && service !== undefined && filledFrom !== service.linkName) {
    setFilledFrom(service.linkName)
    setDraft(draftOf(service))
  }

  const { method, path } = draft
  useEffect(() => {
    if (!touched || (search.method === method && search.path === path)) return
    // Not with each letter: the address is for going on with, not for watching.
    const timer = setTimeout(() => {
      void navigate({ search: (before) => ({ ...before, method, path }), replace: true, resetScroll: false })
    }, 400)
    return () => clearTimeout(timer)
  }, [touched, method, path, search.method, search.path, navigate])

  const choose = (connection: string): void =>
    void navigate({ search: (before) => ({ ...before, connection }), replace: true, resetScroll: false })
  return {
    draft,
    choose,
    change(changes) {
      setTouched(true)
      setDraft((before) => ({ ...before, ...changes }))
    },
    restore(past) {
      setTouched(true)
      setDraft(past.draft)
      choose(past.connection)
    },
  }
}
