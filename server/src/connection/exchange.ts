/** What schemes may use of the world outside: the egress layer with the limits of S-10. */
import type { Egress } from '../egress/egress.ts'
import { EgressError } from '../egress/errors.ts'
import { egressFetch } from '../egress/fetch.ts'
import { MooringError, type ProviderFailure } from '../errors.ts'
import { randomToken } from '../ids.ts'
import type { Exchange } from '../schemes/scheme.ts'

/** For the whole of one exchange with a token, request-token or revocation endpoint, in milliseconds. */
export const exchangeTimeout = 20_000
const answerLimit = 1_048_576

/** `timeout`: in milliseconds, at most `exchangeTimeout`, which the leases of renewals are made to outlive. */
export function createExchange(egress: Egress, now: () => number, timeout = exchangeTimeout): Exchange {
  const send = egressFetch(egress, { timeoutMs: timeout, maxBytes: answerLimit })
  return {
    now,
    random: randomToken,
    async fetch(url, init) {
      try {
        return await send(url, init)
      } catch (error) {
        throw providerFault(error, timeout)
      }
    },
  }
}

/** An egress fault at a provider's endpoint, as the error that callers and diagnoses read. Names the host only (S-38). */
function providerFault(error: unknown, timeout: number): unknown {
  if (!(error instanceof EgressError)) return error
  const failure = (kind: ProviderFailure['kind'], word: string): ProviderFailure => ({
    kind,
    error: word,
    description: null,
    status: null,
    retryAfterSeconds: null,
  })
  const { host } = error
  switch (error.code) {
    case 'egress_blocked':
      return new MooringError('egress_blocked', {
        detail: error.message,
        hint: `If ${host} is meant to be reached, add it to MOORING_EGRESS_ALLOW.`,
        provider: failure('configuration', 'egress_blocked'),
        cause: error,
      })
    case 'upstream_timeout':
      return new MooringError('provider_timeout', {
        detail: `${host} did not answer in time: no answer in ${timeout / 1000} s.`,
        hint: 'It is tried again by itself.',
        provider: failure('transient', 'provider_timeout'),
        cause: error,
      })
    case 'provider_answer_too_large':
      return new MooringError('provider_error', {
        detail: `${host} answered with more than 1 MiB.`,
        hint: 'Is the URL right?',
        provider: failure('transient', 'too_large'),
        cause: error,
      })
    case 'upstream_unreachable':
      return new MooringError('upstream_unreachable', {
        detail: error.message,
        hint: `Is ${host} right, and is it up?`,
        provider: failure('transient', 'upstream_unreachable'),
        cause: error,
      })
    case 'request_invalid':
      return new MooringError('provider_error', {
        detail: `${error.message}.`,
        hint: 'Check the headers and parameters that the service adds to its token requests.',
        provider: failure('configuration', 'request_invalid'),
        cause: error,
      })
    case 'request_aborted':
      return new MooringError('unavailable', {
        detail: `${error.message}.`,
        provider: failure('transient', 'request_aborted'),
        cause: error,
      })
  }
}

const beforeTheRequest = new Set([
  'name not found',
  'name resolution',
  'connection refused',
  'no route',
  'connect',
  'certificate',
  'tls',
])

/** Whether an exchange failed before the provider can have read any of it. */
export function neverArrived(error: unknown): boolean {
  if (!(error instanceof MooringError) || !(error.cause instanceof EgressError)) return false
  const { code, reason } = error.cause
  return code === 'egress_blocked' || code === 'request_invalid' || beforeTheRequest.has(reason)
}
