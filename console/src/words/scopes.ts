/** Scopes: what was asked for, what was granted, what is wanted now (S-13). */
import type { Authorization, Connection, Service } from '@mooring/sdk'
import { missingScopes } from './status.ts'

export interface ScopeDiff {
  /** Wanted now, not asked for when it was authorized. */
  added: string[]
  /** Asked for then, not wanted any more. */
  removed: string[]
  /** Asked for then, and not granted. */
  refused: string[]
}

/**
 * Request against request tells what changed, request against grant what was refused; wanted against granted would never
 * end. undefined where nobody has authorized, or nothing differs.
 */
export function scopeDiff(connection: Connection, shared: Authorization | undefined): ScopeDiff | undefined {
  const { status, scopes } = connection
  if (shared === undefined || (status !== 'active' && status !== 'reauthorization_required')) return undefined
  const { requestedScopes } = shared
  const diff = {
    added: scopes.filter((scope) => !requestedScopes.includes(scope)),
    removed: requestedScopes.filter((scope) => !scopes.includes(scope)),
    refused: missingScopes(connection).filter((scope) => requestedScopes.includes(scope)),
  }
  return diff.added.length + diff.removed.length + diff.refused.length === 0 ? undefined : diff
}

/** A scope's display name, where its service still has it. */
export function scopeName(service: Service | undefined, value: string): string | undefined {
  return service?.scopes.find((scope) => scope.value === value)?.name
}
