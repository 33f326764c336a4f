/**
 * What the domain asks of storage. Engines implement it in `storage/`; the contract suite there holds every engine to
 * the words below. Records are plain data; sealed fields are opaque bytes; times are milliseconds since the epoch.
 *
 * Every write that a cached call depends on (a service, a connection, an authorization, an API key, a user, a session) also appends a row
 * to `changes` in the same transaction, so that other processes learn what to drop.
 */
import type { Placeholder, Probe, Role, Scope, ScopeDelimiter, UserRole } from '@mooring/contract'

export interface WorkspaceRecord {
  id: string
  name: string
  createdAt: number
}

/** A workspace's data key, wrapped by a root key. */
export interface DataKeyRecord {
  id: string
  workspaceId: string
  rootKeyId: string
  wrapped: Uint8Array
  createdAt: number
}

/**
 * Every column that holds sealed values. Beside each stands `<field>_key`, the data key of what is in it: by it the
 * database itself keeps a data key for as long as anything is sealed with it. A test holds this list to the schema.
 */
export const sealedPlaces = [
  { table: 'services', field: 'secrets' },
  { table: 'authorizations', field: 'credential' },
  { table: 'attempts', field: 'kept' },
  { table: 'attempts', field: 'held_grant' },
  { table: 'idempotency', field: 'body' },
] as const
export type SealedPlace = (typeof sealedPlaces)[number]

/**
 * The id of the data key that a value is sealed with, read from in front of it; undefined where that cannot be read.
 * The whole format is told in `vault/vault.ts`.
 */
export function dataKeyOf(sealed: Uint8Array): string | undefined {
  const [format, length = 0] = sealed
  if (format !== 1 || length === 0 || sealed.length < 2 + length) return undefined
  return Buffer.from(sealed.buffer, sealed.byteOffset + 2, length).toString('utf8')
}

/** One sealed value where it lies. */
export interface SealedValue {
  workspaceId: string
  row: string
  bytes: Uint8Array
}

/** How many values lie at a place under one data key; null: the key is not noted. */
export interface SealedCount {
  place: SealedPlace
  keyId: string | null
  count: number
}

/** A value that does not open: where it is, never what. */
export interface JobFailure {
  table: SealedPlace['table']
  field: SealedPlace['field']
  row: string
  /** Link names of what it belongs to, where that is known. */
  service: string | null
  connection: string | null
  detail: string
}

/** Where a job goes on. */
export interface JobCursor {
  keyId: string | null
  place: SealedPlace
  after: string
}

/** Work on the whole installation that outlives a process. */
export interface JobRecord {
  id: string
  kind: 'key_rotation' | 'key_verification'
  state: 'running' | 'paused' | 'done' | 'failed'
  done: number
  total: number
  /** How many values do not open; `failures` names the first of them. */
  failed: number
  failures: JobFailure[]
  cursor: JobCursor | null
  /** What became of it, or why it stopped; '' while there is nothing to say. */
  detail: string
  /** As events name who began it. */
  startedBy: string
  /** The process that works on it. */
  leaseOwner: string | null
  leaseUntil: number | null
  createdAt: number
  updatedAt: number
  finishedAt: number | null
}

/** What the holder of a job's lease notes. */
export type JobProgress = Partial<Pick<JobRecord, 'done' | 'total' | 'failed' | 'failures' | 'cursor'>>

/** The part of a service that is stored as one document. Secret fields of `auth` are absent here. */
export interface ServiceDocument {
  auth: { type: string; [field: string]: unknown } | null
  scopes: Scope[]
  scopeDelimiter: ScopeDelimiter
  hosts: string[]
  anyHost: boolean
  baseUrl: string | null
  probe: Probe | null
  headers: Record<string, string>
  placeholders: Placeholder[]
}

export interface ServiceRecord {
  id: string
  workspaceId: string
  linkName: string
  name: string
  description: string
  stage: 'draft' | 'ready'
  origin: 'custom' | 'catalogue'
  catalogueId: string | null
  callbackId: string
  document: ServiceDocument
  /** The secret fields of `auth`, as one sealed JSON object; null where there are none. */
  secrets: Uint8Array | null
  logoType: 'image/png' | 'image/jpeg' | null
  /** Starts at 1; every update adds 1. */
  version: number
  createdAt: number
  updatedAt: number
  readyAt: number | null
}

