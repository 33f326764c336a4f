/** The catalogue of errors, and the one class that carries them. Nothing else is thrown on purpose. */
import { type ErrorCode, errorStatus, type FieldError } from '@mooring/contract'

/** The title of each code: what happened, in a few words. The detail of an instance says the rest. */
export const errorTitle: Record<ErrorCode, string> = {
  malformed_request: 'The request could not be read',
  unauthenticated: 'Not authenticated',
  forbidden: 'Not allowed',
  host_not_allowed: "The URL is outside the service's hosts",
  egress_blocked: 'The address is not reachable from this deployment',
  not_found: 'Not found',
  link_name_taken: 'The link name is taken',
  service_not_ready: 'The service is a draft',
  service_ready: 'The service is ready and its authentication is frozen',
  service_in_use: 'The service has connections',
  scopes_in_use: 'The scopes are frozen by a connection',
  connection_not_active: 'The connection is not active',
  reauthorization_required: 'The connection must be authorized again',
  user_not_authorized: 'This user has not authorized the connection',
  job_running: 'A job of this kind has not ended',
  too_large: 'Too large',
  unsupported_media_type: 'The content type is not supported',
  validation_failed: 'Some fields are missing or wrong',
  credentials_rejected: 'The credentials were refused',
  rate_limited: 'Too many requests',
  provider_rate_limited: 'The provider asks to wait',
  internal_error: 'Something went wrong in Mooring',
  provider_error: 'The provider answered with an error',
  upstream_unreachable: 'The host could not be reached',
  unavailable: 'Not available at the moment',
  upstream_timeout: 'The API did not answer in time',
  provider_timeout: 'The provider did not answer in time',
}

/**
 * What a provider's refusal means for a grant (S-26). `permanent`: the grant is gone, a person must authorize again.
 * `configuration`: the definition or the client is wrong. `transient`: worth trying again. `denied`: the person said no.
 */
export type ProviderFailureKind = 'permanent' | 'configuration' | 'transient' | 'denied'

/** What a provider said, without secrets. */
export interface ProviderFailure {
  kind: ProviderFailureKind
  /** RFC 6749 section 5.2 code, or a word of ours: not_json, no_access_token, redirect, too_large … */
  error: string
  /** The provider's own words, redacted, at most 300 characters. */
  description: string | null
  /** HTTP status of the answer, null where there was none. */
  status: number | null
  /** From Retry-After, in seconds. */
  retryAfterSeconds: number | null
}

export interface ErrorOptions {
  /** What happened, where more is known than the code says; for diagnoses. */
  title?: string | undefined
  /** A sentence a person can act on. Never holds a secret. */
  detail: string
  /** The fix, where one is known. */
  hint?: string | undefined
  errors?: FieldError[] | undefined
  provider?: ProviderFailure | undefined
  retryAfterSeconds?: number | undefined
  cause?: unknown
}

export class MooringError extends Error {
  override readonly name = 'MooringError'
  readonly code: ErrorCode
  readonly title: string | undefined
  readonly hint: string | undefined
  readonly errors: FieldError[] | undefined
  readonly provider: ProviderFailure | undefined
  readonly retryAfterSeconds: number | undefined

  constructor(code: ErrorCode, options: ErrorOptions) {
    super(options.detail, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.title = options.title
    this.hint = options.hint
    // Where it is the request as a whole that does not fit, it is told as such: whoever reads `errors` finds something.
    const asWhole =
      code === 'validation_failed' ? [{ path: '', code: 'not_possible', message: options.detail }] : undefined
    this.errors = options.errors ?? asWhole
    this.provider = options.provider
    this.retryAfterSeconds = options.retryAfterSeconds ?? options.provider?.retryAfterSeconds ?? undefined
  }

  get status(): number {
    return errorStatus[this.code]
  }
}

/** More wrong fields than this are counted and not listed: nobody reads them, and a long list is made for a short lie. */
const listedErrors = 100

/** 422 with every wrong field. */
export function invalid(errors: FieldError[]): MooringError {
  const first = errors[0]
  const rest = errors.length - 1
  const more = rest > 0 ? ` (and ${rest} more)` : ''
  return new MooringError('validation_failed', {
    detail: first ? `${first.path || 'body'}: ${first.message}${more}` : 'Some fields are missing or wrong.',
    errors: errors.slice(0, listedErrors),
  })
}

export function notFound(what: string): MooringError {
  return new MooringError('not_found', { detail: `There is no such ${what}, or it is not yours to see.` })
}
