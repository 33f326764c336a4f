/** What a provider answers on the way to a token, and what its refusals mean. */
import { MooringError, type ProviderFailure, type ProviderFailureKind } from '../../errors.ts'
import { percentEncode } from '../request.ts'

export type Step = 'request token' | 'token' | 'revocation'

/** Reads a form (RFC 5849 sections 2.1 and 2.3) or, as some providers write it, a JSON object. */
export function readAnswer(text: string): Record<string, string> {
  const trimmed = text.trim()
  if (!trimmed.startsWith('{')) return Object.fromEntries(new URLSearchParams(trimmed))
  try {
    const parsed: unknown = JSON.parse(trimmed)
    if (typeof parsed !== 'object' || parsed === null) return {}
    return Object.fromEntries(
      Object.entries(parsed)
        .filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value))
        .map(([name, value]) => [name, String(value)]),
    )
  } catch {
    return {}
  }
}

/** Who has authorized, by the names that providers use for it. */
export function accountOf(fields: Record<string, string>): string | null {
  const names = ['screen_name', 'username', 'fullname', 'user_id', 'userID', 'user_nsid', 'encoded_user_id']
  return names.map((name) => fields[name]).find((value) => value !== undefined && value !== '') ?? null
}

/** What is known while an answer is judged. */
export interface Circumstance {
  step: Step
  /** The only part of the endpoint's URL that an error names. */
  host: string
  /** What must not be told. */
  secrets: string[]
  /** Milliseconds. */
  now: number
}

/**
 * The answer's fields. Throws MooringError (provider_error, provider_rate_limited) where the provider refused, also with
 * status 200 and an `oauth_problem`.
 */
export function accepted(response: Response, text: string, circumstance: Circumstance): Record<string, string> {
  const fields = readAnswer(text)
  const { status } = response
  const problem = problemOf(response, fields)
  if (status >= 200 && status < 300 && problem === undefined) return fields
  const failure = (kind: ProviderFailureKind, error: string): ProviderFailure => ({
    kind,
    error,
    // Where a redirect leads may hold what was sent, so nothing of it is told.
    description: error === 'redirect' ? null : redact(text, circumstance.secrets) || null,
    status,
    retryAfterSeconds: kind === 'transient' ? retryAfter(response.headers, circumstance.now) : null,
  })
  if (status === 429) throw refused(failure('transient', problem ?? 'rate_limited'), response, circumstance)
  if (status === 408 || status >= 500) {
    throw refused(failure('transient', problem ?? 'server_error'), response, circumstance)
  }
  if (status >= 300 && status < 400) throw refused(failure('configuration', 'redirect'), response, circumstance)
  const error = problem ?? (status === 401 || status === 403 ? 'unauthorized' : 'http_error')
  throw refused(failure(kinds[error] ?? 'configuration', error), response, circumstance)
}

/** An answer that says neither yes nor no. Its words are not told: they may hold half of a token. */
export function unusable(error: string, status: number, { host, step }: Circumstance): MooringError {
  return new MooringError('provider_error', {
    detail: `${host}'s answer to the ${step} request had no token.`,
    hint: step === 'token' ? 'Is the Token URL right?' : 'Is the Request Token URL right?',
    provider: { kind: 'configuration', error, description: null, status, retryAfterSeconds: null },
  })
}

/** The words of the OAuth Problem Reporting extension, which is all there is of error codes; others are configuration. */
const kinds: Record<string, ProviderFailureKind> = {
  user_refused: 'denied',
  permission_denied: 'denied',
  token_used: 'permanent',
  token_expired: 'permanent',
  token_revoked: 'permanent',
  token_rejected: 'permanent',
  verifier_invalid: 'permanent',
  nonce_used: 'transient',
}

/** `oauth_problem` of a body or of WWW-Authenticate; undefined where there is none that is fit to be shown. */
function problemOf(response: Response, fields: Record<string, string>): string | undefined {
  const challenge = /\boauth_problem="?([^",\s]+)/.exec(response.headers.get('www-authenticate') ?? '')
  const problem = fields['oauth_problem'] ?? challenge?.[1]
  return problem !== undefined && /^[a-z_]{1,64}$/.test(problem) ? problem : undefined
}

function refused(failure: ProviderFailure, response: Response, circumstance: Circumstance): MooringError {
  const { host, step } = circumstance
  const { kind, error, status } = failure
  const throttled = status === 429
  return new MooringError(throttled ? 'provider_rate_limited' : 'provider_error', {
    detail: throttled
      ? `${host} asks to wait: too many requests.`
      : kind === 'denied'
        ? `Access was not granted at ${host}.`
        : error === 'redirect'
          ? `${host} answered the ${step} request with a redirect.`
          : `${host} refused the ${step} request with status ${status}${error.includes('_') ? ` (${error})` : ''}.`,
    hint: hintFor(failure, response, circumstance),
    provider: failure,
  })
}

function hintFor(failure: ProviderFailure, response: Response, { step, now }: Circumstance): string {
  if (failure.kind === 'denied') return 'Nothing was saved. Connect again to grant it.'
  if (failure.kind === 'transient') return 'Nothing needs changing; it is worth trying again later.'
  if (failure.kind === 'permanent') return 'The sign-in may have been used twice or be too old. Connect again.'
  if (failure.error === 'redirect') return 'Enter the URL that it leads to: redirects are not followed.'
  const skew = minutesOff(response.headers, now)
  if (skew !== 0) {
    return `This server's clock is ${Math.abs(skew)} min ${skew > 0 ? 'ahead' : 'behind'}; signatures carry the time.`
  }
  const first = 'Check the Consumer Key, the Consumer Secret and the signature method'
  return step === 'request token' ? `${first}, and that the callback URL is registered at the provider.` : `${first}.`
}

/** How far our clock is from the provider's; 0 up to five minutes, which is what providers tolerate at least. */
function minutesOff(headers: Headers, now: number): number {
  const theirs = Date.parse(headers.get('date') ?? '')
  const minutes = Number.isNaN(theirs) ? 0 : Math.round((now - theirs) / 60_000)
  return Math.abs(minutes) > 5 ? minutes : 0
}

/** Retry-After (RFC 9110 section 10.2.3), in seconds, at most a day; null where it is absent or unreadable. */
function retryAfter(headers: Headers, now: number): number | null {
  const value = headers.get('retry-after')?.trim() ?? ''
  const seconds = /^\d{1,15}$/.test(value) ? Number(value) : Math.ceil((Date.parse(value) - now) / 1000)
  return Number.isNaN(seconds) ? null : Math.min(Math.max(0, seconds), 86_400)
}

const dots = '••••••'

/**
 * The provider's words without what was sent, at most 300 characters. Providers like to repeat the whole base string, so
 * secrets are looked for as they are and encoded once and twice.
 */
export function redact(text: string, secrets: string[]): string {
  let told = text
  const forms = secrets
    .filter((secret) => secret !== '')
    .flatMap((secret) => [
      secret,
      encodeURIComponent(secret),
      percentEncode(secret),
      percentEncode(percentEncode(secret)),
    ])
  for (const form of forms.toSorted((a, b) => b.length - a.length)) told = told.replaceAll(form, dots)
  return told
    .replace(
      /(oauth_(?:consumer_key|token|token_secret|signature|verifier|session_handle)"?(?:=|:|%3D|%253D)\s*"?)[^\s"&,;}<]+/gi,
      `$1${dots}`,
    )
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 300)
}
