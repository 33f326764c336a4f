/**
 * The last requests of this tab. What may hold a secret (values of headers, bodies) is kept in memory only; what outlives
 * a reload is where they went and what came back as a number.
 */
import { useSyncExternalStore } from 'react'
import { type Draft, emptyDraft, newPair } from './draft.ts'

export interface Past {
  id: string
  at: string
  connection: string
  /** null: no answer. */
  status: number | null
  ms: number
  draft: Draft
  /** False once values of headers and the body are gone. */
  whole: boolean
}

const storage = 'mooring.try'
const kept = 20
const listeners = new Set<() => void>()
let past: readonly Past[] | undefined

function all(): readonly Past[] {
  past ??= stored()
  return past
}

function changeTo(next: readonly Past[]): void {
  past = next
  sessionStorage.setItem(storage, JSON.stringify(next.map(outlineOf)))
  for (const listener of listeners) listener()
}

/** Newest first. */
export function usePast(): readonly Past[] {
  return useSyncExternalStore((listener) => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }, all)
}

export function addPast(entry: Omit<Past, 'id' | 'whole'>): void {
  changeTo([{ ...entry, id: crypto.randomUUID(), whole: true }, ...all()].slice(0, kept))
}

export function clearPast(): void {
  changeTo([])
}

interface Outline extends Omit<Past, 'draft' | 'whole'> {
  method: string
  path: string
  user: string
  headers: string[]
}

function outlineOf({ id, at, connection, status, ms, draft }: Past): Outline {
  const { method, path, user, headers } = draft
  return {
    id,
    at,
    connection,
    status,
    ms,
    method,
    // The query, and parameters with it, may hold keys that somebody typed.
    path: path.replace(/\?.*$/s, ''),
    user,
    headers: headers.map(({ name }) => name),
  }
}

function stored(): Past[] {
  try {
    const found: unknown = JSON.parse(sessionStorage.getItem(storage) ?? '[]')
    return Array.isArray(found) ? found.filter(isOutline).map(pastOf) : []
  } catch {
    return []
  }
}

function pastOf({ method, path, user, headers, ...entry }: Outline): Past {
  return {
    ...entry,
    whole: false,
    draft: { ...emptyDraft, method, path, user, headers: headers.map((name) => newPair(name)) },
  }
}

function isOutline(value: unknown): value is Outline {
  if (typeof value !== 'object' || value === null) return false
  const texts = ['id', 'at', 'connection', 'method', 'path', 'user'].every(
    (name) => typeof Reflect.get(value, name) === 'string',
  )
  const headers: unknown = Reflect.get(value, 'headers')
  return texts && Array.isArray(headers) && headers.every((name) => typeof name === 'string')
}
