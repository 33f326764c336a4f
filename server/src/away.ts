/** A store that is out of reach or cannot write at the moment, as the error a caller gets: come back, it is no fault of ours. */
import { MooringError } from './errors.ts'
import { StoreAwayError } from './store.ts'

/** undefined where the error is another. */
export function storeFault(error: unknown): MooringError | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  // Some have a longer name for the circumstance: SQLITE_IOERR_WRITE, SQLITE_BUSY_SNAPSHOT.
  const sqlite = typeof code === 'string' && /^SQLITE_(BUSY|LOCKED|FULL|IOERR|READONLY|CANTOPEN)/.test(code)
  if (!sqlite && !(error instanceof StoreAwayError)) return undefined
  return new MooringError('unavailable', {
    detail: 'The store does not answer at the moment.',
    hint: 'Repeat the request.',
    retryAfterSeconds: 2,
    cause: error,
  })
}
