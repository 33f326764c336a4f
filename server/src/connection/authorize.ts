/**
 * Attempts to authorize: beginning, leaving for the provider, coming back (S-3 … S-9, S-14). What happens is recorded step
 * by step; a failed or abandoned attempt changes nothing but the list of attempts.
 */
import type { AuthorizeInput, AuthorizeReply, Connection, FieldError } from '@mooring/contract'
import { actorOf, type Caller, stableId } from '../access/caller.ts'
import { invalid, MooringError } from '../errors.ts'
import { event } from '../events/event.ts'
import { newId, randomToken, tokenHash } from '../ids.ts'
import { findScheme } from '../schemes/index.ts'
import type { Exchange, Grant } from '../schemes/scheme.ts'
import { callbackUrlOf } from '../service/service.ts'
import type { AttemptRecord, ServiceRecord, Store } from '../store.ts'
import type { Place, Vault } from '../vault/vault.ts'
import { bind, type Bound } from './bind.ts'
import { connectionReply, type Connections } from './connection.ts'
import { diagnose } from './diagnosis.ts'
import { storeGrant } from './grant.ts'

/** An attempt is dead after this long (S-3), in milliseconds. */
const attemptLife = 600_000

export interface AuthorizeParts {
  store: Store
  vault: Vault
  exchange: Exchange
  connections: Connections
  now: () => number
  random: () => number
  publicUrl: () => string
  returnOrigins: readonly string[]
  /** Proves a credential with the service's probe; null where there is none. Throws what a call throws. */
  verify: (bound: Bound, credential: unknown) => Promise<{ status: number } | null>
  log: { error: (facts: object, message: string) => void }
}

/** What the connect page shows before anybody leaves for the provider (S-9). */
export interface AttemptView {
  attempt: AttemptRecord
  workspace: string
  service: string
  connection: string
  /** Of the authorization URL. */
  host: string
  scopes: { name: string; value: string }[]
}

export interface CallbackResult {
  attempt: AttemptRecord
  connection: Connection
  /** Where to send the browser; null: show the result here. */
  returnTo: string | null
}

export interface Authorizer {
  authorize(caller: Caller, handle: string, input: AuthorizeInput): Promise<AuthorizeReply>
  /** A bound connection that has just been created, authorized with what came along. Throws what `authorize` throws. */
  authorizeNew(caller: Caller, bound: Bound, input: AuthorizeInput): Promise<AuthorizeReply>
  /** Throws not_found for an unknown token. */
  view(token: string): Promise<AttemptView>
  /** Binds the attempt to a browser and gives the provider's URL. `cookie`: what the browser holds for it already. */
  start(token: string, cookie: string | undefined): Promise<{ url: string; attempt: AttemptRecord; cookie: string }>
  /** The provider has sent the browser back. `cookies`: all the browser sent. Throws not_found where nothing fits. */
  finish(
    callbackId: string,
    parameters: URLSearchParams,
    cookies: Record<string, string | undefined>,
  ): Promise<CallbackResult>
}

/** The cookie that binds an attempt to the browser that started it. */
export function bindingCookie(attemptId: string): string {
  return `mooring_${attemptId}`
}

