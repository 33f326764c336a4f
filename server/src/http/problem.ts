/** Turning an error into a reply: the only place that does (RFC 9457). */
import type { ServerResponse } from 'node:http'
import type { Problem } from '@mooring/contract'
import { storeFault } from '../away.ts'
import { errorTitle, MooringError } from '../errors.ts'
import { SealError } from '../vault/vault.ts'

/** Where an error's code is explained; a URI reference, resolved against this server. */
const typeBase = '/docs/errors#'

export function problemOf(error: MooringError, requestId: string): Problem {
  return {
    type: `${typeBase}${error.code}`,
    title: errorTitle[error.code],
    status: error.status,
    detail: error.message,
    code: error.code,
    ...(error.errors === undefined ? {} : { errors: error.errors }),
    requestId,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
  }
}

/** An error of whatever kind as one of ours. What is not ours says nothing of itself to the caller. */
export function asMooringError(error: unknown): MooringError {
  if (error instanceof MooringError) return error
  if (error instanceof SealError) {
    return new MooringError('internal_error', {
      detail: 'A stored secret does not open; it was changed, or sealed with another key.',
      hint: 'Check the keyring, then enter the secret again.',
      cause: error,
    })
  }
  if (error instanceof RangeError && error.message === 'cursor') {
    return new MooringError('validation_failed', {
      detail: 'cursor: Use the nextCursor of an earlier page.',
      errors: [{ path: 'cursor', code: 'invalid_value', message: 'Use the nextCursor of an earlier page.' }],
      cause: error,
    })
  }
  return (
    fromFastify(error) ??
    new MooringError('internal_error', {
      detail: 'Something went wrong in Mooring; the log has it under the request id.',
      cause: error,
    })
  )
}

function fromFastify(error: unknown): MooringError | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  switch (code) {
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new MooringError('unsupported_media_type', {
        detail: 'This route does not take a body of this content type.',
        hint: 'Send JSON with Content-Type: application/json.',
        cause: error,
      })
    case 'FST_ERR_BAD_URL':
      return new MooringError('malformed_request', {
        detail: 'The path of the request cannot be read.',
        hint: 'Write a % in a path as %25.',
        cause: error,
      })
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return new MooringError('not_found', {
        detail: 'Nothing has a name as long as the one in this path.',
        cause: error,
      })
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new MooringError('too_large', { detail: 'The request body is too large.', cause: error })
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return new MooringError('malformed_request', {
        detail: 'The request body does not have the length that Content-Length says.',
        cause: error,
      })
    case 'ECONNRESET':
    case 'ERR_STREAM_PREMATURE_CLOSE':
      return new MooringError('malformed_request', { detail: 'The request ended early.', cause: error })
  }
  return storeFault(error)
}

/** The headers of a reply that is an error. A 401 says how to authenticate (RFC 9110 section 11.6.1). */
export function problemHeaders(error: MooringError): Record<string, string> {
  return {
    'Content-Type': 'application/problem+json',
    'Cache-Control': 'no-store',
    ...(error.status === 401 ? { 'WWW-Authenticate': 'Bearer' } : {}),
    ...(error.retryAfterSeconds === undefined ? {} : { 'Retry-After': String(Math.ceil(error.retryAfterSeconds)) }),
  }
}

/** For the proxy, which answers without the framework; `Mooring-Error` says that the answer is ours. */
export function writeProblem(
  response: ServerResponse,
  error: MooringError,
  requestId: string,
  headers: Record<string, string> = { 'Mooring-Error': error.code },
): void {
  const body = Buffer.from(JSON.stringify(problemOf(error, requestId)))
  // A reason phrase of the API's that was refused as unwritable would be tried again.
  response.statusMessage = ''
  response.writeHead(error.status, {
    ...problemHeaders(error),
    'Content-Length': body.length,
    'X-Request-Id': requestId,
    ...headers,
  })
  response.end(body)
}
