/**
 * Revoking: refused here at once, told to the provider, wiped here whatever it says. A revocation that is cut short is
 * taken up again at the next start.
 */
import type { RevokedConnection } from '@mooring/contract'
import { actorOf, type Caller } from '../access/caller.ts'
import { MooringError } from '../errors.ts'
import { event } from '../events/event.ts'
import type { Exchange } from '../schemes/scheme.ts'
import type { AuthorizationRecord, ConnectionRecord, Store } from '../store.ts'
import type { Vault } from '../vault/vault.ts'
import { bind, openCredential } from './bind.ts'
import { connectionReply, type Connections } from './connection.ts'
import { syncStatus } from './status.ts'
import { whenStored } from './stored.ts'

type Outcome = RevokedConnection['providerRevocation']

export interface RevokeParts {
  store: Store
  vault: Vault
  exchange: Exchange
  connections: Connections
  now: () => number
  /** Calls through the connection must be refused from here on, in this process at once. */
  revoked: (connectionId: string) => void
  log: { warn: (facts: object, message: string) => void }
}

export interface Revoker {
  /** `user`: one user's authorization; undefined: all of the connection's. */
  revoke(caller: Caller, handle: string, user: string | undefined): Promise<RevokedConnection>
  /** Revokes, then deletes. */
  delete(caller: Caller, handle: string): Promise<void>
  /** Finishes revocations that were cut short; how many. */
  finishCutShort(): Promise<number>
}

export function createRevoker(parts: RevokeParts): Revoker {
  const { store, connections, now } = parts

  /** Stops every use; the credential stays until the provider was told. */
  const stop = async (
    record: ConnectionRecord,
    user: string | undefined,
    actor: string | null,
  ): Promise<AuthorizationRecord[]> => {
    const stopped = await store.transaction(async (inside) => {
      const at = now()
      const all = await inside.authorizations.ofConnection(record.id, 10_000)
      const chosen = all.filter((one) => one.status !== 'revoked' && (user === undefined || one.user === user))
      for (const one of chosen) {
        const next: AuthorizationRecord = {
          ...one,
          status: 'revoked',
          refreshAt: null,
          leaseOwner: null,
          leaseUntil: null,
          inFlight: null,
          fence: one.fence + 1,
          version: one.version + 1,
          updatedAt: at,
        }
        if (!(await inside.authorizations.update(next)))
          throw new Error(`authorization ${one.id} changed while it was revoked`)
      }
      if (chosen.length > 0) {
        await syncStatus(inside, record.workspaceId, record.id, at)
        await inside.events.append([
          event(record.workspaceId, at, 'connection.revoked', {
            connectionId: record.id,
            serviceId: record.serviceId,
            actor,
            user: user ?? null,
            cause: 'asked for',
            detail: `${record.name} was revoked.`,
          }),
        ])
      }
      return chosen
    })
    parts.revoked(record.id)
    return stopped
  }

  const tell = async (record: ConnectionRecord, authorization: AuthorizationRecord): Promise<Outcome> => {
    if (authorization.credential === null) return 'not_configured'
    let outcome: Outcome
    try {
      const service = await store.services.find(record.workspaceId, record.serviceId)
      if (service === undefined) return 'not_configured'
      const { scheme, auth } = bind(parts.vault, service, record, authorization.learned)
      outcome = await scheme.revoke(auth, openCredential(parts.vault, authorization), parts.exchange)
    } catch (error) {
      parts.log.warn({ err: error, connection: record.id }, 'the provider did not confirm a revocation')
      outcome = 'failed'
    }
    // Told or not, nothing of it stays here.
    await whenStored(() => wipe(store, authorization, now()))
    return outcome
  }

  const revokeAll = async (
    record: ConnectionRecord,
    user: string | undefined,
    actor: string | null,
  ): Promise<Outcome> => {
    const outcomes: Outcome[] = []
    for (const authorization of await stop(record, user, actor)) outcomes.push(await tell(record, authorization))
    const outcome: Outcome = outcomes.includes('failed')
      ? 'failed'
      : outcomes.includes('done')
        ? 'done'
        : 'not_configured'
    if (outcome === 'failed') {
      await store.events.append([
        event(record.workspaceId, now(), 'connection.updated', {
          ok: false,
          connectionId: record.id,
          serviceId: record.serviceId,
          actor,
          cause: 'revocation',
          detail: 'Revoked here. The provider did not confirm: remove the app there as well.',
        }),
      ])
    }
    return outcome
  }

  return {
    async revoke(caller, handle, user) {
      const record = await connections.find(caller, handle)
      if (record.status === 'created') {
        throw new MooringError('connection_not_active', {
          detail: `${record.name} has not been authorized yet, so there is nothing to revoke.`,
        })
      }
      const providerRevocation = await revokeAll(
        record,
        record.authorizationLevel === 'per_user' ? user : undefined,
        actorOf(caller),
      )
      const current = await connections.find(caller, handle)
      const service = await store.services.find(current.workspaceId, current.serviceId)
      if (service === undefined) throw new MooringError('not_found', { detail: 'The service is gone.' })
      return {
        ...connectionReply(current, service, await store.authorizations.find(current.id, '')),
        providerRevocation,
      }
    },

    async delete(caller, handle) {
      const record = await connections.find(caller, handle)
      await revokeAll(record, undefined, actorOf(caller))
      await connections.remove(caller, record)
      parts.revoked(record.id)
    },

    async finishCutShort() {
      const left = await store.authorizations.unfinishedRevocations(1000)
      for (const authorization of left) {
        const record = await store.connections.find(authorization.workspaceId, authorization.connectionId)
        if (record === undefined) continue
        await tell(record, authorization)
      }
      return left.length
    },
  }
}

/** The credential is gone from here on. Where somebody authorized anew meanwhile, theirs stays. */
async function wipe(store: Store, authorization: AuthorizationRecord, at: number): Promise<void> {
  await store.transaction(async (inside) => {
    const current = await inside.authorizations.findById(authorization.id)
    if (current === undefined || current.status !== 'revoked') return
    await inside.authorizations.update({ ...current, credential: null, version: current.version + 1, updatedAt: at })
  })
}
