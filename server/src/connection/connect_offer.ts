/** A connection as a connect page offers it to an end user. */
import type { PromptField } from '@mooring/contract'
import type { AuthorizationRecord, Store } from '../store.ts'
import { authorizationHost } from './authorize.ts'
import type { Bound } from './bind.ts'

export interface Offer {
  linkName: string
  connection: string
  service: string
  /** Where the person signs in, or where what they enter is sent to. */
  host: string
  redirects: boolean
  /** A code is shown, to be entered at the provider. */
  device: boolean
  fields: PromptField[]
  scopes: { name: string; value: string }[]
  /** Whoever authorizes it does so for everybody. */
  shared: boolean
  state: 'not_connected' | 'connected' | 'reconnect'
  /** Of the user's own authorization. */
  account: string | null
}

/** As it stands for this user. */
export async function offerOf(store: Store, bound: Bound, user: string): Promise<Offer> {
  const { connection, scheme, auth, document, service } = bound
  const shared = connection.authorizationLevel === 'shared'
  const authorization = await store.authorizations.find(connection.id, shared ? '' : user)
  const flow = scheme.flow(auth)
  const [redirects, device] = [flow === 'redirect', flow === 'device']
  const api = document.baseUrl === null ? document.hosts[0] : URL.parse(document.baseUrl)?.host
  return {
    linkName: connection.linkName,
    connection: connection.name,
    service: service.name,
    host: redirects || device ? authorizationHost(bound) : (api ?? ''),
    redirects,
    device,
    fields: redirects || device ? [] : scheme.prompt(auth),
    scopes: document.scopes.filter(({ value }) => connection.scopes.includes(value)),
    shared,
    state: stateOf(authorization),
    // The shared grant's account is not for whoever has the link.
    account: shared ? null : (authorization?.account ?? null),
  }
}

function stateOf(authorization: AuthorizationRecord | undefined): Offer['state'] {
  if (authorization?.status === 'active') return 'connected'
  return authorization?.status === 'reauthorization_required' ? 'reconnect' : 'not_connected'
}
