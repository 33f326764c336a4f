/** Records to store: whole, valid, and the same every time. Fields that matter are given by the test. */
import { sql } from 'kysely'
import type {
  ApiKeyRecord,
  AttemptRecord,
  AuditRecord,
  AuthorizationRecord,
  ConnectionRecord,
  ConnectSessionRecord,
  DataKeyRecord,
  EventRecord,
  IdempotencyRecord,
  JobRecord,
  OneTimeLinkRecord,
  ServiceRecord,
  SessionRecord,
  Settlement,
  Store,
  UserRecord,
} from '../../store.ts'
import { migrations } from '../migrations/index.ts'

export const now = 1_750_000_000_000
export const minute = 60_000
export const day = 24 * 60 * minute

export function bytes(...values: number[]): Uint8Array {
  return new Uint8Array(values)
}

export function service(id: string, fields: Partial<ServiceRecord> = {}): ServiceRecord {
  return {
    id,
    workspaceId: 'w1',
    linkName: `link_${id}`,
    name: `Service ${id}`,
    description: '',
    stage: 'draft',
    origin: 'custom',
    catalogueId: null,
    callbackId: `callback-${id}`,
    document: {
      auth: { type: 'oauth2', tokenUrl: 'https://login.example.com/token' },
      scopes: [{ id: 's1', name: 'read', value: 'items:read' }],
      scopeDelimiter: 'space',
      hosts: ['api.example.com'],
      anyHost: false,
      baseUrl: 'https://api.example.com',
      probe: { method: 'GET', path: '/me' },
      headers: { accept: 'application/json' },
      placeholders: [],
    },
    secrets: bytes(0, 1, 254, 255),
    logoType: null,
    version: 1,
    createdAt: now,
    updatedAt: now,
    readyAt: null,
    ...fields,
  }
}

export function connection(id: string, fields: Partial<ConnectionRecord> = {}): ConnectionRecord {
  return {
    id,
    workspaceId: 'w1',
    serviceId: 's1',
    linkName: `link_${id}`,
    name: `Connection ${id}`,
    authorizationLevel: 'shared',
    status: 'created',
    scopes: ['items:read'],
    parameters: { domain: 'shop' },
    enabled: true,
    version: 1,
    createdAt: now,
    updatedAt: now,
    ...fields,
  }
}

export function authorization(id: string, fields: Partial<AuthorizationRecord> = {}): AuthorizationRecord {
  return {
    id,
    workspaceId: 'w1',
    connectionId: 'c1',
    user: '',
    status: 'active',
    credential: bytes(9, 8, 7),
    requestedScopes: ['items:read', 'items:write'],
    grantedScopes: ['items:read'],
    account: 'ada@example.com',
    learned: { region: 'eu' },
    refreshable: true,
    expiresAt: now + 60 * minute,
    refreshAt: now + 55 * minute,
    eagerUntil: now + day,
    failures: 0,
    authorizedAt: now,
    lastRefreshedAt: null,
    lastUsedAt: null,
    verifiedAt: null,
    lastError: null,
    leaseOwner: null,
    leaseUntil: null,
    fence: 0,
    inFlight: null,
    version: 1,
    createdAt: now,
    updatedAt: now,
    ...fields,
  }
}

export function settlement(fields: Partial<Settlement> = {}): Settlement {
  return { status: 'active', refreshAt: now + 110 * minute, failures: 0, lastError: null, ...fields }
}

export function attempt(id: string, fields: Partial<AttemptRecord> = {}): AttemptRecord {
  return {
    id,
    workspaceId: 'w1',
    serviceId: 's1',
    connectionId: 'c1',
    user: '',
    state: 'waiting',
    steps: [{ at: now, step: 'started', ok: true, detail: '' }],
    diagnosis: null,
    tokenHash: `token-${id}`,
    correlationHash: null,
    bindingHash: null,
    kept: bytes(4, 5, 6),
    scopes: ['items:read'],
    returnTo: 'https://app.example.com/done',
    actor: 'key1',
    begunBy: 'api_key:k1',
    question: null,
    heldGrant: null,
    connectSessionId: null,
    pollAt: null,
    version: 1,
    createdAt: now,
    expiresAt: now + 10 * minute,
    ...fields,
  }
}

export function connectSession(id: string, fields: Partial<ConnectSessionRecord> = {}): ConnectSessionRecord {
  return {
    id,
    workspaceId: 'w1',
    tokenHash: `token-${id}`,
    bindingHash: null,
    user: 'u-17',
    userName: 'Ada',
    userEmail: 'ada@example.com',
    connections: ['c1', 'c2'],
    returnTo: 'https://app.example.com/done',
    madeBy: 'api_key:Key',
    expiresAt: now + 30 * minute,
    createdAt: now,
    ...fields,
  }
}

