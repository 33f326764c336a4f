/** Beginning to authorize: with values that are given, with a token that is fetched at once, or by leaving for the provider. */
import type { AuthorizeInput, AuthorizeReply, Connection, FieldError } from '@mooring/contract'
import { type Actor, isPerson, stableId } from '../access/caller.ts'
import { invalid, MooringError } from '../errors.ts'
import { randomToken, tokenHash } from '../ids.ts'
import type { Exchange, Grant, RefusedCall } from '../schemes/scheme.ts'
import { missingLearned } from '../service/placeholders.ts'
import { callbackUrlOf } from '../service/service.ts'
import type { AttemptRecord, Store } from '../store.ts'
import type { Vault } from '../vault/vault.ts'
import { type Asked, ended, isBoundTo, newAttempt, sealKept, withStep } from './attempt.ts'
import { type Bound, outgoingScopes, withLearned } from './bind.ts'
import { startDevice } from './device.ts'
import type { Endings } from './ending.ts'
import { demandLearned } from './learned.ts'
import { checkReturnTo, type ReturnRules } from './return_to.ts'

/** What a probe was answered. */
type Answered = RefusedCall & { status: number }

export interface BeginParts extends ReturnRules {
  store: Store
  vault: Vault
  exchange: Exchange
  now: () => number
  /** In [0, 1). */
  random: () => number
  /** Proves a credential with the service's probe; null where there is none. Throws what a call throws. */
  verify: (bound: Bound, credential: unknown) => Promise<Answered | null>
}

/** On the way to the provider, or to the page that shows a code for it. */
export interface Left {
  url: string
  attempt: AttemptRecord
  /** What the browser must hold when it comes back. */
  cookie: string
}

export interface Beginning {
  authorizeNew(actor: Actor, bound: Bound, input: AuthorizeInput): Promise<AuthorizeReply>
  /** The same from a page that has shown all there is to know: leaves at once. */
  authorizeFromPage(
    actor: Actor,
    bound: Bound,
    asked: Asked & Pick<AuthorizeInput, 'credentials'>,
  ): Promise<{ kind: 'left'; left: Left } | { kind: 'done'; connection: Connection }>
  leave(attempt: AttemptRecord, bound: Bound, cookie: string | undefined, holder: Actor | undefined): Promise<Left>
}

