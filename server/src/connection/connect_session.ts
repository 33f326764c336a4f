/** Connect sessions (S-8): a page on which somebody without an account authorizes connections of their own. */
import type { ConnectSession, ConnectSessionInput, FieldError } from '@mooring/contract'
import { actorOf, type Caller } from '../access/caller.ts'
import { invalid } from '../errors.ts'
import { newId, randomToken, tokenHash } from '../ids.ts'
import type { ConnectSessionRecord, Store } from '../store.ts'
import { checkReturnTo, type ReturnRules } from './return_to.ts'

/** How long a link works, in milliseconds. */
export const connectSessionLife = 30 * 60_000

export interface ConnectSessionParts extends ReturnRules {
  store: Store
  now: () => number
}

export interface ConnectSessions {
  /** Throws validation_failed for a connection that is not there, or where there is none to offer. */
  create(caller: Caller, input: ConnectSessionInput): Promise<ConnectSession>
}

export function createConnectSessions(parts: ConnectSessionParts): ConnectSessions {
  const { store, now, publicUrl } = parts

  /** Shared ones only by name: whoever authorizes one does so for everybody. */
  const offered = async (workspaceId: string, linkNames: string[] | undefined): Promise<string[]> => {
    if (linkNames === undefined) return perUser(store, workspaceId)
    const ids: string[] = []
    const errors: FieldError[] = []
    for (const [index, linkName] of linkNames.entries()) {
      const found = await store.connections.find(workspaceId, linkName)
      if (found?.linkName === linkName) ids.push(found.id)
      else
        errors.push({
          path: `connections.${index}`,
          code: 'not_found',
          message: `There is no connection with the link name ${linkName}.`,
        })
    }
    if (errors.length > 0) throw invalid(errors)
    return [...new Set(ids)]
  }

  return {
    async create(caller, input) {
      const { workspaceId } = caller
      const at = now()
      const returnTo = checkReturnTo(input.returnTo, parts) ?? null
      const connections = await offered(workspaceId, input.connections)
      if (connections.length === 0) {
        throw invalid([
          {
            path: 'connections',
            code: 'required',
            message: 'There is no connection that each user authorizes for themself: name those to offer.',
          },
        ])
      }
      const token = randomToken(32)
      const record: ConnectSessionRecord = {
        id: newId('cns', at),
        workspaceId,
        tokenHash: tokenHash(token),
        bindingHash: null,
        user: input.user.id,
        userName: input.user.name ?? null,
        userEmail: input.user.email ?? null,
        connections,
        returnTo,
        madeBy: actorOf(caller),
        expiresAt: at + connectSessionLife,
        createdAt: at,
      }
      await store.connectSessions.insert(record)
      return { token, url: `${publicUrl()}/connect/s/${token}`, expiresAt: new Date(record.expiresAt).toISOString() }
    },
  }
}

/** Of all connections those that each user authorizes for themself, newest first. */
async function perUser(store: Store, workspaceId: string): Promise<string[]> {
  const ids: string[] = []
  for (let cursor: string | undefined; ;) {
    const { items, nextCursor } = await store.connections.list(workspaceId, {}, { limit: 100, cursor })
    ids.push(...items.filter((one) => one.enabled && one.authorizationLevel === 'per_user').map((one) => one.id))
    if (nextCursor === null) return ids
    cursor = nextCursor
  }
}
