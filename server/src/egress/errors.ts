// What egress throws. A message may reach a caller, so it names the host and a class of reason and nothing else (S-38):
// never a path, query, header, body or resolved address. Those may be in `cause`, which is for the log of the operator.

export type EgressErrorCode =
  /** The URL or the address it leads to is forbidden here; `reason` is a `Refusal` or says what the URL carries. */
  | 'egress_blocked'
  /** No connection, or it broke: name, TCP, TLS or protocol. */
  | 'upstream_unreachable'
  | 'upstream_timeout'
  | 'provider_answer_too_large'
  /** The request cannot be put on the wire, such as a header value with a line break. A fault of the sender. */
  | 'request_invalid'
  /** The caller's own signal ended the request. */
  | 'request_aborted'

export class EgressError extends Error {
  override readonly name = 'EgressError'
  readonly code: EgressErrorCode
  /** Name, and port where the URL has one. */
  readonly host: string
  /** A short class such as `private`, `connect` or `certificate`; safe to show and to count. */
  readonly reason: string

  constructor(code: EgressErrorCode, host: string, reason: string, cause?: unknown) {
    super(SENTENCES[code](host, reason), cause === undefined ? undefined : { cause })
    this.code = code
    this.host = host
    this.reason = reason
  }
}

const SENTENCES: Readonly<Record<EgressErrorCode, (host: string, reason: string) => string>> = {
  egress_blocked: (host, reason) => `Requests to ${host} are not allowed here (${reason})`,
  upstream_unreachable: (host, reason) => `Could not reach ${host} (${reason})`,
  upstream_timeout: (host, reason) => `${host} did not answer in time (${reason})`,
  provider_answer_too_large: (host, reason) => `The answer of ${host} is larger than allowed (${reason})`,
  request_invalid: (host, reason) => `The request to ${host} cannot be sent (${reason})`,
  request_aborted: (host, reason) => `The request to ${host} was aborted (${reason})`,
}

const CLASSES: Readonly<Record<string, readonly [EgressErrorCode, string]>> = {
  CONNECT_TIMEOUT: ['upstream_timeout', 'connect'],
  HEAD_TIMEOUT: ['upstream_timeout', 'first byte'],
  BODY_TIMEOUT: ['upstream_timeout', 'body'],
  ETIMEDOUT: ['upstream_timeout', 'connect'],
  HEAD_TOO_LONG: ['provider_answer_too_large', 'headers'],
  BAD_REQUEST: ['request_invalid', 'invalid argument'],
  BAD_LENGTH: ['request_invalid', 'content length'],
  ABORT_ERR: ['request_aborted', 'by the caller'],
  BAD_ANSWER: ['upstream_unreachable', 'protocol'],
  ENOTFOUND: ['upstream_unreachable', 'name not found'],
  EAI_AGAIN: ['upstream_unreachable', 'name resolution'],
  ENODATA: ['upstream_unreachable', 'name not found'],
  ECONNREFUSED: ['upstream_unreachable', 'connection refused'],
  ECONNRESET: ['upstream_unreachable', 'connection closed'],
  EPIPE: ['upstream_unreachable', 'connection closed'],
  CLOSED_EARLY: ['upstream_unreachable', 'connection closed'],
  EHOSTUNREACH: ['upstream_unreachable', 'no route'],
  ENETUNREACH: ['upstream_unreachable', 'no route'],
  TOO_MANY_ORIGINS: ['upstream_unreachable', 'too many hosts at once'],
  SHUT_DOWN: ['upstream_unreachable', 'shutting down'],
}

/** Turns whatever the wire, DNS, TCP or TLS threw into an `EgressError` with the original as `cause`. */
export function mapError(error: unknown, host: string): EgressError {
  if (error instanceof EgressError) return error
  const code = codeOf(error)
  const known = CLASSES[code]
  if (known !== undefined) return new EgressError(known[0], host, known[1], error)
  return new EgressError('upstream_unreachable', host, otherReason(code), error)
}

/** What a server says of the certificate it was shown, or of none (RFC 8446 section 6.2). */
const clientCertificateAlert =
  /ALERT_(BAD_CERTIFICATE|CERTIFICATE_(EXPIRED|REQUIRED|REVOKED|UNKNOWN)|UNSUPPORTED_CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED)/

function otherReason(code: string): string {
  if (clientCertificateAlert.test(code)) return 'client certificate'
  if (/CERT|ISSUER|SIGNATURE|SELF_SIGNED/.test(code)) return 'certificate'
  if (/^(ERR_SSL|ERR_TLS|EPROTO)/.test(code)) return 'tls'
  return 'connection'
}

/** The error's own `code`; for several failed addresses (an AggregateError without one) the first address's. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return ''
  if ('code' in error && typeof error.code === 'string') return error.code
  if (error.name === 'AbortError') return 'ABORT_ERR'
  return error instanceof AggregateError ? codeOf(error.errors[0]) : ''
}
