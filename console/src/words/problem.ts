/** Errors as people read them: what happened, why, what to do. */
import { MooringError } from '@mooring/sdk'

export interface ProblemWords {
  title: string
  detail: string
  hint?: string | undefined
  requestId?: string | undefined
  errors: readonly { path: string; message: string }[]
}

/** Never throws; an error of the browser's own is told as one of the connection to the server. */
export function wordsFor(error: unknown): ProblemWords {
  if (error instanceof MooringError) {
    if (error.code === 'unreachable') {
      return {
        title: 'The server does not answer',
        detail: 'Nothing you typed is lost.',
        hint: 'Check that Mooring is running and that you are online, then retry.',
        errors: [],
      }
    }
    return {
      title: error.title,
      detail: error.message,
      hint: error.hint,
      requestId: error.requestId,
      errors: error.errors ?? [],
    }
  }
  return {
    title: 'Something went wrong here',
    detail: error instanceof Error ? error.message : String(error),
    errors: [],
  }
}
