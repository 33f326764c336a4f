/** The client: everything the API does, by name. */
import type {
  ApiKey,
  ApiKeyInput,
  ConnectSession,
  ConnectSessionInput,
  CreatedApiKey,
  System,
  Whoami,
  WorkspaceActivity,
} from '@mooring/contract'
import { type Audit, createAudit } from './audit.ts'
import { type Connections, createConnections } from './connections.ts'
import { createEncryption, type EncryptionClient } from './encryption.ts'
import { createEvents, type Events } from './events.ts'
import { everyItem, type Page } from './pages.ts'
import {
  createInvitations,
  createSession,
  createUsers,
  type Invitations,
  type SessionClient,
  type Users,
} from './people.ts'
import { type Catalogue, createCatalogue, createServices, type ListAuthTypes, type Services } from './services.ts'
import { type CallOptions, type ClientOptions, createTransport, type CreateOptions, type Query } from './transport.ts'

export interface Keys {
  /** The only answer that holds the key itself. */
  create(key: ApiKeyInput, options?: CreateOptions): Promise<CreatedApiKey>
  /** A new key in place of this one, which works for `graceSeconds` more: a day unless it is said, 0 to 604800. */
  roll(id: string, options?: CreateOptions & { graceSeconds?: number }): Promise<CreatedApiKey>
  list(query?: Query<'listApiKeys'>, options?: CallOptions): Promise<Page<ApiKey>>
  all(query?: Query<'listApiKeys'>, options?: CallOptions): AsyncIterable<ApiKey>
  delete(id: string, options?: CallOptions): Promise<void>
}

export interface Client {
  services: Services
  catalogue: Catalogue
  connections: Connections
  connectSessions: {
    /** A page on which somebody without an account authorizes; the link is shown once. */
    create(session: ConnectSessionInput, options?: CreateOptions): Promise<ConnectSession>
  }
  keys: Keys
  session: SessionClient
  users: Users
  invitations: Invitations
  events: Events
  audit: Audit
  encryption: EncryptionClient
  /** What happened in the workspace, calls included, newest first; one page. */
  activity(query?: Query<'listWorkspaceActivity'>, options?: CallOptions): Promise<Page<WorkspaceActivity>>
  authTypes: ListAuthTypes
  whoami(options?: CallOptions): Promise<Whoami>
  system(options?: CallOptions): Promise<System>
}

/** Speaks to one server with one key. Throws a `TypeError` for a URL or key that cannot be one. */
export function createClient(options: ClientOptions = {}): Client {
  const transport = createTransport(options)
  const { call } = transport
  const listKeys: Keys['list'] = (query, given) => call('listApiKeys', {}, { ...given, query })
  return {
    services: createServices(transport),
    catalogue: createCatalogue(transport),
    connections: createConnections(transport),
    connectSessions: { create: (body, given) => call('createConnectSession', {}, { ...given, body }) },
    keys: {
      list: listKeys,
      all: (query, given) => everyItem((cursor) => listKeys({ ...query, cursor }, given), query?.cursor),
      create: (body, given) => call('createApiKey', {}, { ...given, body }),
      roll: (id, { graceSeconds, ...given } = {}) =>
        call('rollApiKey', { id }, { ...given, ...(graceSeconds === undefined ? {} : { body: { graceSeconds } }) }),
      delete: (id, given) => call('deleteApiKey', { id }, given),
    },
    session: createSession(transport),
    users: createUsers(transport),
    invitations: createInvitations(transport),
    events: createEvents(transport),
    audit: createAudit(transport),
    encryption: createEncryption(transport),
    activity: (query, given) => call('listWorkspaceActivity', {}, { ...given, query }),
    authTypes: (given) => call('listAuthTypes', {}, given),
    whoami: (given) => call('whoami', {}, given),
    system: (given) => call('getSystem', {}, given),
  }
}