export interface ConnectionRecord {
  id: string
  workspaceId: string
  serviceId: string
  linkName: string
  name: string
  authorizationLevel: 'shared' | 'per_user'
  /** What its authorizations add up to; `enabled: false` shows as disabled whatever this says. */
  status: 'created' | 'active' | 'reauthorization_required' | 'revoked'
  scopes: string[]
  parameters: Record<string, string>
  enabled: boolean
  version: number
  createdAt: number
  updatedAt: number
}

export interface StoredError {
  at: number
  code: string
  detail: string
  hint: string | null
}

/**
 * The fence, which no lease has, of whatever became of an authorization after the backup that it was restored from: as far as
 * is known here, a renewal may be under way since then.
 */
export const restoredFence = 0

/** S-22: written before the provider is called, cleared by the write that stores the answer. */
export interface InFlight {
  /** The fencing number of the lease it was written under. */
  fence: number
  startedAt: number
}

export interface AuthorizationRecord {
  id: string
  workspaceId: string
  connectionId: string
  /** '' for the shared authorization. */
  user: string
  status: 'active' | 'reauthorization_required' | 'revoked'
  /** The sealed credential; null once revoked and wiped. */
  credential: Uint8Array | null
  /** What was asked for (S-13). */
  requestedScopes: string[]
  /** What the provider said it granted; null where it did not say. */
  grantedScopes: string[] | null
  account: string | null
  /** Values for placeholders that the provider told. */
  learned: Record<string, string>
  refreshable: boolean
  expiresAt: number | null
  /** When the next renewal is planned; null where none is. */
  refreshAt: number | null
  /** Renewed ahead of time while now is before this: last use (or authorizing) plus a day. */
  eagerUntil: number
  /** Failed renewals in a row. */
  failures: number
  authorizedAt: number
  lastRefreshedAt: number | null
  lastUsedAt: number | null
  /** When the provider or the API last accepted the credential; null where it never was put to the test. */
  verifiedAt: number | null
  lastError: StoredError | null
  /** The holder of the lease, null where it is free. */
  leaseOwner: string | null
  leaseUntil: number | null
  /** Counts up with every lease taken and every revocation; a late writer's number no longer fits. */
  fence: number
  inFlight: InFlight | null
  version: number
  createdAt: number
  updatedAt: number
}

export interface AttemptStep {
  at: number
  step: string
  ok: boolean
  detail: string
}

export interface AttemptRecord {
  id: string
  workspaceId: string
  serviceId: string
  connectionId: string
  user: string
  state: 'waiting' | 'succeeded' | 'failed' | 'expired'
  steps: AttemptStep[]
  diagnosis: { code: string; title: string; detail: string; hint: string | null } | null
  /** SHA-256 of the token in the connect page's address; null for attempts without a page. */
  tokenHash: string | null
  /** SHA-256 of what the callback brings to find the attempt; null until the person leaves for the provider. */
  correlationHash: string | null
  /** SHA-256 of the cookie of the browser that started; null until then. */
  bindingHash: string | null
  /** Sealed: what the scheme keeps for the callback. */
  kept: Uint8Array | null
  scopes: string[]
  returnTo: string | null
  /** As events name who began it. */
  actor: string | null
  /** Who began it, by id: `user:usr_…`, `api_key:key_…`, `connect_session:cns_…`. */
  begunBy: string | null
  /** What whoever signed in is asked before the attempt goes on (S-16). */
  question: { code: 'different_account'; before: string; now: string } | null
  /** Sealed: the grant that waits for the answer. */
  heldGrant: Uint8Array | null
  /** The connect session it was begun from. */
  connectSessionId: string | null
  /** When the provider is asked next whether the person has agreed on another device; null where it is not asked. */
  pollAt: number | null
  version: number
  createdAt: number
  expiresAt: number
}

