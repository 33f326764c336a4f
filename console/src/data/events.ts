/** The workspace's events as they happen: what they are about is loaded anew. */
import { client } from './client.ts'
import { queryClient } from './query_client.ts'

const kinds = [
  'service.ready',
  'connection.created',
  'connection.authorized',
  'connection.refreshed',
  'connection.refresh_failed',
  'connection.reauthorization_required',
  'connection.revoked',
  'connection.deleted',
  'api_key.created',
  'api_key.deleted',
  'user.created',
  'user.updated',
  'user.deleted',
  'invitation.created',
  'invitation.deleted',
]

/** Starts listening; the function returned ends it. Without the stream the lists still look every 30 seconds. */
export function watchEvents(): () => void {
  // From now on: what came before is in the lists already.
  const source = new EventSource(`/v1/events?after=latest`)
  const told = (event: MessageEvent): void => {
    const [what = ''] = event.type.split('.')
    void queryClient.invalidateQueries({ queryKey: [what === 'api_key' ? 'api-keys' : `${what}s`] })
    void queryClient.invalidateQueries({ queryKey: ['activity'] })
  }
  for (const kind of kinds) source.addEventListener(kind, told)
  // The server ends the stream with the session. Whether that is why, one request tells.
  source.addEventListener('error', () => {
    if (source.readyState === EventSource.CLOSED) void client.session.get().catch(() => undefined)
  })
  return () => source.close()
}
