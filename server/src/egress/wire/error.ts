/** What went wrong on the wire. `errors.ts` says what each code means for a caller. */
export type WireErrorCode =
  | 'CONNECT_TIMEOUT'
  | 'HEAD_TIMEOUT'
  | 'BODY_TIMEOUT'
  | 'HEAD_TOO_LONG'
  /** What came is no HTTP/1.1 (RFC 9112), or its end cannot be told. */
  | 'BAD_ANSWER'
  /** The other side ended the connection before the answer was whole. */
  | 'CLOSED_EARLY'
  /** What should go out is no HTTP/1.1. */
  | 'BAD_REQUEST'
  /** A body is longer or shorter than its Content-Length says. */
  | 'BAD_LENGTH'
  | 'TOO_MANY_ORIGINS'
  | 'SHUT_DOWN'

/** `message` names a rule that was broken and never quotes what broke it: that may be a secret. */
export class WireError extends Error {
  override readonly name = 'WireError'
  readonly code: WireErrorCode

  constructor(code: WireErrorCode, message: string) {
    super(message)
    this.code = code
  }
}

export function badAnswer(rule: string): WireError {
  return new WireError('BAD_ANSWER', `not HTTP/1.1: ${rule}`)
}