/** A page on which an end user authorizes (S-8). */
export interface ConnectSessionRecord {
  id: string
  workspaceId: string
  /** SHA-256 of the token in the page's address. */
  tokenHash: string
  /** SHA-256 of the cookie of the browser that uses it; null until one does. */
  bindingHash: string | null
  user: string
  userName: string | null
  userEmail: string | null
  /** Ids of the connections it offers. */
  connections: string[]
  returnTo: string | null
  /** As events name who made it. */
  madeBy: string
  expiresAt: number
  createdAt: number
}

/** One thing that happened. Calls have type `connection.invoked` and are left out of the workspace's events. */
export interface EventRecord {
  /** Given by the store, rising. 0 on the way in. */
  sequence: number
  workspaceId: string
  type: string
  at: number
  ok: boolean
  serviceId: string | null
  connectionId: string | null
  actor: string | null
  user: string | null
  /** Why a state changed (S-27). */
  cause: string | null
  detail: string
  /** Facts of a call: method, host, path (no query), status, ms, count. Of what is no call, how many it stands for. */
  call: CallFacts | Pick<CallFacts, 'count'> | null
}

/** What an event happened to, by name; null where that is gone, or there was none. */
export interface PlacedEvent extends EventRecord {
  connection: { linkName: string; name: string } | null
  service: { linkName: string; name: string } | null
}

/** Ids of connections and services are of the workspace that is asked about. Times: from `from`, before `to`. */
export interface EventFilter {
  connectionId?: string | undefined
  serviceId?: string | undefined
  types?: readonly string[] | undefined
  ok?: boolean | undefined
  actor?: string | undefined
  from?: number | undefined
  to?: number | undefined
}

export interface CallFacts {
  method: string
  host: string
  path: string
  status: number
  ms: number
  count: number
}

/** Calls through a connection by one caller on one day. */
export interface CallCount {
  connectionId: string
  /** `api_key:<id>`, `user:<id>`. */
  actor: string
  /** The caller's name when it called last. */
  name: string
  /** The day's first millisecond, UTC. */
  day: number
  calls: number
  failed: number
  lastUsedAt: number
}

/** The `previous` of a workspace's first entry of the audit log. */
export const auditGenesis = '0'.repeat(64)

/** One act (S-53). Hashes are SHA-256 in hex. */
export interface AuditRecord {
  workspaceId: string
  /** Counts up from 1 in its workspace, without gaps. */
  sequence: number
  at: number
  actor: string
  actorName: string
  action: string
  object: string | null
  address: string | null
  outcome: 'done' | 'refused' | 'failed'
  detail: string
  /** The hash of the entry before. */
  previous: string
  hash: string
}

export interface AuditFilter {
  actor?: string | undefined
  action?: string | undefined
  object?: string | undefined
}

export interface ApiKeyRecord {
  id: string
  workspaceId: string
  name: string
  role: Role
  prefix: string
  /** SHA-256 of the key, hex. */
  hash: string
  /** Link names; null for all. */
  connections: string[] | null
  /** As events name who made it; null for the installation's own. */
  createdBy: string | null
  /** The key that it was rolled into. */
  replacedBy: string | null
  expiresAt: number | null
  lastUsedAt: number | null
  createdAt: number
}

export interface UserRecord {
  id: string
  workspaceId: string
  name: string
  /** As it was written; unique in the workspace whatever its case. */
  email: string
  role: UserRole
  active: boolean
  /** Argon2id with its parameters; null for somebody who only ever came through the identity provider. */
  passwordHash: string | null
  /** Issuer and subject at the identity provider, once they came from there. */
  identity: string | null
  lastSeenAt: number | null
  version: number
  createdAt: number
}

/** One browser that somebody is signed in with. */
export interface SessionRecord {
  id: string
  workspaceId: string
  userId: string
  /** SHA-256 of the token in the cookie, hex. */
  tokenHash: string
  userAgent: string
  address: string
  lastSeenAt: number
  /** The end, however much it is used. */
  expiresAt: number
  createdAt: number
}