export function createBeginning(parts: BeginParts, endings: Endings): Beginning {
  const { store, vault, exchange, now } = parts

  /** Without a redirect: values that were given, or a token that is fetched at once. */
  const direct = async (
    actor: Actor,
    bound: Bound,
    asked: Asked,
    credentials: AuthorizeInput['credentials'],
  ): Promise<{ kind: 'done'; connection: Connection }> => {
    const { scheme, auth } = bound
    let attempt = newAttempt(actor, bound, asked, null, now())
    await store.attempts.insert(attempt)
    let grant: Grant<unknown>
    let verified = false
    try {
      if (credentials === undefined && scheme.flow(auth) === 'acquire') {
        grant = await scheme.acquire(auth, bound.scopes, exchange)
        demandLearned(bound, grant)
        verified = true
        attempt = withStep(attempt, now(), 'token request', true, 'The provider gave a token.')
      } else {
        const read = scheme.read(auth, credentials ?? {}, now())
        if ('errors' in read) throw readFault(read.errors)
        grant = read.grant
        attempt = withStep(attempt, now(), 'credentials', true, 'The credentials have the expected form.')
        const completed = await scheme.complete(auth, grant.credential, bound.scopes, exchange)
        if (completed === null) {
          const missing = missingLearned(scheme.learns(auth), bound.parameters)
          if (missing.length > 0) throw invalid(missing)
        } else {
          grant = completed
          demandLearned(bound, grant)
          verified = true
          attempt = withStep(attempt, now(), 'sign-in', true, 'The provider took the credentials.')
        }
      }
      const probed = await prove(attempt, bound, grant)
      attempt = probed.attempt
      verified ||= probed.accepted
    } catch (error) {
      await endings.fail(attempt, bound, 'refused', error)
      throw asRejection(error)
    }
    const done = await endings.succeed(attempt, bound, grant, { cause: 'credentials', verified })
    if (done === undefined) throw ended()
    return { kind: 'done', connection: done.connection }
  }

  /** R-091: what the service's probe says. A refusal ends the attempt; a probe that cannot be run is noted and no more. */
  const prove = async (
    attempt: AttemptRecord,
    bound: Bound,
    grant: Grant<unknown>,
  ): Promise<{ attempt: AttemptRecord; accepted: boolean }> => {
    const noted = (ok: boolean, detail: string, accepted = false): { attempt: AttemptRecord; accepted: boolean } => ({
      attempt: withStep(attempt, now(), 'probe', ok, detail),
      accepted,
    })
    let answer: Answered | null
    try {
      answer = await parts.verify(withLearned(bound, grant.learned), grant.credential)
    } catch (error) {
      const detail = error instanceof MooringError ? error.message : 'The probe could not be run.'
      return noted(false, `Saved, not tested: ${detail}`)
    }
    if (answer === null) return noted(true, 'Saved, not tested: the service has no probe.')
    const { status } = answer
    if (status === 401 || status === 403) {
      const known = bound.scheme.explain(answer, now())
      throw new MooringError('credentials_rejected', {
        title: known?.title,
        detail: `${known?.title ?? `${bound.service.name} said no`}: the probe answered ${status}.`,
        hint:
          known?.hint ??
          (status === 401
            ? 'The credentials are wrong or have expired.'
            : 'The credentials are right but not allowed to do what the probe asks for.'),
      })
    }
    return status >= 200 && status < 300
      ? noted(true, `Accepted: the probe answered ${status}.`, true)
      : noted(false, `Saved, not tested: the probe answered ${status}.`)
  }

  const waits = ({ scheme, auth }: Bound, credentials: AuthorizeInput['credentials']): boolean =>
    credentials === undefined && scheme.flow(auth) === 'device'

  const leave: Beginning['leave'] = async (attempt, bound, cookie, holder) => {
    // One that asks something has been at the provider already.
    if (attempt.state !== 'waiting' || attempt.question !== null || attempt.pollAt !== null) throw ended()
    if (attempt.bindingHash !== null && !isBoundTo(attempt, cookie)) {
      throw new MooringError('forbidden', {
        detail: 'This sign-in was started in another browser.',
        hint: 'Go on in the browser that started it, or begin a new one.',
      })
    }
    demandHolder(attempt, holder)
    const binding = cookie !== undefined && attempt.bindingHash !== null ? cookie : randomToken(32)
    const callbackUrl = callbackUrlOf(parts.publicUrl(), bound.service)
    let begun
    try {
      begun = await bound.scheme.begin(bound.auth, { ...outgoingScopes(bound, attempt.scopes), callbackUrl }, exchange)
    } catch (error) {
      await endings.fail(attempt, bound, 'leaving for the provider', error)
      throw error
    }
    const { host } = new URL(begun.authorizationUrl)
    const started: AttemptRecord = {
      ...withStep(attempt, now(), 'sent to the provider', true, `Sent to ${host}, to come back to ${callbackUrl}.`),
      correlationHash: tokenHash(begun.correlation),
      bindingHash: tokenHash(binding),
      kept: sealKept(vault, attempt, begun.kept),
      version: attempt.version + 1,
    }
    if (!(await store.attempts.update(started)))
      throw new MooringError('forbidden', {
        detail: 'This sign-in was started in another browser at the same moment, or cancelled.',
        hint: 'Begin a new one.',
      })
    return { url: begun.authorizationUrl, attempt: started, cookie: binding }
  }

  return {
    leave,

    async authorizeNew(actor, bound, input) {
      const asked: Asked = { user: userOf(bound, input.user), returnTo: checkReturnTo(input.returnTo, parts) }
      if (waits(bound, input.credentials)) {
        const started = await startDevice(parts, endings, actor, bound, asked, false)
        return {
          kind: 'device',
          ...started.code,
          authorizationUrl: `${parts.publicUrl()}/connect/${started.token}`,
          attempt: started.attempt.id,
          expiresAt: new Date(started.attempt.expiresAt).toISOString(),
        }
      }
      if (!redirects(bound, input.credentials)) return direct(actor, bound, asked, input.credentials)
      const token = randomToken(32)
      const attempt = newAttempt(actor, bound, asked, token, now())
      await store.attempts.insert(attempt)
      return {
        kind: 'redirect',
        authorizationUrl: `${parts.publicUrl()}/connect/${token}`,
        attempt: attempt.id,
        expiresAt: new Date(attempt.expiresAt).toISOString(),
      }
    },

    async authorizeFromPage(actor, bound, { credentials, ...about }) {
      const asked: Asked = { ...about, user: userOf(bound, about.user) }
      if (waits(bound, credentials)) {
        const { token, attempt, cookie } = await startDevice(parts, endings, actor, bound, asked, true)
        return { kind: 'left', left: { url: `${parts.publicUrl()}/connect/${token}`, attempt, cookie } }
      }
      if (!redirects(bound, credentials)) return direct(actor, bound, asked, credentials)
      const attempt = newAttempt(actor, bound, asked, null, now())
      await store.attempts.insert(attempt)
      return { kind: 'left', left: await leave(attempt, bound, undefined, actor) }
    },
  }
}

function redirects({ scheme, auth }: Bound, credentials: AuthorizeInput['credentials']): boolean {
  return credentials === undefined && scheme.flow(auth) === 'redirect'
}

/** Whose authorization it will be; undefined: everybody's. Throws validation_failed where nobody is named and must be. */
function userOf({ connection }: Bound, user: string | undefined): string | undefined {
  if (connection.authorizationLevel !== 'per_user') return undefined
  if (user !== undefined && user !== '') return user
  throw invalid([
    {
      path: 'user',
      code: 'required',
      message: 'Each user authorizes this connection for themself: name the user.',
    },
  ])
}

/** Who begins in the console ends there (S-8). Throws forbidden. */
export function demandHolder({ begunBy }: AttemptRecord, holder: Actor | undefined): void {
  if (!isPerson(begunBy) || (holder !== undefined && stableId(holder) === begunBy)) return
  throw new MooringError('forbidden', {
    detail: 'This sign-in was begun in the console, and nobody who began it is signed in there in this browser.',
    hint: 'Sign in to the console in this browser, then connect again.',
  })
}

/** Wrong fields are named; a value that does not match the expected one is a rejection (R-091). */
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
