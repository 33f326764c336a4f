/**
 * The tables, as kysely sees them. Instants are milliseconds since the epoch, flags are 0 or 1, documents and lists are
 * JSON text: the same on every engine. `migrations/` creates them. Beside each sealed column stands the data key of what
 * is in it (`sealed.ts`).
 */
import type { Generated } from 'kysely'
import type {
  ApiKeyRecord,
  AttemptRecord,
  AttemptStep,
  AuditRecord,
  AuthorizationRecord,
  ChangeRecord,
  ConnectSessionRecord,
  ConnectionRecord,
  EventRecord,
  JobCursor,
  JobFailure,
  JobRecord,
  OneTimeLinkRecord,
  ServiceDocument,
  ServiceRecord,
  StoredError,
  UserRecord,
} from '../store.ts'
import type { Json } from './columns.ts'

export interface Schema {
  workspaces: WorkspaceTable
  data_keys: DataKeyTable
  facts: FactTable
  services: ServiceTable
  service_logos: ServiceLogoTable
  connections: ConnectionTable
  authorizations: AuthorizationTable
  attempts: AttemptTable
  connect_sessions: ConnectSessionTable
  events: EventTable
  call_counts: CallCountTable
  audit_log: AuditTable
  audit_heads: AuditHeadTable
  api_keys: ApiKeyTable
  users: UserTable
  sessions: SessionTable
  one_time_links: OneTimeLinkTable
  sign_in_tries: SignInTryTable
  provider_gates: ProviderGateTable
  idempotency: IdempotencyTable
  jobs: JobTable
  changes: ChangeTable
  change_horizon: ChangeHorizonTable
  kysely_migration: MigrationTable
}

export interface ProviderGateTable {
  /** Scheme, host and port. */
  id: string
  failures: number
  shut_until: number | null
  probe_until: number | null
  last_error: string
  version: number
  updated_at: number
}

export interface WorkspaceTable {
  id: string
  name: string
  created_at: number
}

export interface DataKeyTable {
  workspace_id: string
  id: string
  root_key_id: string
  wrapped: Uint8Array
  created_at: number
}

export interface FactTable {
  name: string
  value: string
}

export interface ServiceTable {
  workspace_id: string
  id: string
  link_name: string
  name: string
  /** Name and link name, folded for searching (see `search.ts`). */
  search: string
  description: string
  stage: ServiceRecord['stage']
  origin: ServiceRecord['origin']
  catalogue_id: string | null
  callback_id: string
  document: Json<ServiceDocument>
  secrets: Uint8Array | null
  secrets_key: string | null
  logo_type: ServiceRecord['logoType']
  version: number
  created_at: number
  updated_at: number
  ready_at: number | null
}

/** Apart from the services, so that lists do not read images. */
export interface ServiceLogoTable {
  workspace_id: string
  service_id: string
  type: string
  bytes: Uint8Array
}

export interface ConnectionTable {
  workspace_id: string
  id: string
  service_id: string
  link_name: string
  name: string
  search: string
  authorization_level: ConnectionRecord['authorizationLevel']
  status: ConnectionRecord['status']
  /** What lists filter by: `disabled` while `enabled` is 0, else the status. */
  shown_status: string
  scopes: Json<string[]>
  parameters: Json<Record<string, string>>
  enabled: number
  version: number
  created_at: number
  updated_at: number
}

export interface AuthorizationTable {
  workspace_id: string
  id: string
  connection_id: string
  for_user: string
  status: AuthorizationRecord['status']
  credential: Uint8Array | null
  credential_key: string | null
  requested_scopes: Json<string[]>
  granted_scopes: Json<string[]> | null
  account: string | null
  learned: Json<Record<string, string>>
  refreshable: number
  expires_at: number | null
  refresh_at: number | null
  eager_until: number
  failures: number
  authorized_at: number
  last_refreshed_at: number | null
  last_used_at: number | null
  verified_at: number | null
  last_error: Json<StoredError> | null
  lease_owner: string | null
  lease_until: number | null
  fence: number
  in_flight_fence: number | null
  in_flight_at: number | null
  /** The in-flight record that the newest lease found: lets one UPDATE … RETURNING both replace and return it. */
  abandoned_fence: number | null
  abandoned_at: number | null
  version: number
  created_at: number
  updated_at: number
}