/** A link that works once: for the first owner, for whoever is invited, for a new password. */
export interface OneTimeLinkRecord {
  id: string
  workspaceId: string
  kind: 'setup' | 'invitation' | 'password'
  /** SHA-256 of the token in the link, hex. */
  tokenHash: string
  /** Whose password. */
  userId: string | null
  /** Of whoever is invited, where it was said. */
  email: string | null
  name: string | null
  role: UserRole | null
  /** The name of whoever made it. */
  madeBy: string | null
  expiresAt: number
  createdAt: number
}

/** How often signing in was tried since it last worked, for one account or address. */
export interface SignInTriesRecord {
  /** A hash of the account or the address. */
  id: string
  failures: number
  /** The newest. */
  at: number
}

/** A provider's host at which renewals fail. */
export interface GateRecord {
  /** Scheme, host and port. */
  id: string
  /** In a row, over all connections. */
  failures: number
  /** Nothing is renewed there until then, and after it one at a time until one succeeds; null while there are few failures. */
  shutUntil: number | null
  /** Somebody is trying it out, and has until then. */
  probeUntil: number | null
  /** Error code of the newest failure. */
  lastError: string
  version: number
  updatedAt: number
}

export interface IdempotencyRecord {
  /** Hash of workspace, caller and Idempotency-Key. */
  id: string
  workspaceId: string
  /** Hash of method, path and body. */
  requestHash: string
  /** 0 while the first request is under way. */
  status: number
  /** The sealed reply body. */
  body: Uint8Array | null
  createdAt: number
}

export interface ChangeRecord {
  sequence: number
  kind: 'service' | 'connection' | 'api_key' | 'user' | 'session' | 'data_key'
  /** For an authorization, its connection's id; for all sessions of a user, the user's; for a data key, its workspace's. */
  objectId: string
}

export interface PageRequest {
  limit: number
  /** Where the last page ended, as the store gave it. */
  cursor?: string | undefined
}

export interface PageOf<T> {
  items: T[]
  nextCursor: string | null
}

/** The database cannot be reached, or cannot take more at the moment: nothing is wrong with what was asked. */
export class StoreAwayError extends Error {
  override readonly name: string = 'StoreAwayError'
}

/** A unique name is taken. The only error the store throws that is not a fault. */
export class TakenError extends Error {
  override readonly name = 'TakenError'
  readonly what: 'link_name' | 'callback_id' | 'email' | 'job' | 'id'
  constructor(what: TakenError['what'], options?: ErrorOptions) {
    super(`taken: ${what}`, options)
    this.what = what
  }
}

/** The outcome of a renewal, written under the fence of the lease it was made with. */
export interface Settlement {
  status: AuthorizationRecord['status']
  /** undefined leaves the stored one. */
  credential?: Uint8Array | undefined
  grantedScopes?: string[] | null | undefined
  account?: string | null | undefined
  learned?: Record<string, string> | undefined
  refreshable?: boolean | undefined
  expiresAt?: number | null | undefined
  refreshAt: number | null
  failures: number
  lastRefreshedAt?: number | undefined
  verifiedAt?: number | undefined
  lastError: StoredError | null
}

export interface Store {
  readonly engine: 'sqlite' | 'postgres'

  /**
   * Runs the work in one transaction, as if nothing else ran meanwhile, durable when this resolves; an error undoes it all
   * and is thrown on. Use only the store handed in. Never wait for the network inside. The work may be run more than
   * once, each time on what the others have left: it must change nothing but the store.
   */
  transaction<T>(work: (store: Store) => Promise<T>): Promise<T>
  /** Resolves when the engine answers. */
  ping(): Promise<void>
  close(): Promise<void>

  workspaces: {
    /** Oldest first. */
    list(): Promise<WorkspaceRecord[]>
    insert(record: WorkspaceRecord): Promise<void>
  }

  dataKeys: {
    /** Oldest first; the newest of a workspace is the one that seals. */
    list(): Promise<DataKeyRecord[]>
    /** With a change row, so that every process seals with it from then on. */
    insert(record: DataKeyRecord): Promise<void>
    /** Stores the same key as another root key wraps it, where `from` still is the one that does. */
    rewrap(record: DataKeyRecord, from: string): Promise<boolean>
    /** Deletes a key that nothing is sealed with; false where something is. */
    deleteUnused(id: string): Promise<boolean>
  }

