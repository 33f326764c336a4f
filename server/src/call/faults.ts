/** What went wrong on the way to an API, as the error a caller gets: host and reason class only (S-38). */
import { storeFault } from '../away.ts'
import { EgressError } from '../egress/errors.ts'
import { MooringError } from '../errors.ts'

export function callFault(error: unknown): MooringError {
  if (error instanceof MooringError) return error
  if (!(error instanceof EgressError))
    return (
      storeFault(error) ??
      new MooringError('internal_error', { detail: 'The call ended for a reason of our own.', cause: error })
    )
  const options = { detail: `${error.message}.`, cause: error }
  switch (error.code) {
    case 'egress_blocked':
      return new MooringError('egress_blocked', {
        ...options,
        hint: `If ${error.host} is meant to be reached, add it to MOORING_EGRESS_ALLOW.`,
      })
    case 'upstream_timeout':
      return new MooringError('upstream_timeout', {
        ...options,
        hint: 'Mooring-Timeout (timeoutMs in invoke) allows more time.',
      })
    case 'request_invalid':
      return new MooringError('malformed_request', options)
    case 'provider_answer_too_large':
      return new MooringError('provider_error', {
        ...options,
        hint: error.reason === 'headers' ? undefined : 'Use the proxy, which streams, in place of invoke.',
      })
    case 'upstream_unreachable':
    case 'request_aborted':
      return new MooringError('upstream_unreachable', {
        ...options,
        hint:
          error.reason === 'client certificate'
            ? 'The API wants a client certificate, or refused the one it was shown: is it the right one, and current?'
            : undefined,
      })
  }
}

/** Whether no connection came about, or it broke: another try may find a better moment. */
export function isConnectFault(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return (
    code === 'ECONNREFUSED' ||
    code === 'ECONNRESET' ||
    code === 'CLOSED_EARLY' ||
    code === 'CONNECT_TIMEOUT' ||
    code === 'EHOSTUNREACH' ||
    code === 'ENETUNREACH'
  )
}
