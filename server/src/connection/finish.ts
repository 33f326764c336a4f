/** Coming back from the provider (S-3 … S-8): which attempt it is, whether this browser may end it, and its token. */
import type { Connection } from '@mooring/contract'
import type { Actor } from '../access/caller.ts'
import { MooringError } from '../errors.ts'
import { randomToken, tokenHash } from '../ids.ts'
import { findScheme } from '../schemes/index.ts'
import type { Exchange, Grant } from '../schemes/scheme.ts'
import { callbackUrlOf } from '../service/service.ts'
import type { AttemptRecord, ServiceRecord, Store } from '../store.ts'
import type { Vault } from '../vault/vault.ts'
import { attemptLife, bindingCookie, ended, isBoundTo, openKept, sealGrant, withStep } from './attempt.ts'
import { demandHolder } from './begin.ts'
import { type Bound, outgoingScopes } from './bind.ts'
import { connectionReply } from './connection.ts'
import type { Endings } from './ending.ts'
import { giveBack } from './give_back.ts'
import { demandLearned, toLearn } from './learned.ts'
import { withOutcome } from './return_to.ts'
import { whenStored } from './stored.ts'

export interface FinishParts {
  store: Store
  vault: Vault
  exchange: Exchange
  now: () => number
  publicUrl: () => string
  log: { warn: (facts: object, message: string) => void; error: (facts: object, message: string) => void }
}

/** How things stand with an attempt, for the browser that it is bound to. */
export interface Outcome {
  attempt: AttemptRecord
  connection: Connection
  /** Of the service. */
  callbackUrl: string
  /** Where to send the browser once it is over; null: show the result here. */
  returnTo: string | null
  /** The token of the page that asks, where something new is asked. */
  askedAt: string | null
}

export interface Finishing {
  /** The provider has sent the browser back. `cookies`: all it sent. `holder`: who is signed in to the console there. */
  finish(
    callbackId: string,
    parameters: URLSearchParams,
    cookies: Record<string, string | undefined>,
    holder: Actor | undefined,
  ): Promise<Outcome>
  /** The provider has given its grant to an attempt that this call alone has taken: stores it, or asks first (S-16). */
  granted(taken: AttemptRecord, bound: Bound, grant: Grant<unknown>): Promise<Outcome>
  outcome(attempt: AttemptRecord, bound: Bound, connection?: Connection, askedAt?: string): Promise<Outcome>
}