  /** Sealed values wherever they lie. Nothing here opens one. */
  sealed: {
    /** Of one place under one data key (null: values whose key is not noted), by their rows, from behind `after`. */
    under(place: SealedPlace, keyId: string | null, after: string, limit: number): Promise<SealedValue[]>
    /**
     * Puts `to` where exactly `from` lies; false where something else does by now. Neither a new version nor a change
     * row: what it means stays the same, so that nothing cached and nothing read is out of date.
     */
    replace(place: SealedPlace, from: SealedValue, to: Uint8Array): Promise<boolean>
    count(): Promise<SealedCount[]>
  }

  jobs: {
    /** Throws TakenError('job') where another of its kind is running or paused. */
    insert(record: JobRecord): Promise<void>
    find(id: string): Promise<JobRecord | undefined>
    /** Newest first. */
    list(page: PageRequest): Promise<PageOf<JobRecord>>
    newest(kind: JobRecord['kind']): Promise<JobRecord | undefined>
    /** Running or paused. */
    active(kind: JobRecord['kind']): Promise<JobRecord | undefined>
    /** Those to work on, oldest first, whoever does. */
    running(): Promise<JobRecord[]>
    /** Takes a running job where nobody has it or the lease ran out (`leaseUntil < now`). */
    lease(id: string, take: { owner: string; now: number; until: number }): Promise<JobRecord | undefined>
    /** Frees a lease: true where `owner` still held it. */
    breakLease(id: string, owner: string): Promise<boolean>
    /** Notes progress and holds the lease until `until`, where `owner` has it and the job is running. */
    progress(id: string, owner: string, made: JobProgress, at: { now: number; until: number }): Promise<boolean>
    /** Ends it, where `owner` has the lease and the job is running. */
    finish(
      id: string,
      owner: string,
      end: JobProgress & { state: 'done' | 'failed'; detail: string },
      now: number,
    ): Promise<boolean>
    /** running → paused; the record as it is after, undefined where it is not running. */
    pause(id: string, now: number): Promise<JobRecord | undefined>
    /** paused or failed → running, from its beginning where it failed. Throws TakenError('job'). */
    resume(id: string, now: number): Promise<JobRecord | undefined>
  }

  /** Small facts of the installation itself ("sandbox registered"). */
  facts: {
    get(name: string): Promise<string | undefined>
    /** True where this call set it; false where it was set already. */
    setOnce(name: string, value: string): Promise<boolean>
  }

  services: {
    /** Throws TakenError: link_name, callback_id. */
    insert(record: ServiceRecord): Promise<void>
    /** Writes all fields where the stored version is `record.version - 1`; false where it is not. Throws TakenError. */
    update(record: ServiceRecord): Promise<boolean>
    /** `handle`: link name or id. */
    find(workspaceId: string, handle: string): Promise<ServiceRecord | undefined>
    findByCallbackId(callbackId: string): Promise<ServiceRecord | undefined>
    /** Newest first; `query` is looked for in name and link name, case-insensitively. */
    list(
      workspaceId: string,
      filter: { query?: string | undefined; stage?: string | undefined },
      page: PageRequest,
    ): Promise<PageOf<ServiceRecord>>
    /** Link names equal to `name` or starting with it. */
    linkNames(workspaceId: string, name: string): Promise<string[]>
    delete(workspaceId: string, id: string): Promise<boolean>
    count(workspaceId: string): Promise<number>
    logo(workspaceId: string, id: string): Promise<{ type: string; bytes: Uint8Array } | undefined>
    setLogo(
      workspaceId: string,
      id: string,
      logo: { type: 'image/png' | 'image/jpeg'; bytes: Uint8Array },
      now: number,
    ): Promise<void>
  }

