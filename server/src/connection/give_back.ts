/** A grant that is not kept is given back: its tokens are no use to anybody, and somebody may find them. */
import type { Exchange, Grant } from '../schemes/scheme.ts'
import type { Store } from '../store.ts'
import { type Bound, withLearned } from './bind.ts'

export interface GiveBackParts {
  store: Store
  exchange: Exchange
  log: { warn: (facts: object, message: string) => void }
}

/**
 * Tells the provider, best effort, and says in a sentence how that went. Providers that revoke by account and app would end
 * every grant of the account, so nothing is revoked where another connection of the service may hang on it.
 */
export async function giveBack(
  { store, exchange, log }: GiveBackParts,
  bound: Bound,
  { credential, account, learned }: Pick<Grant<unknown>, 'credential' | 'account' | 'learned'>,
): Promise<{ ok: boolean; detail: string }> {
  const { scheme, auth, service, connection } = withLearned(bound, learned)
  if (await mayBeInUse(store, service.id, account)) {
    return {
      ok: true,
      detail: `The new sign-in was dropped here and not revoked at ${service.name}: another connection may use the same account.`,
    }
  }
  try {
    return (await scheme.revoke(auth, credential, exchange)) === 'done'
      ? { ok: true, detail: `The new sign-in was revoked at ${service.name}.` }
      : { ok: true, detail: `The new sign-in was dropped here; ${service.name} has no revoke URL to tell.` }
  } catch (error) {
    log.warn({ err: error, connection: connection.id }, 'the provider did not confirm that a dropped grant was revoked')
    return {
      ok: false,
      detail: `The new sign-in was dropped here; ${service.name} did not confirm that it was revoked.`,
    }
  }
}

/** Whether a live authorization of this service is, or may be, of this account. */
async function mayBeInUse(store: Store, serviceId: string, account: string | null): Promise<boolean> {
  for (const { id } of await store.connections.ofService(serviceId, 10_000)) {
    for (const one of await store.authorizations.ofConnection(id, 10_000)) {
      if (one.status === 'active' && (account === null || one.account === null || one.account === account)) return true
    }
  }
  return false
}
