/** What the exit code says to a script. `mooring help` prints this table. */
import { MooringError } from '@mooring/sdk'

export const exitCode = {
  ok: 0,
  failure: 1,
  usage: 2,
  notAllowed: 3,
  notFound: 4,
  notAuthorized: 5,
  upstream: 6,
  unreachable: 7,
  httpError: 22,
  interrupted: 130,
} as const

export const exitCodeMeanings: [code: number, meaning: string][] = [
  [exitCode.ok, 'done'],
  [exitCode.failure, 'failed'],
  [exitCode.usage, 'wrong command or option'],
  [exitCode.notAllowed, 'no key, a wrong key, or one that may not do this'],
  [exitCode.notFound, 'there is no such service, connection, key or person'],
  [exitCode.notAuthorized, 'the connection needs authorizing (again), or is not active'],
  [exitCode.upstream, 'the provider or its API failed'],
  [exitCode.unreachable, 'the Mooring server cannot be reached'],
  [exitCode.httpError, 'call --fail: the API answered 400 or more'],
  [exitCode.interrupted, 'interrupted by Ctrl-C'],
]

const byErrorCode: Record<string, number> = {
  unauthenticated: exitCode.notAllowed,
  forbidden: exitCode.notAllowed,
  not_found: exitCode.notFound,
  connection_not_active: exitCode.notAuthorized,
  reauthorization_required: exitCode.notAuthorized,
  user_not_authorized: exitCode.notAuthorized,
  provider_error: exitCode.upstream,
  provider_rate_limited: exitCode.upstream,
  provider_timeout: exitCode.upstream,
  upstream_unreachable: exitCode.upstream,
  upstream_timeout: exitCode.upstream,
  unreachable: exitCode.unreachable,
  unexpected_answer: exitCode.unreachable,
}

/** The exit code for an error code of the API or the SDK. */
export function exitCodeFor(code: string, otherwise: number = exitCode.failure): number {
  return byErrorCode[code] ?? otherwise
}

export function exitCodeOf(error: unknown): number {
  return error instanceof MooringError ? exitCodeFor(error.code) : exitCode.failure
}