  connections: {
    /** Throws TakenError: link_name. */
    insert(record: ConnectionRecord): Promise<void>
    /** As services.update. */
    update(record: ConnectionRecord): Promise<boolean>
    find(workspaceId: string, handle: string): Promise<ConnectionRecord | undefined>
    /** Newest first. `status` may be `disabled`. */
    list(
      workspaceId: string,
      filter: {
        query?: string | undefined
        serviceId?: string | undefined
        status?: string | undefined
        /** Only these link names, at most 1000. */
        linkNames?: readonly string[] | undefined
      },
      page: PageRequest,
    ): Promise<PageOf<ConnectionRecord>>
    linkNames(workspaceId: string, name: string): Promise<string[]>
    ofService(serviceId: string, limit: number): Promise<ConnectionRecord[]>
    /** How many connections each of these services has; one with none may be absent. */
    countByService(serviceIds: string[]): Promise<Map<string, number>>
    /** Also deletes its authorizations and attempts; events stay. */
    delete(workspaceId: string, id: string): Promise<boolean>
    count(workspaceId: string): Promise<number>
  }

  authorizations: {
    find(connectionId: string, user: string): Promise<AuthorizationRecord | undefined>
    findById(id: string): Promise<AuthorizationRecord | undefined>
    /** Newest first. */
    list(connectionId: string, page: PageRequest): Promise<PageOf<AuthorizationRecord>>
    /** All of a connection's, at most `limit`. */
    ofConnection(connectionId: string, limit: number): Promise<AuthorizationRecord[]>
    /** The shared authorizations of these connections. */
    sharedOf(connectionIds: string[]): Promise<AuthorizationRecord[]>
    /** Throws TakenError('id') where the connection and user have one already. */
    insert(record: AuthorizationRecord): Promise<void>
    /** Writes all fields where the stored version is `record.version - 1`. Whoever replaces a grant adds 1 to `fence`. */
    update(record: AuthorizationRecord): Promise<boolean>
    /**
     * Takes the lease where it is free, adds 1 to `fence` and records the renewal in flight, in one durable write (S-20,
     * S-22). Returns the record as it is after, and the in-flight record that was there before; undefined where the lease
     * is held or the status is not active. `until` is written for whoever reads it; no clock ends a lease.
     */
    lease(
      id: string,
      take: { owner: string; now: number; until: number },
    ): Promise<{ record: AuthorizationRecord; abandoned: InFlight | null } | undefined>
    /** Frees a lease that is known to be over, of this owner and fence: true where it was there. */
    breakLease(id: string, owner: string, fence: number): Promise<boolean>
    /** Ends a renewal: writes the outcome, frees the lease and clears the in-flight record, where `fence` still fits. */
    settle(id: string, fence: number, outcome: Settlement, now: number): Promise<boolean>
    /** Active, planned (`refreshAt <= now`), in use (`eagerUntil > now`), lease free; the longest due first. */
    due(now: number, limit: number): Promise<AuthorizationRecord[]>
    /** The leases on what is due and not free, the longest due first. */
    leasedDue(now: number, limit: number): Promise<Pick<AuthorizationRecord, 'id' | 'leaseOwner' | 'fence'>[]>
    /**
     * `lease` for up to `limit` of what is due at `take.now`, but for the ids in `except`. What another takes at this
     * moment is passed over.
     */
    leaseDue(
      take: { owner: string; now: number; until: number },
      limit: number,
      except: readonly string[],
    ): Promise<{ record: AuthorizationRecord; abandoned: InFlight | null }[]>
    /** The planned moment of the next renewal in use, to know how long to sleep. */
    nextDueAt(now: number): Promise<number | undefined>
    /** Notes uses: lastUsedAt, eagerUntil and, where it is given, verifiedAt. No change row, no new version. */
    touch(uses: { id: string; usedAt: number; eagerUntil: number; verifiedAt?: number | undefined }[]): Promise<void>
    /** Notes that the credential was accepted, without a use. No change row, no new version. */
    verified(id: string, at: number): Promise<void>
    /** Revoked, but the credential still there: a revocation that was cut short. */
    unfinishedRevocations(limit: number): Promise<AuthorizationRecord[]>
  }

