/** What schemes may use of the world outside: the egress layer with the limits of S-10. */
import type { Egress } from '../egress/egress.ts'
import { EgressError } from '../egress/errors.ts'
import { MooringError, type ProviderFailure } from '../errors.ts'
import { randomToken } from '../ids.ts'
import type { Exchange } from '../schemes/scheme.ts'

/** For the whole of one exchange with a token, request-token or revocation endpoint, in milliseconds. */
export const exchangeTimeout = 20_000
const answerLimit = 1_048_576

export function createExchange(egress: Egress, now: () => number): Exchange {
  return {
    now,
    random: randomToken,
    async fetch(url, init) {
      try {
        const answer = await egress.request({ url, ...init, timeoutMs: exchangeTimeout, maxBytes: answerLimit })
        const bodiless = answer.status === 204 || answer.status === 304 || answer.body.length === 0
        return new Response(bodiless ? null : Buffer.from(answer.body), {
          status: answer.status,
          headers: answer.headers,
        })
      } catch (error) {
        throw providerFault(error)
      }
    },
  }
}

/** An egress fault at a provider's endpoint, as the error that callers and diagnoses read. Names the host only (S-38). */
function providerFault(error: unknown): unknown {
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
        detail: `${host} did not answer in time.`,
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
    case 'request_invalid':
    case 'request_aborted':
      return new MooringError('upstream_unreachable', {
        detail: error.message,
        hint: `Is ${host} right, and is it up?`,
        provider: failure('transient', 'upstream_unreachable'),
        cause: error,
      })
  }
}
