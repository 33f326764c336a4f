/** What a provider's refusal means (S-26). */
import type { ProviderFailure, ProviderFailureKind } from '../../errors.ts'
import { retryAfterSeconds } from '../request.ts'
import type { ScopeInput } from '../scheme.ts'
import { type Answer, isObject } from '../answer.ts'
import type { Definition } from './definition.ts'
import type { Redact } from './redact.ts'

export type Step =
  | 'authorize'
  | 'pushed'
  | 'code'
  | 'device_authorization'
  | 'device'
  | 'refresh'
  | 'acquire'
  | 'lookup'
  | 'revoke'

/** What is known while an answer is judged. */
export interface Circumstance {
  step: Step
  /** Of the endpoint that answered: the only part of its URL that an error names (S-38). */
  host: string
  definition: Definition
  scopes: ScopeInput | null
  redact: Redact
  now: number
}

/** The grant is gone. RFC 6749 has `invalid_grant` alone; the others are what providers say for it. */
const permanent = new Set([
  'invalid_grant',
  'invalid_token',
  'invalid_code',
  'code_expired',
  'code_already_used',
  'bad_verification_code',
  'bad_refresh_token',
  'invalid_refresh_token',
  'expired_token',
  'token_expired',
  'token_revoked',
  'revoked',
])
const transient = new Set([
  'temporarily_unavailable',
  'server_error',
  'service_unavailable',
  'internal_error',
  'internal_server_error',
  'fatal_error',
  'timeout',
  'request_timeout',
])
const throttled = new Set(['slow_down', 'rate_limited', 'ratelimited', 'rate_limit_exceeded', 'too_many_requests'])
const denied = new Set(['access_denied', 'user_denied', 'user_cancelled_login', 'user_cancelled_authorize'])

/** Whether an answer is a refusal, whatever its status: HTTP 200 with an `error` field is one. */
export function refusal(answer: Answer, circumstance: Circumstance): ProviderFailure | undefined {
  const { status, fields } = answer
  const said = saidError(fields, circumstance.redact)
  const failure = (kind: ProviderFailureKind, error: string, wait = true): ProviderFailure => ({
    kind,
    error,
    description: said ? said.description : circumstance.redact(answer.text) || null,
    status,
    retryAfterSeconds: wait ? retryAfter(answer.headers, circumstance.now) : null,
  })
  // Where it leads is not followed and not told: it may hold what was sent.
  if (status >= 300 && status < 400)
    return { ...failure(unexpected(circumstance), 'redirect', false), description: null }
  if (status === 429 || (said && isThrottle(said))) return failure('transient', said?.error ?? 'rate_limited')
  if (status === 408 || status >= 500) return failure('transient', said?.error ?? 'server_error')
  if (said) {
    const kind = circumstance.step === 'device' && denied.has(said.error) ? 'denied' : kindOf(said.error)
    return failure(kind, said.error, kind === 'transient')
  }
  if (status < 400) return undefined
  if (status === 401) return failure('configuration', 'invalid_client', false)
  return failure(unexpected(circumstance), fields ? 'http_error' : 'not_json', false)
}

/** An answer that says neither yes nor no. */
export function unusable(answer: Answer, error: string, circumstance: Circumstance): ProviderFailure {
  return {
    kind: unexpected(circumstance),
    error,
    description: circumstance.redact(answer.text) || null,
    status: answer.status,
    retryAfterSeconds: null,
  }
}

/** At first it is the definition; once it has worked it is the provider's bad day, and worth trying again. */
function unexpected({ step }: Circumstance): ProviderFailureKind {
  return step === 'refresh' ? 'transient' : 'configuration'
}

/** What an error code means in an answer to one of our requests. */
function kindOf(error: string): ProviderFailureKind {
  if (permanent.has(error)) return 'permanent'
  return transient.has(error) || throttled.has(error) ? 'transient' : 'configuration'
}

/** What it means in the reply that a person brings back. */
export function kindOfReply(error: string): ProviderFailureKind {
  if (denied.has(error)) return 'denied'
  return transient.has(error) ? 'transient' : 'configuration'
}

interface Said {
  error: string
  description: string | null
}

/** The provider's own words: RFC 6749 section 5.2, an object under `error`, or Slack's `ok: false`. */
function saidError(fields: Record<string, unknown> | undefined, redact: Redact): Said | undefined {
  if (fields === undefined) return undefined
  const { error } = fields
  const inside = isObject(error) ? error : undefined
  const word = inside
    ? ([inside['type'], inside['code'], inside['status'], inside['error']].find(isWord) ?? 'unknown_error')
    : error
  const present =
    isWord(word) || (error !== undefined && error !== null && error !== false && error !== '' && error !== 0)
  if (!present && fields['ok'] !== false) return undefined
  const description = [
    fields['error_description'],
    inside?.['message'],
    fields['error_message'],
    fields['message'],
    fields['errorMessage'],
  ].find((value) => typeof value === 'string' && value !== '')
  return {
    error: isWord(word) ? errorWord(word, redact) : 'unknown_error',
    description: typeof description === 'string' ? redact(description) : null,
  }
}

function isWord(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

/** An error code fit to be shown: it comes from outside, so it is short, printable and without secrets. */
export function errorWord(value: string, redact: Redact): string {
  return /^[\x20-\x7e]{1,64}$/.test(value) ? redact(value) : 'unknown_error'
}

/** Zoho answers 400 "Access Denied" to whoever asks too often: the words are all there is to go by. */
export function isThrottle({ error, description }: Said): boolean {
  return throttled.has(error) || error === 'Access Denied' || /too many requests/i.test(`${error} ${description ?? ''}`)
}

const dayInSeconds = 86_400

/** Retry-After in seconds, at most a day; null where it is absent or unreadable. */
function retryAfter(headers: Headers, now: number): number | null {
  const seconds = retryAfterSeconds(headers.get('retry-after') ?? '', now)
  return seconds === undefined ? null : Math.min(Math.max(0, Math.ceil(seconds)), dayInSeconds)
}