  attempts: {
    insert(record: AttemptRecord): Promise<void>
    /** As services.update. */
    update(record: AttemptRecord): Promise<boolean>
    find(connectionId: string, id: string): Promise<AttemptRecord | undefined>
    findByToken(tokenHash: string): Promise<AttemptRecord | undefined>
    /** Whatever their service; one at the most, unless providers chose the same request token. */
    findByCorrelation(correlationHash: string): Promise<AttemptRecord[]>
    /** Newest first. */
    list(connectionId: string, page: PageRequest): Promise<PageOf<AttemptRecord>>
    /** Waiting ones that the provider is to be asked about by `now`, whose time is not over; the longest due first. */
    due(now: number, limit: number): Promise<AttemptRecord[]>
    /** Marks waiting attempts past their time as expired and wipes what they kept and held; how many. */
    expire(now: number): Promise<number>
  }

  connectSessions: {
    insert(record: ConnectSessionRecord): Promise<void>
    findByToken(tokenHash: string): Promise<ConnectSessionRecord | undefined>
    find(workspaceId: string, id: string): Promise<ConnectSessionRecord | undefined>
    /** Binds it to a browser: true where it is bound to this one from now on, or was before. */
    bind(workspaceId: string, id: string, bindingHash: string): Promise<boolean>
    /** Deletes those that ended by `before`; how many. */
    prune(before: number): Promise<number>
  }

  events: {
    append(records: EventRecord[]): Promise<void>
    /** Newest first, calls included, with what each happened to. */
    newest(workspaceId: string, filter: EventFilter, page: PageRequest): Promise<PageOf<PlacedEvent>>
    /** Newest first, calls included. */
    ofConnection(connectionId: string, page: PageRequest): Promise<PageOf<EventRecord>>
    /** Oldest first, calls left out. */
    after(workspaceId: string, sequence: number, limit: number): Promise<EventRecord[]>
    /** Deletes calls older than `callsBefore` and the rest older than `restBefore`. */
    prune(callsBefore: number, restBefore: number): Promise<number>
  }

  callCounts: {
    /** Adds to what is there of the same connection, caller and day. */
    add(counts: CallCount[]): Promise<void>
    /** Of these days together, whoever called last first; `day` is the last one. */
    of(connectionId: string, fromDay: number): Promise<CallCount[]>
    prune(before: number): Promise<number>
  }

  /** Append-only: nothing changes or deletes an entry. */
  auditLog: {
    /**
     * Appends what `entry` makes of its place, one after the other over all processes, in one durable write with the
     * head; what is appended at the same time shares the write. `entry` must not wait. `events`: asked for right after it,
     * and written with it.
     */
    append(
      workspaceId: string,
      entry: (place: Pick<AuditRecord, 'sequence' | 'previous'>) => Omit<AuditRecord, 'workspaceId'>,
      events?: () => EventRecord[],
    ): Promise<AuditRecord>
    /** Of the newest entry; 0 and `auditGenesis` where there is none. */
    head(workspaceId: string): Promise<Pick<AuditRecord, 'sequence' | 'hash'>>
    /** Newest first; with `after`, oldest first from behind that sequence. */
    list(
      workspaceId: string,
      filter: AuditFilter & { after?: number | undefined },
      page: PageRequest,
    ): Promise<PageOf<AuditRecord>>
  }

  apiKeys: {
    insert(record: ApiKeyRecord): Promise<void>
    findByHash(hash: string): Promise<ApiKeyRecord | undefined>
    find(workspaceId: string, id: string): Promise<ApiKeyRecord | undefined>
    list(workspaceId: string, page: PageRequest): Promise<PageOf<ApiKeyRecord>>
    /** Notes the key that replaces it and the new end; false where another replaced it before. */
    replace(workspaceId: string, id: string, to: { by: string; expiresAt: number }): Promise<boolean>
    delete(workspaceId: string, id: string): Promise<boolean>
    touch(uses: { id: string; usedAt: number }[]): Promise<void>
    count(workspaceId: string): Promise<number>
  }