export function createAuthorizer(parts: AuthorizeParts): Authorizer {
  const { store, vault, exchange, now } = parts

  const newAttempt = (caller: Caller, bound: Bound, input: AuthorizeInput, token: string | null): AttemptRecord => {
    const at = now()
    return {
      id: newId('att', at),
      workspaceId: caller.workspaceId,
      serviceId: bound.service.id,
      connectionId: bound.connection.id,
      user: input.user ?? '',
      state: 'waiting',
      steps: [{ at, step: 'begun', ok: true, detail: `Begun by ${actorOf(caller)}.` }],
      diagnosis: null,
      tokenHash: token === null ? null : tokenHash(token),
      correlationHash: null,
      bindingHash: null,
      kept: null,
      scopes: bound.connection.scopes,
      returnTo: input.returnTo ?? null,
      actor: actorOf(caller),
      begunBy: stableId(caller),
      version: 1,
      createdAt: at,
      expiresAt: at + attemptLife,
    }
  }

  /** Ends an attempt without a grant. */
  const fail = async (
    attempt: AttemptRecord,
    bound: Bound | undefined,
    step: string,
    error: unknown,
  ): Promise<AttemptRecord> => {
    const at = now()
    const diagnosis = diagnose(error, {
      service: bound?.service.name ?? 'The provider',
      scopes: attempt.scopes,
      scopeDelimiter: bound?.scopes.scopeDelimiter ?? 'comma',
      moment: 'connect',
    })
    const failed: AttemptRecord = {
      ...attempt,
      state: 'failed',
      diagnosis,
      kept: null,
      steps: [...attempt.steps, { at, step, ok: false, detail: diagnosis.detail }],
      version: attempt.version + 1,
    }
    await store.transaction(async (inside) => {
      await inside.attempts.update(failed)
      await inside.events.append([
        event(attempt.workspaceId, at, 'connection.authorization_failed', {
          ok: false,
          connectionId: attempt.connectionId,
          serviceId: attempt.serviceId,
          actor: attempt.actor,
          user: attempt.user || null,
          cause: diagnosis.code,
          detail: `${diagnosis.title}: ${diagnosis.detail}`,
        }),
      ])
    })
    return failed
  }

  const succeed = async (
    attempt: AttemptRecord,
    bound: Bound,
    grant: Grant<unknown>,
    { cause, verified }: { cause: string; verified: boolean },
  ): Promise<{ attempt: AttemptRecord; connection: Connection }> => {
    const at = now()
    const done: AttemptRecord = {
      ...attempt,
      state: 'succeeded',
      kept: null,
      steps: [
        ...attempt.steps,
        ...grant.notes.map((detail) => ({ at, step: 'noticed', ok: true, detail })),
        { at, step: 'stored', ok: true, detail: 'The connection is active.' },
      ],
      version: attempt.version + 1,
    }
    return store.transaction(async (inside) => {
      const authorization = await storeGrant(
        inside,
        vault,
        { bound, user: attempt.user, grant, actor: attempt.actor, cause, verified },
        at,
        parts.random(),
      )
      if (!(await inside.attempts.update(done))) throw new Error(`attempt ${attempt.id} changed while it ended`)
      const connection = await inside.connections.find(attempt.workspaceId, attempt.connectionId)
      return {
        attempt: done,
        connection: connectionReply(
          connection ?? bound.connection,
          bound.service,
          authorization.user === '' ? authorization : undefined,
        ),
      }
    })
  }

  /** Without a redirect: values that were given, or a token that is fetched at once. */
  const direct = async (caller: Caller, bound: Bound, input: AuthorizeInput): Promise<AuthorizeReply> => {
    const { scheme, auth } = bound
    let attempt = newAttempt(caller, bound, input, null)
    await store.attempts.insert(attempt)
    let grant: Grant<unknown>
    let verified = false
    try {
      if (input.credentials === undefined && scheme.flow(auth) === 'acquire') {
        grant = await scheme.acquire(auth, bound.scopes, exchange)
        verified = true
        attempt = withStep(attempt, now(), 'token request', true, 'The provider gave a token.')
      } else {
        const read = scheme.read(auth, input.credentials ?? {}, now())
        if ('errors' in read) throw readFault(read.errors)
        grant = read.grant
        attempt = withStep(attempt, now(), 'credentials', true, 'The credentials have the expected form.')
      }
      const probed = await prove(attempt, bound, grant)
      attempt = probed.attempt
      verified ||= probed.accepted
    } catch (error) {
      await fail(attempt, bound, 'refused', error)
      throw asRejection(error)
    }
    const { connection } = await succeed(attempt, bound, grant, { cause: 'credentials', verified })
    return { kind: 'done', connection }
  }

  /** what the service's probe says. A refusal ends the attempt; a probe that cannot be run is noted and no more. */
  const prove = async (
    attempt: AttemptRecord,
    bound: Bound,
    grant: Grant<unknown>,
  ): Promise<{ attempt: AttemptRecord; accepted: boolean }> => {
    const noted = (ok: boolean, detail: string, accepted = false): { attempt: AttemptRecord; accepted: boolean } => ({
      attempt: withStep(attempt, now(), 'probe', ok, detail),
      accepted,
    })
    let answer: { status: number } | null
    try {
      answer = await parts.verify(bound, grant.credential)
    } catch (error) {
      const detail = error instanceof MooringError ? error.message : 'The probe could not be run.'
      return noted(false, `Saved, not tested: ${detail}`)
    }
    if (answer === null) return noted(true, 'Saved, not tested: the service has no probe.')
    const { status } = answer
    if (status === 401 || status === 403) {
      throw new MooringError('credentials_rejected', {
        detail: `${bound.service.name} said no: the probe answered ${status}.`,
        hint:
          status === 401
            ? 'The credentials are wrong or have expired.'
            : 'The credentials are right but not allowed to do what the probe asks for.',
      })
    }
    return status >= 200 && status < 300
      ? noted(true, `Accepted: the probe answered ${status}.`, true)
      : noted(false, `Saved, not tested: the probe answered ${status}.`)
  }

  const authorizeNew: Authorizer['authorizeNew'] = async (caller, bound, input) => {
    const { connection, scheme, auth } = bound
    const perUser = connection.authorizationLevel === 'per_user'
    if (perUser && (input.user === undefined || input.user === '')) {
      throw invalid([
        {
          path: 'user',
          code: 'required',
          message: 'Each user authorizes this connection for themself: name the user.',
        },
      ])
    }
    const checked = { ...input, user: perUser ? input.user : undefined, returnTo: checkReturnTo(input.returnTo, parts) }
    if (input.credentials !== undefined || scheme.flow(auth) !== 'redirect') return direct(caller, bound, checked)
    const token = randomToken(32)
    const attempt = newAttempt(caller, bound, checked, token)
    await store.attempts.insert(attempt)
    return {
      kind: 'redirect',
      authorizationUrl: `${parts.publicUrl()}/connect/${token}`,
      attempt: attempt.id,
      expiresAt: new Date(attempt.expiresAt).toISOString(),
    }
  }

  const boundOf = async (attempt: AttemptRecord): Promise<Bound> => {
    const connection = await store.connections.find(attempt.workspaceId, attempt.connectionId)
    const service = await store.services.find(attempt.workspaceId, attempt.serviceId)
    if (connection === undefined || service === undefined) throw ended()
    return bind(vault, service, connection)
  }

  const byToken = async (token: string): Promise<AttemptRecord> => {
    const attempt = await store.attempts.findByToken(tokenHash(token))
    if (attempt === undefined) throw ended()
    if (attempt.state === 'waiting' && attempt.expiresAt <= now()) {
      await store.attempts.expire(now())
      return { ...attempt, state: 'expired' }
    }
    return attempt
  }

  return {
    authorizeNew,

    async authorize(caller, handle, input) {
      return authorizeNew(caller, await parts.connections.bound(caller, handle), input)
    },

    async view(token) {
      const attempt = await byToken(token)
      const bound = await boundOf(attempt)
      const workspace = (await store.workspaces.list()).find((one) => one.id === attempt.workspaceId)
      return {
        attempt,
        workspace: workspace?.name ?? '',
        service: bound.service.name,
        connection: bound.connection.name,
        host: authorizationHost(bound),
        scopes: bound.document.scopes.filter((scope) => attempt.scopes.includes(scope.value)),
      }
    },

    async start(token, cookie) {
      const attempt = await byToken(token)
      if (attempt.state !== 'waiting') throw ended()
      if (attempt.bindingHash !== null && (cookie === undefined || tokenHash(cookie) !== attempt.bindingHash)) {
        throw new MooringError('forbidden', {
          detail: 'This sign-in was started in another browser.',
          hint: 'Go on in the browser that started it, or begin a new one.',
        })
      }
      const bound = await boundOf(attempt)
      const binding = cookie !== undefined && attempt.bindingHash !== null ? cookie : randomToken(32)
      const callbackUrl = callbackUrlOf(parts.publicUrl(), bound.service)
      let begun
      try {
        begun = await bound.scheme.begin(bound.auth, { ...bound.scopes, scopes: attempt.scopes, callbackUrl }, exchange)
      } catch (error) {
        await fail(attempt, bound, 'leaving for the provider', error)
        throw error
      }
      const started: AttemptRecord = {
        ...withStep(attempt, now(), 'sent to the provider', true, `Sent to ${new URL(begun.authorizationUrl).host}.`),
        correlationHash: tokenHash(begun.correlation),
        bindingHash: tokenHash(binding),
        kept: vault.seal(keptPlace(attempt), JSON.stringify(begun.kept)),
        version: attempt.version + 1,
      }
      if (!(await store.attempts.update(started)))
        throw new MooringError('forbidden', {
          detail: 'This sign-in was started in another browser at the same moment.',
          hint: 'Begin a new one.',
        })
      return { url: begun.authorizationUrl, attempt: started, cookie: binding }
    },

    async finish(callbackId, parameters, cookies) {
      const service = await store.services.findByCallbackId(callbackId)
      if (service === undefined) throw ended()
      const found = await attemptsOf(store, service, parameters)
      const attempt = found.find((one) => one.serviceId === service.id)
      if (attempt === undefined) {
        // S-7: an answer meant for another service's address ends that attempt before any token request.
        for (const stray of found) {
          const error = new MooringError('forbidden', {
            detail: "The provider's answer came to the address of another service.",
            hint: 'Register each service with its own callback URL, then connect again.',
          })
          await fail(stray, undefined, 'came back', error)
        }
        throw new MooringError('malformed_request', {
          detail: 'This answer fits no sign-in that is under way: it is over, was used already, or belongs elsewhere.',
          hint: 'Begin a new sign-in.',
        })
      }
      const bound = await boundOf(attempt)
      const result = async (ending: AttemptRecord, connection?: Connection): Promise<CallbackResult> => ({
        attempt: ending,
        connection:
          connection ??
          connectionReply(bound.connection, bound.service, await store.authorizations.find(bound.connection.id, '')),
        returnTo: ending.returnTo === null ? null : withOutcome(ending, bound.connection.linkName, parts.publicUrl()),
      })
      const cookie = cookies[bindingCookie(attempt.id)]
      if (attempt.bindingHash === null || cookie === undefined || tokenHash(cookie) !== attempt.bindingHash) {
        // S-8: a forwarded callback must not connect somebody else's account. The attempt ends here.
        const error = new MooringError('forbidden', {
          detail: 'The provider sent back another browser than the one that started.',
          hint: 'Connect again, and finish in the same browser.',
        })
        return result(await fail(attempt, bound, 'came back', error))
      }
      if (attempt.expiresAt <= now()) {
        return result(
          await fail(
            attempt,
            bound,
            'came back',
            new MooringError('forbidden', {
              detail: 'The sign-in took longer than ten minutes.',
              hint: 'Connect again.',
            }),
          ),
        )
      }
      // Used once: whoever takes it first goes on (S-3).
      const taken: AttemptRecord = {
        ...withStep(attempt, now(), 'came back', true, 'The provider sent the browser back.'),
        correlationHash: null,
        version: attempt.version + 1,
      }
      if (!(await store.attempts.update(taken))) throw ended()
      try {
        const kept = readKept(attempt.kept === null ? '{}' : vault.open(keptPlace(attempt), attempt.kept))
        const grant = await bound.scheme.finish(
          bound.auth,
          {
            ...bound.scopes,
            scopes: attempt.scopes,
            parameters,
            kept,
            callbackUrl: callbackUrlOf(parts.publicUrl(), bound.service),
          },
          exchange,
        )
        const exchanged = withStep(taken, now(), 'token request', true, 'The provider gave a token.')
        const done = await succeed(exchanged, bound, grant, { cause: 'authorized by a person', verified: true })
        return await result(done.attempt, done.connection)
      } catch (error) {
        if (!(error instanceof MooringError))
          parts.log.error({ err: error, attempt: attempt.id }, 'an attempt ended for a reason of our own')
        return result(await fail(taken, bound, 'token request', error))
      }
    },
  }
}

