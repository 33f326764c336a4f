/** Finding out by ourselves that a server that did not answer is back. */
import { client } from './client.ts'
import { linkState, onLinkChange } from './link_state.ts'
import { queryClient } from './query_client.ts'

/** Between two looks, in milliseconds; the longest also ends a look that gets no answer. */
const pauses = { first: 1000, longest: 15_000 }

/** Looks for as long as the server does not answer. Once it does, what is on the page is loaded anew. */
export function watchLink(): void {
  let before = linkState()
  let pause = pauses.first
  let timer: ReturnType<typeof setTimeout> | undefined
  const look = async (): Promise<void> => {
    // What comes of it is told to the link's state by the client.
    await client.session.get({ signal: AbortSignal.timeout(pauses.longest) }).catch(() => undefined)
    if (linkState() === 'down') lookLater()
  }
  const lookLater = (): void => {
    clearTimeout(timer)
    timer = setTimeout(() => void look(), pause)
    pause = Math.min(pause * 2, pauses.longest)
  }
  onLinkChange(() => {
    const now = linkState()
    if (now === 'down') {
      pause = pauses.first
      lookLater()
    } else {
      clearTimeout(timer)
      if (before === 'down' && now === 'up') void queryClient.refetchQueries({ type: 'active' })
    }
    before = now
  })
  window.addEventListener('online', () => {
    if (linkState() === 'down') void look()
  })
  // The browser knows before any request has failed; whether the server is gone too is found out by asking.
  window.addEventListener('offline', () => void look())
}
