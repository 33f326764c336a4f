/** How an attempt ends: with a grant that is stored, or without one. Whoever ends it first, decides. */
import type { Connection, Diagnosis } from '@mooring/contract'
import { MooringError } from '../errors.ts'
import { event } from '../events/event.ts'
import type { Grant } from '../schemes/scheme.ts'
import type { AttemptRecord, Store } from '../store.ts'
import type { Vault } from '../vault/vault.ts'
import { withStep } from './attempt.ts'
import { type Bound, outgoingScopes } from './bind.ts'
import { connectionReply } from './connection.ts'
import { type Circumstances, circumstancesOf, diagnose } from './diagnosis.ts'
import { storeGrant } from './grant.ts'

export interface EndingParts {
  store: Store
  vault: Vault
  now: () => number
  random: () => number
}

export interface Endings {
  /** Ends an attempt without a grant, for an error. The record as it is then, whoever ended it. */
  fail(attempt: AttemptRecord, bound: Bound | undefined, step: string, error: unknown): Promise<AttemptRecord>
  /** Ends an attempt without a grant, as somebody chose. undefined where another ended it first. */
  close(
    attempt: AttemptRecord,
    step: string,
    diagnosis: Diagnosis,
    actor: string | null,
    state?: 'failed' | 'expired',
  ): Promise<AttemptRecord | undefined>
  /** Stores the grant. undefined where another ended the attempt first: nothing was stored. */
  succeed(
    attempt: AttemptRecord,
    bound: Bound,
    grant: Grant<unknown>,
    about: { cause: string; verified: boolean; actor?: string | null },
  ): Promise<{ attempt: AttemptRecord; connection: Connection } | undefined>
}

/** What an attempt no longer holds once it is over. */
const over = { kept: null, question: null, heldGrant: null, pollAt: null } as const

export function createEndings({ store, vault, now, random }: EndingParts): Endings {
  const close: Endings['close'] = async (attempt, step, diagnosis, actor, state = 'failed') => {
    const at = now()
    const closed: AttemptRecord = {
      ...withStep(attempt, at, step, false, diagnosis.detail),
      ...over,
      state,
      diagnosis,
      version: attempt.version + 1,
    }
    return store.transaction(async (inside) => {
      if (!(await inside.attempts.update(closed))) return undefined
      await inside.events.append([
        event(attempt.workspaceId, at, 'connection.authorization_failed', {
          ok: false,
          connectionId: attempt.connectionId,
          serviceId: attempt.serviceId,
          actor,
          user: attempt.user || null,
          cause: diagnosis.code,
          detail: `${diagnosis.title}: ${diagnosis.detail}`,
        }),
      ])
      return closed
    })
  }

  return {
    close,

    async fail(attempt, bound, step, error) {
      const diagnosis = diagnose(
        error,
        bound === undefined ? unknownCircumstances(attempt) : circumstancesOf(bound, attempt.scopes, 'connect'),
      )
      const said = error instanceof MooringError && error.provider !== undefined ? inTheirWords(error.provider) : ''
      const told = said === '' ? attempt : withStep(attempt, now(), 'provider said', false, said)
      return (
        (await close(told, step, diagnosis, attempt.actor, stateAfter(error, attempt))) ??
        (await store.attempts.find(attempt.connectionId, attempt.id)) ??
        attempt
      )
    },

    async succeed(attempt, bound, grant, { cause, verified, actor = attempt.actor }) {
      const at = now()
      const noted = { ...grant, notes: [...grant.notes, ...remarks(bound, attempt, grant, at)] }
      const steps = [
        ...attempt.steps,
        ...noted.notes.map((detail) => ({ at, step: 'noticed', ok: true, detail })),
        { at, step: 'stored', ok: true, detail: 'The connection is active.' },
      ]
      const done: AttemptRecord = { ...attempt, ...over, state: 'succeeded', steps, version: attempt.version + 1 }
      return store.transaction(async (inside) => {
        if (!(await inside.attempts.update(done))) return undefined
        const authorization = await storeGrant(
          inside,
          vault,
          { bound, user: attempt.user, scopes: attempt.scopes, grant: noted, actor, cause, verified },
          at,
          random(),
        )
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
    },
  }
}

/** A code that nobody entered in time has not failed: it has run out. */
function stateAfter(error: unknown, { pollAt }: AttemptRecord): 'failed' | 'expired' {
  const word = error instanceof MooringError ? error.provider?.error : undefined
  return pollAt !== null && word === 'expired_token' ? 'expired' : 'failed'
}

/** Of an attempt whose answer came to another service's address. */
function unknownCircumstances({ scopes }: AttemptRecord): Circumstances {
  return {
    service: 'The provider',
    connection: 'The connection',
    scopes,
    scopeDelimiter: 'comma',
    asked: [],
    moment: 'connect',
  }
}

/** Words of ours for answers that hold none, or for none at all. */
const ours: ReadonlySet<string> = new Set([
  'not_json',
  'no_access_token',
  'no_request_token',
  'redirect',
  'http_error',
  'invalid_response',
  'issuer_mismatch',
  'issuer_missing',
  'no_device_code',
  'no_request_uri',
  'too_large',
  'egress_blocked',
  'provider_timeout',
  'upstream_unreachable',
  'request_invalid',
  'request_aborted',
])

/** As received, without secrets: the code, the description, the status of the answer. '' where nothing was received. */
function inTheirWords({ error, description, status }: NonNullable<MooringError['provider']>): string {
  const words = [ours.has(error) ? null : error, description].filter((word) => word !== null).join(': ')
  return [words, status === null ? '' : `(HTTP status ${status})`].filter((part) => part !== '').join(' ')
}

/** What whoever connected should know although it went well. */
function remarks(bound: Bound, attempt: AttemptRecord, grant: Grant<unknown>, at: number): string[] {
  const { scheme, auth, service } = bound
  const { expiresAt, grantedScopes, credential } = grant
  const asked = outgoingScopes(bound, attempt.scopes).scopes
  const missing = grantedScopes === null ? [] : asked.filter((scope) => !grantedScopes.includes(scope))
  const minutes = expiresAt === null ? 0 : Math.max(1, Math.round((expiresAt - at) / 60_000))
  return [
    ...(expiresAt === null || scheme.refreshable(auth, credential)
      ? []
      : [`${service.name} sent no refresh token: connected, but only for ${minutes} minutes.`]),
    ...(missing.length === 0
      ? []
      : [`Connected without ${missing.length} of the scopes that were asked for: ${missing.join(', ')}.`]),
  ]
}