/** The waiting attempts that a callback's parameters name, whatever their service. */
async function attemptsOf(store: Store, service: ServiceRecord, parameters: URLSearchParams): Promise<AttemptRecord[]> {
  const { auth } = service.document
  const correlation = auth === null ? undefined : findScheme(auth.type)?.correlate(parameters)
  if (correlation === undefined || correlation === null) return []
  const found = await store.attempts.findByCorrelation(tokenHash(correlation))
  return found.filter((attempt) => attempt.state === 'waiting')
}

function keptPlace(attempt: { id: string; workspaceId: string }): Place {
  return { workspaceId: attempt.workspaceId, table: 'attempts', row: attempt.id, field: 'kept' }
}

function readKept(text: string): Record<string, string> {
  const value: unknown = JSON.parse(text)
  return typeof value === 'object' && value !== null
    ? Object.fromEntries(Object.entries(value).map(([name, item]) => [name, String(item)]))
    : {}
}

function withStep(attempt: AttemptRecord, at: number, step: string, ok: boolean, detail: string): AttemptRecord {
  return { ...attempt, steps: [...attempt.steps, { at, step, ok, detail }] }
}

function ended(): MooringError {
  return new MooringError('not_found', {
    detail: 'This sign-in does not exist, is over, or was used already.',
    hint: 'Begin a new one.',
  })
}