export function createFinishing(
  parts: FinishParts,
  endings: Endings,
  boundOf: (attempt: AttemptRecord) => Promise<Bound>,
): Finishing {
  const { store, vault, exchange, now } = parts

  const outcome: Finishing['outcome'] = async (attempt, bound, connection, askedAt) => ({
    attempt,
    connection:
      connection ??
      connectionReply(bound.connection, bound.service, await store.authorizations.find(bound.connection.id, '')),
    callbackUrl: callbackUrlOf(parts.publicUrl(), bound.service),
    returnTo:
      attempt.returnTo === null
        ? null
        : withOutcome(attempt.returnTo, attempt, bound.connection.linkName, parts.publicUrl()),
    askedAt: askedAt ?? null,
  })

  /** S-16: another account than before is not taken without asking. The grant waits, sealed, as long as an attempt may. */
  const ask = async (attempt: AttemptRecord, bound: Bound, grant: Grant<unknown>, before: string): Promise<Outcome> => {
    const token = randomToken(32)
    const account = grant.account ?? ''
    const at = now()
    const asked: AttemptRecord = {
      ...withStep(attempt, at, 'asked', true, `Signed in as ${account}, before it was ${before}: replace it?`),
      kept: null,
      question: { code: 'different_account', before, now: account },
      heldGrant: sealGrant(vault, attempt, grant),
      // The page that began it is over; only this browser learns the address of the one that asks.
      // On another device there is no browser yet to learn it: the page that shows the code shows the question.
      tokenHash: attempt.pollAt === null ? tokenHash(token) : attempt.tokenHash,
      pollAt: null,
      expiresAt: at + attemptLife,
      version: attempt.version + 1,
    }
    return (await store.attempts.update(asked))
      ? outcome(asked, bound, undefined, token)
      : tooLate(attempt, bound, grant)
  }

  /** Cancelled while the provider was asked: what it gave is not kept. */
  const tooLate = async (attempt: AttemptRecord, bound: Bound, grant: Grant<unknown>): Promise<Outcome> => {
    await giveBack(parts, bound, grant)
    return outcome((await store.attempts.find(attempt.connectionId, attempt.id)) ?? attempt, bound)
  }

  /** The token, for an attempt that this call alone has taken. */
  const exchanged = async (
    taken: AttemptRecord,
    bound: Bound,
    kept: Record<string, string>,
    parameters: URLSearchParams,
  ): Promise<Outcome> => {
    const { scheme, service } = bound
    const callbackUrl = callbackUrlOf(parts.publicUrl(), service)
    const input = { ...outgoingScopes(bound, taken.scopes), parameters, kept, callbackUrl }
    const { auth, given } = toLearn(bound)
    return granted(taken, bound, await scheme.finish(auth, { ...input, given }, exchange))
  }

  const granted: Finishing['granted'] = async (taken, bound, grant) => {
    const { connection } = bound
    demandLearned(bound, grant)
    const stepped = withStep(taken, now(), 'token request', true, 'The provider gave a token.')
    // A code is good for one answer.
    return whenStored(async () => {
      const before = (await store.authorizations.find(connection.id, taken.user))?.account ?? null
      if (before !== null && grant.account !== null && before !== grant.account)
        return ask(stepped, bound, grant, before)
      const done = await endings.succeed(stepped, bound, grant, { cause: 'authorized by a person', verified: true })
      return done === undefined ? tooLate(stepped, bound, grant) : outcome(done.attempt, bound, done.connection)
    })
  }

  return {
    outcome,
    granted,

    async finish(callbackId, parameters, cookies, holder) {
      const service = await store.services.findByCallbackId(callbackId)
      if (service === undefined) throw ended()
      const found = await attemptsOf(store, service, parameters)
      const waiting = found.filter((one) => one.state === 'waiting')
      const isBound = (one: AttemptRecord): boolean => isBoundTo(one, cookies[bindingCookie(one.id)])
      const attempt = waiting.find((one) => one.serviceId === service.id)
      if (attempt === undefined) {
        // Cancelled or expired meanwhile: the browser that started hears how it ended.
        const late = found.find((one) => one.serviceId === service.id && isBound(one))
        if (late !== undefined) return outcome(late, await boundOf(late))
        await failStrays(endings, waiting)
        throw new MooringError('malformed_request', {
          detail: 'This answer fits no sign-in that is under way: it is over, was used already, or belongs elsewhere.',
          hint: 'Begin a new sign-in.',
        })
      }
      const bound = await boundOf(attempt)
      try {
        demandInTime(attempt, isBound(attempt), now())
        demandHolder(attempt, holder)
      } catch (error) {
        // S-8: a forwarded callback must not connect somebody else's account. The attempt ends here.
        return outcome(await endings.fail(attempt, bound, 'came back', error), bound)
      }
      // Used once: whoever takes it first goes on (S-3).
      const taken: AttemptRecord = {
        ...withStep(attempt, now(), 'came back', true, 'The provider sent the browser back.'),
        correlationHash: null,
        version: attempt.version + 1,
      }
      if (!(await store.attempts.update(taken))) throw ended()
      try {
        return await exchanged(taken, bound, openKept(vault, attempt), parameters)
      } catch (error) {
        if (!(error instanceof MooringError))
          parts.log.error({ err: error, attempt: attempt.id }, 'an attempt ended for a reason of our own')
        return outcome(await endings.fail(taken, bound, 'token request', error), bound)
      }
    },
  }
}

/** The attempts that a callback's parameters name, whatever their service and state. */
async function attemptsOf(store: Store, service: ServiceRecord, parameters: URLSearchParams): Promise<AttemptRecord[]> {
  const { auth } = service.document
  const correlation = auth === null ? undefined : findScheme(auth.type)?.correlate(parameters)
  if (correlation === undefined || correlation === null) return []
  return store.attempts.findByCorrelation(tokenHash(correlation))
}

/** S-7: an answer meant for another service's address ends that attempt before any token request. */
async function failStrays(endings: Endings, strays: AttemptRecord[]): Promise<void> {
  for (const stray of strays) {
    const error = new MooringError('forbidden', {
      detail: "The provider's answer came to the address of another service.",
      hint: 'Register each service with its own callback URL, then connect again.',
    })
    await endings.fail(stray, undefined, 'came back', error)
  }
}

function demandInTime({ expiresAt }: AttemptRecord, isBound: boolean, at: number): void {
  if (!isBound) {
    throw new MooringError('forbidden', {
      detail: 'The provider sent back another browser than the one that started.',
      hint: 'Connect again, and finish in the same browser.',
    })
  }
  if (expiresAt > at) return
  throw new MooringError('forbidden', { detail: 'The sign-in took longer than ten minutes.', hint: 'Connect again.' })
}
