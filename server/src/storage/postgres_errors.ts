/** What an error of PostgreSQL's, or of the way to it, means for whoever asked (SQLSTATE: PostgreSQL, appendix A). */
import { DatabaseError } from 'pg'
import { StoreAwayError } from '../store.ts'

/** An error and what caused it. */
function* chain(error: unknown): Generator<Error> {
  for (let each = error; each instanceof Error; each = each.cause) yield each
}

/** The error of the server's in this one, where there is one. */
function serverError(error: unknown): DatabaseError | undefined {
  for (const each of chain(error)) if (each instanceof DatabaseError) return each
  return undefined
}

/** The unique rule that was broken; undefined where it is another error. */
export function brokenUnique(error: unknown): string | undefined {
  return error instanceof DatabaseError && error.code === '23505' ? (error.constraint ?? '') : undefined
}

/** Others refer to a row that was to go. */
export function isReferenced(error: unknown): boolean {
  return error instanceof DatabaseError && error.code === '23503'
}

/** Another transaction was in the way and this one was undone: done again, it may go through. */
export function isConflict(error: unknown): boolean {
  const code = serverError(error)?.code
  return code === '40001' || code === '40P01'
}

/** A unique rule was broken in the course of this. */
export function hasBrokenUnique(error: unknown): boolean {
  return serverError(error)?.code === '23505'
}

/**
 * 08: connections; 57P01 to 57P05: shutting down, starting, dropped, idle for too long; 25P03, 25P04: a transaction that
 * took too long; 25006: a server that has become a standby.
 */
const lostCodes = /^(?:08|57P0[1-5]|25P0[34]|25006)/

/** Words of the driver's for a connection that is no more; it has no codes for them. */
const lostWords =
  /^(?:Connection terminated|Client (?:has encountered a connection error|was closed)|Query read timeout|timeout exceeded when trying to connect|timeout expired|The server is in recovery)/

/** Two that made the same table at the same moment: one of them is told so, in one of several ways. */
export function isMadeTwice(error: unknown): boolean {
  const code = serverError(error)?.code
  return code === '23505' || code === '42P07' || code === '42710'
}

/** The connection is gone, or was never made: nothing can be asked over it any more. */
export function isLost(error: unknown): boolean {
  for (const each of chain(error)) {
    if (each instanceof DatabaseError) return lostCodes.test(each.code ?? '')
    if ('code' in each && typeof each.code === 'string' && /^E(?!RR_)[A-Z_]{3,}$/.test(each.code)) return true
    if (lostWords.test(each.message)) return true
  }
  return false
}

/** The server speaks PostgreSQL's protocol and does not have this (0A000), or not even the words for it (42601). */
export function isMissing(error: unknown): boolean {
  const code = serverError(error)?.code
  return code === '0A000' || code === '42601'
}

/** 53: no room for more; 55P03: a lock that was not given; 57014: a statement that took too long. */
const busyCodes = /^(?:53|55P03|57014)/

/** The error as the domain knows it, where the database is at fault or has too much to do, and not what was asked of it. */
export function asAway(error: unknown): unknown {
  if (error instanceof StoreAwayError) return error
  const away = isLost(error) || isConflict(error) || busyCodes.test(serverError(error)?.code ?? '')
  return away ? new StoreAwayError('the database does not take this at the moment', { cause: error }) : error
}

/** Why a database cannot be used, in the words of whoever said so first. */
export function reasonOf(error: unknown): string {
  const first = [...chain(error)].at(-1)
  const code = first !== undefined && 'code' in first ? String(first.code) : ''
  // Several addresses of one name that were tried have no message together.
  return (first?.message || code || String(error)).split('\n', 1)[0] ?? ''
}