/** Wrong fields are named; a value that does not match the expected one is a rejection. */
function readFault(errors: FieldError[]): MooringError {
  const placed = errors.map((error) => ({ ...error, path: `credentials.${error.path}` }))
  if (!errors.some((error) => error.code === 'mismatch')) return invalid(placed)
  return new MooringError('credentials_rejected', {
    detail: errors.map((error) => error.message).join(' '),
    errors: placed,
    hint: 'Check the values and enter them again.',
  })
}

/** A client that the provider does not accept is a wrong credential, told as one. */
function asRejection(error: unknown): unknown {
  const word = error instanceof MooringError ? error.provider?.error : undefined
  if (
    !(error instanceof MooringError) ||
    !['invalid_client', 'unauthorized_client', 'invalid_grant'].includes(word ?? '')
  )
    return error
  return new MooringError('credentials_rejected', {
    detail: error.message,
    hint: error.hint,
    provider: error.provider,
    cause: error,
  })
}

/** S-14. Throws validation_failed. */
function checkReturnTo(returnTo: string | undefined, { publicUrl, returnOrigins }: AuthorizeParts): string | undefined {
  if (returnTo === undefined) return undefined
  const own = new URL(publicUrl())
  const url = URL.parse(returnTo, own.href)
  if (url !== null && url.username === '' && (url.origin === own.origin || returnOrigins.includes(url.origin)))
    return url.href
  throw invalid([
    {
      path: 'returnTo',
      code: 'not_allowed',
      message: 'Return to this server, or to an origin listed in MOORING_RETURN_ORIGINS.',
    },
  ])
}

function withOutcome(attempt: AttemptRecord, linkName: string, publicUrl: string): string {
  const url = new URL(attempt.returnTo ?? '/', publicUrl)
  url.searchParams.set('connection', linkName)
  url.searchParams.set('status', attempt.state)
  return url.href
}

function authorizationHost({ scheme, auth }: Bound): string {
  return URL.parse(scheme.endpoints(auth)['authorizationUrl'] ?? '')?.host ?? ''
}
