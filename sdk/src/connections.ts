/** Connections: authorized uses of a service. */
import type {
  Activity,
  Attempt,
  AttemptAnswer,
  Authorization,
  AuthorizeInput,
  AuthorizeReply,
  Connection,
  ConnectionFile,
  ConnectionPatch,
  CredentialParts,
  Invocation,
  RevokedConnection,
  RouteBodyInput,
  RouteReply,
  Routes,
  TestReply,
  Usage,
} from '@mooring/contract'
import { waitForAttempt, type WaitOptions } from './attempts.ts'
import { everyItem, type Page } from './pages.ts'
import { type ConnectionFetch, createConnectionFetch } from './proxy.ts'
import type { CallOptions, CreateOptions, Query, Transport } from './transport.ts'

/** Whose authorization is meant, on a per-user connection. */
interface UserOptions extends CallOptions {
  user?: string
}

/** Everything about connections. A connection is named by its link name. */
export interface Connections {
  /** Makes a connection, with its service where a whole one is given. It still has to be authorized. */
  create(connection: RouteBodyInput<Routes['createConnection']>, options?: CreateOptions): Promise<Connection>
  /** One page. */
  list(query?: Query<'listConnections'>, options?: CallOptions): Promise<Page<Connection>>
  /** Every connection, page after page. */
  all(query?: Query<'listConnections'>, options?: CallOptions): AsyncIterable<Connection>
  get(connection: string, options?: CallOptions): Promise<Connection>
  /** As a file: what it is for, nothing of what was granted. */
  export(connection: string, options?: CallOptions): Promise<ConnectionFile>
  update(connection: string, patch: ConnectionPatch, options?: CallOptions): Promise<Connection>
  /** Revokes, then deletes. */
  delete(connection: string, options?: CallOptions): Promise<void>
  /** What whoever authorizes is asked for, and whether they are sent to the provider. */
  prompt(connection: string, options?: CallOptions): Promise<RouteReply<Routes['promptConnection']>>
  /** Authorizes at once, or answers with the page to open and the attempt to wait for. */
  authorize(connection: string, input?: AuthorizeInput, options?: CallOptions): Promise<AuthorizeReply>
  /** Waits until an attempt has ended, well or not. */
  waitForAttempt(connection: string, attempt: string, options?: WaitOptions): Promise<Attempt>
  attempts(connection: string, query?: Query<'listAttempts'>, options?: CallOptions): Promise<Page<Attempt>>
  attempt(connection: string, attempt: string, options?: CallOptions): Promise<Attempt>
  /** Answers a waiting attempt's question: whether another account replaces the one before. */
  answerAttempt(connection: string, attempt: string, answer: AttemptAnswer, options?: CallOptions): Promise<Attempt>
  /** Ends a waiting attempt; what the provider still sends back is refused. */
  cancelAttempt(connection: string, attempt: string, options?: CallOptions): Promise<void>
  /** Gets a new token now. */
  refresh(connection: string, options?: UserOptions): Promise<Connection>
  /** Runs the service's probe. A refusal is an answer (`ok: false`), not an error. */
  test(connection: string, options?: UserOptions): Promise<TestReply>
  revoke(connection: string, options?: UserOptions): Promise<RevokedConnection>
  /** The parts of a request that carry the credential; secrets in clear. */
  credentials(connection: string, query?: Query<'getCredentials'>, options?: CallOptions): Promise<CredentialParts>
  /** One call of the API, its answer as data. */
  invoke(
    connection: string,
    call: RouteBodyInput<Routes['invokeConnection']>,
    options?: CallOptions,
  ): Promise<Invocation>
  /** One call of the API, just as `fetch` makes it. */
  fetch: ConnectionFetch
  authorizations(
    connection: string,
    query?: Query<'listAuthorizations'>,
    options?: CallOptions,
  ): Promise<Page<Authorization>>
  /** Who called through it in the last seven days. */
  usage(connection: string, options?: CallOptions): Promise<Usage>
  activity(connection: string, query?: Query<'listActivity'>, options?: CallOptions): Promise<Page<Activity>>
}

export function createConnections(transport: Transport): Connections {
  const { call } = transport
  const list: Connections['list'] = (query, options) => call('listConnections', {}, { ...options, query })
  const attempt: Connections['attempt'] = (connection, id, options) => call('getAttempt', { connection, id }, options)
  return {
    list,
    attempt,
    all: (query, options) => everyItem((cursor) => list({ ...query, cursor }, options), query?.cursor),
    create: (body, options) => call('createConnection', {}, { ...options, body }),
    get: (connection, options) => call('getConnection', { connection }, options),
    update: (connection, body, options) => call('updateConnection', { connection }, { ...options, body }),
    delete: (connection, options) => call('deleteConnection', { connection }, options),
    export: (connection, options) => call('exportConnection', { connection }, options),
    prompt: (connection, options) => call('promptConnection', { connection }, options),
    authorize: (connection, body, options) => call('authorizeConnection', { connection }, { ...options, body }),
    waitForAttempt: (connection, id, options) =>
      waitForAttempt((signal) => attempt(connection, id, signal === undefined ? {} : { signal }), options),
    answerAttempt: (connection, id, body, options) => call('answerAttempt', { connection, id }, { ...options, body }),
    cancelAttempt: (connection, id, options) => call('cancelAttempt', { connection, id }, options),
    attempts: (connection, query, options) => call('listAttempts', { connection }, { ...options, query }),
    refresh: (connection, { user, ...options } = {}) =>
      call('refreshConnection', { connection }, { ...options, query: { user } }),
    test: (connection, { user, ...options } = {}) =>
      call('testConnection', { connection }, { ...options, query: { user } }),
    revoke: (connection, { user, ...options } = {}) =>
      call('revokeConnection', { connection }, { ...options, body: user === undefined ? undefined : { user } }),
    credentials: (connection, query, options) => call('getCredentials', { connection }, { ...options, query }),
    invoke: (connection, body, options) => call('invokeConnection', { connection }, { ...options, body }),
    fetch: createConnectionFetch(transport),
    authorizations: (connection, query, options) => call('listAuthorizations', { connection }, { ...options, query }),
    usage: (connection, options) => call('getUsage', { connection }, options),
    activity: (connection, query, options) => call('listActivity', { connection }, { ...options, query }),
  }
}
