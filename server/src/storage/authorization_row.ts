/** Between an authorization and its row. */
import type { Selectable } from 'kysely'
import type { AuthorizationRecord, InFlight } from '../store.ts'
import { fromJson, fromJsonOrNull, sealedColumns, toBytesOrNull, toFlag, toJson, toJsonOrNull } from './columns.ts'
import type { AuthorizationTable } from './schema.ts'

export function inFlight(fence: number | null, startedAt: number | null): InFlight | null {
  return fence === null || startedAt === null ? null : { fence, startedAt }
}

export function toAuthorization(row: Selectable<AuthorizationTable>): AuthorizationRecord {
  return {
    id: row.id,
    workspaceId: row.workspace_id,
    connectionId: row.connection_id,
    user: row.for_user,
    status: row.status,
    credential: toBytesOrNull(row.credential),
    requestedScopes: fromJson(row.requested_scopes),
    grantedScopes: fromJsonOrNull(row.granted_scopes),
    account: row.account,
    learned: fromJson(row.learned),
    refreshable: row.refreshable === 1,
    expiresAt: row.expires_at,
    refreshAt: row.refresh_at,
    eagerUntil: row.eager_until,
    failures: row.failures,
    authorizedAt: row.authorized_at,
    lastRefreshedAt: row.last_refreshed_at,
    lastUsedAt: row.last_used_at,
    verifiedAt: row.verified_at,
    lastError: fromJsonOrNull(row.last_error),
    leaseOwner: row.lease_owner,
    leaseUntil: row.lease_until,
    fence: row.fence,
    inFlight: inFlight(row.in_flight_fence, row.in_flight_at),
    version: row.version,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}

/** All columns but the key. */
export function toColumns(record: AuthorizationRecord) {
  return {
    connection_id: record.connectionId,
    for_user: record.user,
    status: record.status,
    ...sealedColumns('credential', record.credential),
    requested_scopes: toJson(record.requestedScopes),
    granted_scopes: toJsonOrNull(record.grantedScopes),
    account: record.account,
    learned: toJson(record.learned),
    refreshable: toFlag(record.refreshable),
    expires_at: record.expiresAt,
    refresh_at: record.refreshAt,
    eager_until: record.eagerUntil,
    failures: record.failures,
    authorized_at: record.authorizedAt,
    last_refreshed_at: record.lastRefreshedAt,
    last_used_at: record.lastUsedAt,
    verified_at: record.verifiedAt,
    last_error: toJsonOrNull(record.lastError),
    lease_owner: record.leaseOwner,
    lease_until: record.leaseUntil,
    fence: record.fence,
    in_flight_fence: record.inFlight?.fence ?? null,
    in_flight_at: record.inFlight?.startedAt ?? null,
    version: record.version,
    created_at: record.createdAt,
    updated_at: record.updatedAt,
  }
}