export function event(type: string, fields: Partial<EventRecord> = {}): EventRecord {
  return {
    sequence: 0,
    workspaceId: 'w1',
    type,
    at: now,
    ok: true,
    serviceId: 's1',
    connectionId: 'c1',
    actor: 'key1',
    user: null,
    cause: null,
    detail: '',
    call: null,
    ...fields,
  }
}

export function call(fields: Partial<EventRecord> = {}): EventRecord {
  const facts = { method: 'GET', host: 'api.example.com', path: '/items', status: 200, ms: 12, count: 1 }
  return event('connection.invoked', { call: facts, ...fields })
}

export function apiKey(id: string, fields: Partial<ApiKeyRecord> = {}): ApiKeyRecord {
  return {
    id,
    workspaceId: 'w1',
    name: `Key ${id}`,
    role: 'invoke',
    prefix: 'mk_abcd',
    hash: `hash-${id}`,
    connections: ['crm'],
    createdBy: 'user:Ana',
    replacedBy: null,
    expiresAt: null,
    lastUsedAt: null,
    createdAt: now,
    ...fields,
  }
}

export function user(id: string, fields: Partial<UserRecord> = {}): UserRecord {
  return {
    id,
    workspaceId: 'w1',
    name: `User ${id}`,
    email: `${id}@example.com`,
    role: 'developer',
    active: true,
    passwordHash: '$argon2id$v=19$m=8,t=1,p=1$c2FsdA$aGFzaA',
    identity: null,
    lastSeenAt: null,
    version: 1,
    createdAt: now,
    ...fields,
  }
}

export function session(id: string, fields: Partial<SessionRecord> = {}): SessionRecord {
  return {
    id,
    workspaceId: 'w1',
    userId: 'u1',
    tokenHash: `token-${id}`,
    userAgent: 'Browser/1.0',
    address: '192.0.2.7',
    lastSeenAt: now,
    expiresAt: now + 30 * day,
    createdAt: now,
    ...fields,
  }
}

export function link(id: string, fields: Partial<OneTimeLinkRecord> = {}): OneTimeLinkRecord {
  return {
    id,
    workspaceId: 'w1',
    kind: 'invitation',
    tokenHash: `token-${id}`,
    userId: null,
    email: null,
    name: 'Bo',
    role: 'viewer',
    madeBy: 'Ana',
    expiresAt: now + 7 * day,
    createdAt: now,
    ...fields,
  }
}

/** An entry in its place. The hash is no real one: storage does not look at it. */
export function auditEntry(place: Pick<AuditRecord, 'sequence' | 'previous'>): Omit<AuditRecord, 'workspaceId'> {
  return {
    ...place,
    at: now,
    actor: 'api_key:key1',
    actorName: 'Key 1',
    action: 'connection.revoke',
    object: 'crm',
    address: '192.0.2.1',
    outcome: 'done',
    detail: 'Revoked.',
    hash: `hash ${place.sequence}`,
  }
}

export function claim(id: string, fields: Partial<IdempotencyRecord> = {}): IdempotencyRecord {
  return { id, workspaceId: 'w1', requestHash: 'request', status: 0, body: null, createdAt: now, ...fields }
}

/** A value whose front names its data key, and nothing behind that opens. */
export function sealedWith(keyId: string, ...rest: number[]): Uint8Array {
  return bytes(1, keyId.length, ...new TextEncoder().encode(keyId), ...rest)
}

export function dataKey(id: string, fields: Partial<DataKeyRecord> = {}): DataKeyRecord {
  return { id, workspaceId: 'w1', rootKeyId: 'r1', wrapped: bytes(1, 2), createdAt: 1, ...fields }
}

export function job(id: string, fields: Partial<JobRecord> = {}): JobRecord {
  return {
    id,
    kind: 'key_rotation',
    state: 'running',
    done: 0,
    total: 0,
    failed: 0,
    failures: [],
    cursor: null,
    detail: '',
    startedBy: 'user:Ana',
    leaseOwner: null,
    leaseUntil: null,
    createdAt: now,
    updatedAt: now,
    finishedAt: null,
    ...fields,
  }
}

/** Service s1 with connections c1, c2 …: what authorizations and attempts need to exist. */
export async function connections(store: Store, ...names: string[]): Promise<void> {
  await store.services.insert(service('s1'))
  for (const id of names) await store.connections.insert(connection(id))
}

export function ids(records: readonly { id: string }[]): string[] {
  return records.map(({ id }) => id)
}

/** What a store says of a new file. */
export const everyMigration = Object.keys(migrations({ binary: sql``, key: sql``, sequence: sql`` })).map(
  (name) => `storage: migration ${name} done`,
)

/** What these writes told other processes to drop, in order. */
export async function changesOf(store: Store, work: () => Promise<unknown>): Promise<string[]> {
  const before = await store.changes.latest()
  await work()
  const rows = (await store.changes.since(before, 100)) ?? []
  return rows.map(({ kind, objectId }) => `${kind} ${objectId}`)
}
