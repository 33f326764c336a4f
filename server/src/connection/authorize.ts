/**
 * Attempts to authorize (S-3 … S-9, S-14, S-16): begun, sent to the provider, back from there, and where it is another
 * account than before, answered. What happens is recorded step by step; a failed or abandoned attempt changes nothing but
 * the list of attempts.
 */
import type { Attempt, AuthorizeInput, AuthorizeReply, DeviceCode } from '@mooring/contract'
import { type Actor, actorOf, type Caller } from '../access/caller.ts'
import { MooringError, notFound } from '../errors.ts'
import { tokenHash } from '../ids.ts'
import type { AttemptRecord } from '../store.ts'
import { type AnswerParts, createAnswering } from './answer.ts'
import { attemptReply, deviceCodeOf, ended, isBoundTo, openDevice } from './attempt.ts'
import { type Beginning, type BeginParts, createBeginning, type Left } from './begin.ts'
import { bind, type Bound, outgoingScopes } from './bind.ts'
import type { Connections } from './connection.ts'
import { askProvider } from './device.ts'
import { createEndings, type EndingParts } from './ending.ts'
import { createFinishing, type Finishing, type FinishParts, type Outcome } from './finish.ts'

export interface AuthorizeParts extends BeginParts, FinishParts, AnswerParts, EndingParts {
  connections: Connections
  log: FinishParts['log']
}

/** What the connect page shows before anybody leaves for the provider (S-9). */
export interface AttemptView {
  outcome: Outcome
  workspace: string
  service: string
  connection: string
  /** Of the authorization URL. */
  host: string
  scopes: { name: string; value: string }[]
  /** What to enter on another device; null where nothing is. */
  device: DeviceCode | null
}

export interface Authorizer {
  authorize(caller: Caller, handle: string, input: AuthorizeInput): Promise<AuthorizeReply>
  /** A bound connection that has just been created, authorized with what came along. Throws what `authorize` throws. */
  authorizeNew: Beginning['authorizeNew']
  authorizeFromPage: Beginning['authorizeFromPage']
  /** Throws not_found for an unknown token. */
  view(token: string): Promise<AttemptView>
  /**
   * Binds the attempt to a browser and gives the provider's URL. `cookie`: what the browser holds for it already.
   * `holder`: who is signed in to the console there.
   */
  start(token: string, cookie: string | undefined, holder: Actor | undefined): Promise<Left>
  /** Throws not_found where nothing fits. */
  finish: Finishing['finish']
  /** How an attempt stands. */
  outcomeOf(attempt: AttemptRecord): Promise<Outcome>
  /** A caller's answer to what an attempt asks. */
  answer(caller: Caller, handle: string, id: string, replace: boolean): Promise<Attempt>
  /** The same by the browser that the attempt is bound to. */
  answerInBrowser(token: string, cookie: string | undefined, replace: boolean): Promise<Outcome>
  cancel(caller: Caller, handle: string, id: string): Promise<void>
  /** Attempts that wait for another device and are due to be asked about. */
  due(limit: number): Promise<AttemptRecord[]>
  /** Asks the provider about one of them. */
  ask(attempt: AttemptRecord): Promise<void>
}

export function createAuthorizer(parts: AuthorizeParts): Authorizer {
  const { store, vault, connections, now } = parts

  const boundOf = async (attempt: AttemptRecord): Promise<Bound> => {
    const connection = await store.connections.find(attempt.workspaceId, attempt.connectionId)
    const service = await store.services.find(attempt.workspaceId, attempt.serviceId)
    if (connection === undefined || service === undefined) throw ended()
    return bind(vault, service, connection)
  }

  const endings = createEndings(parts)
  const beginning = createBeginning(parts, endings)
  const finishing = createFinishing(parts, endings, boundOf)
  const answering = createAnswering(parts, endings, boundOf)

  const byToken = async (token: string): Promise<AttemptRecord> => {
    const attempt = await store.attempts.findByToken(tokenHash(token))
    if (attempt === undefined) throw ended()
    if (attempt.state === 'waiting' && attempt.expiresAt <= now()) {
      await store.attempts.expire(now())
      return { ...attempt, state: 'expired', question: null, heldGrant: null }
    }
    return attempt
  }

  const byId = async (caller: Caller, handle: string, id: string): Promise<AttemptRecord> => {
    const connection = await connections.find(caller, handle)
    await store.attempts.expire(now())
    const attempt = await store.attempts.find(connection.id, id)
    if (attempt === undefined) throw notFound('attempt')
    return attempt
  }

  return {
    ...beginning,
    ...finishing,

    async authorize(caller, handle, input) {
      return beginning.authorizeNew(caller, await connections.bound(caller, handle), input)
    },

    async view(token) {
      const attempt = await byToken(token)
      const bound = await boundOf(attempt)
      const asked = outgoingScopes(bound, attempt.scopes).scopes
      const device = openDevice(vault, attempt)
      const workspace = (await store.workspaces.list()).find((one) => one.id === attempt.workspaceId)
      return {
        outcome: await finishing.outcome(attempt, bound),
        workspace: workspace?.name ?? '',
        service: bound.service.name,
        connection: bound.connection.name,
        host: authorizationHost(bound),
        scopes: bound.document.scopes.filter((scope) => asked.includes(scope.value)),
        device: device === undefined ? null : deviceCodeOf(device),
      }
    },

    async start(token, cookie, holder) {
      const attempt = await byToken(token)
      return beginning.leave(attempt, await boundOf(attempt), cookie, holder)
    },

    async outcomeOf(attempt) {
      return finishing.outcome(attempt, await boundOf(attempt))
    },

    async answer(caller, handle, id, replace) {
      return attemptReply(vault, await answering.answer(await byId(caller, handle, id), replace, actorOf(caller)))
    },

    async answerInBrowser(token, cookie, replace) {
      const attempt = await byToken(token)
      if (!isBoundTo(attempt, cookie)) {
        throw new MooringError('forbidden', {
          detail: 'This sign-in belongs to another browser.',
          hint: 'Answer in the browser that signed in.',
        })
      }
      const bound = await boundOf(attempt)
      if (attempt.state !== 'waiting') return finishing.outcome(attempt, bound)
      const answered = await answering.answer(attempt, replace, attempt.actor).catch(async (error: unknown) => {
        // Answered otherwise in the console at the same moment: how that went is shown.
        const current = await byToken(token)
        if (current.state === 'waiting') throw error
        return current
      })
      return finishing.outcome(answered, bound)
    },

    async cancel(caller, handle, id) {
      await answering.cancel(await byId(caller, handle, id), actorOf(caller))
    },

    due: (limit) => store.attempts.due(now(), limit),
    ask: (attempt) => askProvider(parts, { endings, finishing, boundOf }, attempt),
  }
}

/** Where a person signs in, or whose code they enter; '' where nobody does. */
export function authorizationHost({ scheme, auth }: Bound): string {
  const { authorizationUrl, deviceAuthorizationUrl } = scheme.endpoints(auth)
  const url = scheme.flow(auth) === 'device' ? deviceAuthorizationUrl : authorizationUrl
  return URL.parse(url ?? '')?.host ?? ''
}