export interface AttemptTable {
  workspace_id: string
  id: string
  service_id: string
  connection_id: string
  for_user: string
  state: AttemptRecord['state']
  steps: Json<AttemptStep[]>
  diagnosis: Json<NonNullable<AttemptRecord['diagnosis']>> | null
  token_hash: string | null
  correlation_hash: string | null
  binding_hash: string | null
  kept: Uint8Array | null
  kept_key: string | null
  scopes: Json<string[]>
  return_to: string | null
  actor: string | null
  begun_by: string | null
  question: Json<NonNullable<AttemptRecord['question']>> | null
  held_grant: Uint8Array | null
  held_grant_key: string | null
  connect_session_id: string | null
  poll_at: number | null
  version: number
  created_at: number
  expires_at: number
}

export interface ConnectSessionTable {
  workspace_id: string
  id: string
  token_hash: string
  binding_hash: string | null
  for_user: string
  user_name: string | null
  user_email: string | null
  connections: Json<ConnectSessionRecord['connections']>
  return_to: string | null
  made_by: string
  expires_at: number
  created_at: number
}

export interface EventTable {
  sequence: Generated<number>
  workspace_id: string
  type: string
  at: number
  ok: number
  service_id: string | null
  connection_id: string | null
  actor: string | null
  for_user: string | null
  cause: string | null
  detail: string
  call_facts: Json<NonNullable<EventRecord['call']>> | null
  /** On PostgreSQL alone (`0001_postgres_feeds.ts`). */
  place?: number | null
}

export interface CallCountTable {
  connection_id: string
  actor: string
  day: number
  name: string
  calls: number
  failed: number
  last_used_at: number
}

export interface AuditTable {
  workspace_id: string
  sequence: number
  at: number
  actor: string
  actor_name: string
  action: string
  object: string | null
  address: string | null
  outcome: AuditRecord['outcome']
  detail: string
  previous: string
  hash: string
}

/** One row a workspace: sequence and hash of its newest entry. Who appends holds it, so entries are made one by one. */
export interface AuditHeadTable {
  workspace_id: string
  sequence: number
  hash: string
}

export interface ApiKeyTable {
  workspace_id: string
  id: string
  name: string
  role: ApiKeyRecord['role']
  prefix: string
  hash: string
  connections: Json<string[]> | null
  created_by: string | null
  replaced_by: string | null
  expires_at: number | null
  last_used_at: number | null
  created_at: number
}

export interface UserTable {
  workspace_id: string
  id: string
  name: string
  email: string
  /** What is unique in the workspace (see `search.ts`). */
  email_folded: string
  role: UserRecord['role']
  active: number
  password_hash: string | null
  identity_key: string | null
  last_seen_at: number | null
  version: number
  created_at: number
}

export interface SessionTable {
  workspace_id: string
  id: string
  user_id: string
  token_hash: string
  user_agent: string
  address: string
  last_seen_at: number
  expires_at: number
  created_at: number
}

export interface OneTimeLinkTable {
  workspace_id: string
  id: string
  kind: OneTimeLinkRecord['kind']
  token_hash: string
  user_id: string | null
  email: string | null
  email_folded: string | null
  name: string | null
  role: OneTimeLinkRecord['role']
  made_by: string | null
  expires_at: number
  created_at: number
}

export interface SignInTryTable {
  id: string
  failures: number
  at: number
}

export interface IdempotencyTable {
  id: string
  workspace_id: string
  request_hash: string
  status: number
  body: Uint8Array | null
  body_key: string | null
  created_at: number
}

export interface JobTable {
  id: string
  kind: JobRecord['kind']
  state: JobRecord['state']
  done: number
  total: number
  failed: number
  failures: Json<JobFailure[]>
  reached: Json<JobCursor> | null
  detail: string
  started_by: string
  lease_owner: string | null
  lease_until: number | null
  created_at: number
  updated_at: number
  finished_at: number | null
}

export interface ChangeTable {
  sequence: Generated<number>
  kind: ChangeRecord['kind']
  object_id: string
}

/** One row: the newest sequence that was pruned from `changes`, 0 before the first pruning. */
export interface ChangeHorizonTable {
  pruned_to: number
}

/** Kept by kysely's migrator. */
export interface MigrationTable {
  name: string
  timestamp: string
}
