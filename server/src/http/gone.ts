import type { ServerResponse } from 'node:http'

/** Aborts when whoever asked is gone before the answer was. */
export function goneWith(response: ServerResponse): AbortSignal {
  const gone = new AbortController()
  const onClose = (): void => {
    if (!response.writableFinished) gone.abort()
  }
  // Where the caller was gone before we began there is no event any more.
  if (response.destroyed) onClose()
  else response.once('close', onClose)
  return gone.signal
}
