/** A token that is good now: renewed before the call where it has ended, in the background where it soon will. */
import { setTimeout as wait } from 'node:timers/promises'
import { pausedCode } from '../connection/gate.ts'
import { clockTolerance } from '../connection/plan.ts'
import type { RenewalCause, Renewals } from '../connection/renewal.ts'
import { refusal } from '../connection/status.ts'
import { MooringError } from '../errors.ts'
import type { AuthorizationRecord, StoredError } from '../store.ts'
import type { Live, LiveConnections } from './live.ts'

/** A token this close to its end is not sent: it would end on the way. Milliseconds. */
const skew = 1000
/** A call waits this long for the next allowed try; further off it is told when to come back. */
const patience = 2000
/** A wrong configuration is looked at again by a call after this long. */
const configurationPause = 30_000

export interface FreshParts {
  renewals: Renewals
  live: LiveConnections
  now: () => number
  /** Notes that an authorization ran out and cannot be renewed. */
  ranOut: (authorization: AuthorizationRecord) => Promise<StoredError>
}

export interface Fresh {
  /** Gives the connection with a token that is good now. Throws as `Renewals.renew`. */
  ensure(live: Live): Live | Promise<Live>
  /**
   * After the API refused the token: one renewal. Undefined where it could not be had, or has just been seen not to help:
   * then the API's own answer stands. Throws reauthorization_required where the provider refused for good.
   */
  afterRefusal(live: Live): Promise<Live | undefined>
  /** The API took the token. */
  accepted(live: Live): void
}

export function createFresh({ renewals, live: connections, now, ranOut }: FreshParts): Fresh {
  /** Authorizations whose fresh token was refused as well: how often in a row, and until when no renewal is tried. */
  const refused = new Map<string, { times: number; until: number; refreshedAt: number | null }>()

  const renew = async (live: Live, cause: RenewalCause): Promise<Live> => {
    try {
      return connections.renewed(live, await renewals.renew(live.authorization, cause))
    } catch (error) {
      // While the store is out of reach nothing is there to be read in place of what is in memory.
      if (!(error instanceof MooringError) || error.code !== 'unavailable')
        connections.dropConnection(live.bound.connection.id)
      throw error
    }
  }

  const renewEnded = async (live: Live): Promise<Live> => {
    const { authorization } = live
    if (!authorization.refreshable) {
      const lastError = await ranOut(authorization)
      connections.dropConnection(live.bound.connection.id)
      throw refusal({ status: 'reauthorization_required', lastError })
    }
    const { failures, lastError, refreshAt } = authorization
    // A service that was changed since, by a new secret say, is worth asking again at once.
    const mended = lastError !== null && live.bound.service.updatedAt > lastError.at
    // A failure of the future was told by a clock that has been put right since, and so was the moment of the next try.
    const ahead = lastError !== null && lastError.at > now() + clockTolerance
    // While its provider is left in peace a connection has not failed itself.
    const waits = failures > 0 || lastError?.code === pausedCode
    if (waits && lastError !== null && !mended && !ahead) {
      const notBefore = refreshAt ?? lastError.at + configurationPause
      const left = notBefore - now()
      if (left > patience) {
        throw new MooringError('provider_error', {
          detail: `The token has ended and could not be renewed: ${lastError.detail}`,
          hint: lastError.hint ?? undefined,
          retryAfterSeconds: Math.ceil(left / 1000),
        })
      }
      if (left > 0) await wait(left)
    }
    return renew(live, 'expired')
  }

  return {
    ensure(live) {
      const { expiresAt, refreshAt, failures } = live.authorization
      if (expiresAt === null) return live
      const at = now()
      if (at >= expiresAt - skew) return renewEnded(live)
      if (refreshAt !== null && at >= refreshAt && failures === 0) {
        // The token is still good, so the call does not wait; a failure is recorded by the renewal itself.
        void renew(live, 'due').catch(() => undefined)
      }
      return live
    },

    async afterRefusal(live) {
      const { id, lastRefreshedAt, failures, refreshAt } = live.authorization
      // The provider has asked for patience, or has earned it.
      if (failures > 0 && refreshAt !== null && now() < refreshAt) return undefined
      const before = refused.get(id)
      if (before !== undefined && before.refreshedAt === lastRefreshedAt && now() < before.until) return undefined
      const next = await renew(live, 'refused by the API').catch((error: unknown) => {
        if (error instanceof MooringError && error.code === 'reauthorization_required') throw error
        return undefined
      })
      if (next === undefined) return undefined
      // Of many callers that were refused together one renewal is counted once.
      const counted = refused.get(id)
      if (counted !== undefined && counted.refreshedAt === next.authorization.lastRefreshedAt) return next
      const times = (counted?.times ?? 0) + 1
      if (refused.size > 10_000) refused.clear()
      // Should the fresh token be refused too, renewing does not help: pause 1 s, 2 s, 4 s … up to 5 min.
      refused.set(id, {
        times,
        until: now() + Math.min(300_000, 1000 * 2 ** Math.min(times, 9)),
        refreshedAt: next.authorization.lastRefreshedAt,
      })
      return next
    },

    accepted(live) {
      if (refused.size > 0) refused.delete(live.authorization.id)
    },
  }
}
