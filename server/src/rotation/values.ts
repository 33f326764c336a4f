/** Stored values as rotation and verification see them: opened for a moment, told of by their place alone. */
import type { JobFailure, SealedPlace, SealedValue, Store } from '../store.ts'
import { type Place, SealError } from '../vault/vault.ts'

/** How many of those that do not open are named; the rest are counted. */
export const namedFailures = 100

export function placeOf(place: SealedPlace, { workspaceId, row }: SealedValue): Place {
  return { ...place, workspaceId, row }
}

/** What `work` gives; what is wrong with the value where it does not open. */
export function tried<T>(work: () => T): { value: T } | { fault: string } {
  try {
    return { value: work() }
  } catch (error) {
    if (!(error instanceof SealError)) throw error
    return { fault: error.message }
  }
}

/** Where a value that does not open is, with the names that people know it by. */
export async function failureAt(
  store: Store,
  { table, field }: SealedPlace,
  { workspaceId, row }: SealedValue,
  detail: string,
): Promise<JobFailure> {
  const names = { service: null, connection: null }
  const failure = { table, field, row, detail }
  if (table === 'services') {
    const service = await store.services.find(workspaceId, row)
    return { ...failure, ...names, service: service?.linkName ?? null }
  }
  if (table === 'authorizations') {
    const authorization = await store.authorizations.findById(row)
    const connection =
      authorization && (await store.connections.find(authorization.workspaceId, authorization.connectionId))
    return { ...failure, ...names, connection: connection?.linkName ?? null }
  }
  return { ...failure, ...names }
}

/** Failures of one walk: all are counted, the first are named. */
export interface Failures {
  count: number
  named: JobFailure[]
}

export function withFailure({ count, named }: Failures, failure: JobFailure): Failures {
  return { count: count + 1, named: named.length < namedFailures ? [...named, failure] : named }
}