  users: {
    /** Throws TakenError: email. */
    insert(record: UserRecord): Promise<void>
    /** As services.update, but for `lastSeenAt`, which `sessions.touch` alone writes. Throws TakenError: email. */
    update(record: UserRecord): Promise<boolean>
    find(workspaceId: string, id: string): Promise<UserRecord | undefined>
    /** Whatever the case. */
    findByEmail(workspaceId: string, email: string): Promise<UserRecord | undefined>
    findByIdentity(workspaceId: string, identity: string): Promise<UserRecord | undefined>
    /** Newest first. */
    list(workspaceId: string, page: PageRequest): Promise<PageOf<UserRecord>>
    /** Also deletes their sessions and links. */
    delete(workspaceId: string, id: string): Promise<boolean>
    count(workspaceId: string): Promise<number>
    /** How many can sign in with this role. */
    countActive(workspaceId: string, role: UserRole): Promise<number>
  }

  sessions: {
    insert(record: SessionRecord): Promise<void>
    findByHash(tokenHash: string): Promise<SessionRecord | undefined>
    /** Newest first, at most `limit`. */
    ofUser(workspaceId: string, userId: string, limit: number): Promise<SessionRecord[]>
    delete(workspaceId: string, userId: string, id: string): Promise<boolean>
    /** Ends all of a user's but this one. */
    deleteOthers(workspaceId: string, userId: string, but: string | null): Promise<void>
    /** Notes uses, of the sessions and their users. No change row. */
    touch(uses: { id: string; userId: string; usedAt: number }[]): Promise<void>
    /** Deletes those that ended by `now` and those not used since `idleSince`; how many. */
    prune(idleSince: number, now: number): Promise<number>
  }

  oneTimeLinks: {
    insert(record: OneTimeLinkRecord): Promise<void>
    findByHash(tokenHash: string): Promise<OneTimeLinkRecord | undefined>
    find(workspaceId: string, id: string): Promise<OneTimeLinkRecord | undefined>
    /** Invitations that end after `now`, newest first. */
    invitations(workspaceId: string, now: number, page: PageRequest): Promise<PageOf<OneTimeLinkRecord>>
    /** The newest of these, whatever the case of the address. */
    invitationFor(workspaceId: string, email: string, now: number): Promise<OneTimeLinkRecord | undefined>
    /** True for the one call that took it: a link works once. */
    take(workspaceId: string, id: string): Promise<boolean>
    /** Deletes all of this kind, of this user where one is named. */
    deleteAll(workspaceId: string, kind: OneTimeLinkRecord['kind'], userId: string | null): Promise<void>
    prune(now: number): Promise<number>
  }

  signInTries: {
    find(id: string): Promise<SignInTriesRecord | undefined>
    /** Writes where `failures` still is `expected` (null: there is no record); false where it is not. */
    put(record: SignInTriesRecord, expected: number | null): Promise<boolean>
    delete(id: string): Promise<void>
    prune(before: number): Promise<number>
  }

  providerGates: {
    /** The ones that changed last, first. */
    list(limit: number): Promise<GateRecord[]>
    find(id: string): Promise<GateRecord | undefined>
    /** Writes where the stored version is `expected` (null: there is no record); false where it is not. */
    put(record: GateRecord, expected: number | null): Promise<boolean>
    delete(id: string): Promise<boolean>
    prune(before: number): Promise<number>
  }

  idempotency: {
    /** Claims the id: undefined where this call did, else the record that has it. */
    claim(record: IdempotencyRecord): Promise<IdempotencyRecord | undefined>
    finish(id: string, status: number, body: Uint8Array | null): Promise<void>
    /** Frees a claim whose request failed, so that it can be made again. */
    release(id: string): Promise<void>
    prune(before: number): Promise<number>
  }

  changes: {
    /** The newest sequence, 0 where there is none. */
    latest(): Promise<number>
    /**
     * In order; `undefined` where rows after `sequence` were pruned, or where the newest comes before it (an older copy of
     * the data), so that everything cached must go.
     */
    since(sequence: number, limit: number): Promise<ChangeRecord[] | undefined>
    /**
     * Calls `wake` soon after another process has changed something, as far as the engine tells. It may miss some: look
     * from time to time as well. Returns what ends it.
     */
    watch(wake: () => void): () => void
    /** Keeps the newest `keep` rows. */
    prune(keep: number): Promise<void>
  }
}
