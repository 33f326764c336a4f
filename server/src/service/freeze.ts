/** What a ready service, and one with connections, no longer lets anybody change (R-234, R-237 … R-239). */
import type { ServicePatch } from '@mooring/contract'
import { MooringError } from '../errors.ts'
import type { ServiceDocument, ServiceRecord } from '../store.ts'

export function serviceReady(detail: string): MooringError {
  return new MooringError('service_ready', {
    detail,
    hint: 'Clone it as a draft to change the rest, or replace secrets with PUT …/secrets.',
  })
}

/** Throws scopes_in_use. */
export function demandScopesFree(record: ServiceRecord, connections: number): void {
  if (record.stage === 'draft' || connections === 0) return
  throw new MooringError('scopes_in_use', {
    detail: `${record.name} has connections, so its scopes can be added to but not changed or deleted.`,
    hint: 'Add a new scope, or clone the service as a draft.',
  })
}

/** Throws service_ready, scopes_in_use. */
export function freeze(before: ServiceRecord, patch: ServicePatch, connections: number): void {
  if (before.stage === 'draft') return
  if (patch.stage === 'draft') throw serviceReady('A ready service does not go back to draft.')
  if (patch.auth !== undefined) throw serviceReady('The authentication of a ready service cannot be changed.')
  if (patch.linkName !== undefined && patch.linkName !== before.linkName)
    throw serviceReady('The link name of a ready service cannot be changed.')
  if (patch.scopeDelimiter !== undefined && patch.scopeDelimiter !== before.document.scopeDelimiter) {
    throw serviceReady('The scope delimiter of a ready service cannot be changed.')
  }
  const { scopes } = patch
  if (scopes === undefined || connections === 0) return
  const kept = before.document.scopes.every((scope) =>
    scopes.some((other) => other.value === scope.value && (other.name === undefined || other.name === scope.name)),
  )
  if (!kept) demandScopesFree(before, connections)
}

/** Whether a credential may go to more places than before. */
export function widens(before: ServiceDocument, after: ServiceDocument): boolean {
  const places = ({ hosts, baseUrl }: ServiceDocument): string[] => [
    ...hosts,
    ...(baseUrl === null ? [] : [/^[a-z]+:\/\/[^/?#]*/i.exec(baseUrl)?.[0] ?? baseUrl]),
  ]
  const known = new Set(places(before))
  return (after.anyHost && !before.anyHost) || places(after).some((place) => !known.has(place))
}
