/** What was said of a service when it was started from something, kept in this tab until somebody has read it. */
const storage = 'mooring.started'

export interface StartNotes {
  /** What it was started from. */
  from: string
  notes: readonly string[]
}

/** Of a service, by its id. */
export function keepNotes(service: string, said: StartNotes): void {
  sessionStorage.setItem(`${storage}.${service}`, JSON.stringify(said))
}

export function notesOf(service: string): StartNotes | undefined {
  try {
    const found: unknown = JSON.parse(sessionStorage.getItem(`${storage}.${service}`) ?? 'null')
    return isNotes(found) ? found : undefined
  } catch {
    return undefined
  }
}

export function dropNotes(service: string): void {
  sessionStorage.removeItem(`${storage}.${service}`)
}

function isNotes(value: unknown): value is StartNotes {
  if (typeof value !== 'object' || value === null) return false
  const notes: unknown = Reflect.get(value, 'notes')
  return (
    typeof Reflect.get(value, 'from') === 'string' &&
    Array.isArray(notes) &&
    notes.every((note) => typeof note === 'string')
  )
}
