/** The API, through the SDK like every other program; the session's cookie says who is calling. */
import { createClient, type Fetch } from '@mooring/sdk'
import { linkState, noteLink } from './link_state.ts'

let csrfToken: string | undefined

/** Writes carry the token of the session that is signed in; undefined once it is over. */
export function setCsrfToken(token: string | undefined): void {
  csrfToken = token
}

/** Sees what became of every request, so that a lost network or an ended session is told in one place. */
const watched: Fetch = async (input, init) => {
  const asked = csrfToken
  try {
    const response = await fetch(input, init)
    // A late answer about the session before says nothing of the one since.
    const ended = response.status === 401 && asked !== undefined && asked === csrfToken
    if (answersForServer(response)) doubt()
    else noteLink(ended ? 'signed_out' : 'up')
    return response
  } catch (error) {
    if (init?.signal?.aborted !== true) doubt()
    throw error
  }
}

let asking: Promise<void> | undefined

/**
 * One request without an answer may be the fault of what it asked for. Only where the smallest question gets none
 * either, the server is out of reach; otherwise all that is on the page would be loaded anew each time one thing fails.
 */
function doubt(): void {
  if (linkState() === 'down') return
  asking ??= fetch('/v1/session', { signal: AbortSignal.timeout(5000) })
    .then(answersForServer, () => true)
    .then((down) => {
      asking = undefined
      if (down) noteLink('down')
    })
}

/** True where it is a proxy that says the server is not there: every answer of the server itself has its id. */
function answersForServer({ status, headers }: Response): boolean {
  return status >= 502 && status <= 504 && !headers.has('x-request-id')
}

export const client = createClient({ url: location.origin, csrfToken: () => csrfToken, fetch: watched })
