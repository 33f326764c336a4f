/**
 * Every JSON route of the API in one table. The server registers handlers by these names, validates with these schemas
 * and writes the OpenAPI document from them; the SDK is typed by them.
 */
import { z } from 'zod'
import { ApiKey, ApiKeyInput, CreatedApiKey, Event, RollInput, System, Whoami } from './access.ts'
import * as account from './account.ts'
import { AuditEntry, AuditVerification } from './audit.ts'
import { CatalogueEntry, CatalogueItem } from './catalogue.ts'
import * as connection from './connection.ts'
import { Encryption, Job } from './encryption.ts'
import { instant, userId } from './fields.ts'
import { ConnectionFile, ServiceFile } from './files.ts'
import { ImportInput, Imported } from './import.ts'
import { list, Page } from './problem.ts'
import * as service from './service.ts'

export interface Route {
  method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'
  /** OpenAPI form: `/v1/services/{service}`. */
  path: string
  summary: string
  query?: z.ZodObject
  body?: z.ZodType
  /** True where the body may be left out. */
  bodyOptional?: boolean
  /** True where the body carries data of the caller's and may be long; others are definitions and settings, which are short. */
  bodyLarge?: boolean
  status: number
  reply: z.ZodType | null
  /** True where the reply also comes as YAML, by Accept. */
  yaml?: boolean
  /** True where whoever calls need not be known: the sign-in and set-up routes. */
  open?: boolean
}

const flag = z.enum(['true', 'false'], { error: 'Use true or false.' }).transform((value) => value === 'true')
const search = z.string().max(200)

function route<const R extends Route>(definition: R): R {
  return definition
}

export const routes = {
  createService: route({
    method: 'POST',
    path: '/v1/services',
    summary: 'Define a service, or take one from the catalogue',
    body: z.union(service.newService),
    status: 201,
    reply: service.Service,
  }),
  listServices: route({
    method: 'GET',
    path: '/v1/services',
    summary: 'List services',
    query: Page.extend({ query: search.optional(), stage: service.Stage.optional() }),
    status: 200,
    reply: list(service.Service),
  }),
  getService: route({
    method: 'GET',
    path: '/v1/services/{service}',
    summary: 'Read a service',
    status: 200,
    reply: service.Service,
  }),
  updateService: route({
    method: 'PATCH',
    path: '/v1/services/{service}',
    summary: 'Change what the stage still allows',
    body: service.ServicePatch,
    status: 200,
    reply: service.Service,
  }),
  deleteService: route({
    method: 'DELETE',
    path: '/v1/services/{service}',
    summary: 'Delete a service',
    query: z.strictObject({ force: flag.optional() }),
    status: 204,
    reply: null,
  }),
  readyService: route({
    method: 'POST',
    path: '/v1/services/{service}/ready',
    summary: 'Mark as ready; one way',
    status: 200,
    reply: service.Service,
  }),
  cloneService: route({
    method: 'POST',
    path: '/v1/services/{service}/clone',
    summary: 'Copy as a draft',
    query: z.strictObject({ secrets: flag.optional() }),
    status: 201,
    reply: service.Service,
  }),
  replaceServiceSecrets: route({
    method: 'PUT',
    path: '/v1/services/{service}/secrets',
    summary: 'Replace secrets in any stage',
    body: service.ServiceSecrets,
    status: 200,
    reply: service.Service,
  }),
  rollServiceKeys: route({
    method: 'POST',
    path: '/v1/services/{service}/keys/roll',
    summary: 'Make a new key to sign with; the one before stays published for a day',
    status: 200,
    reply: service.ServiceKeys,
  }),
  addScope: route({
    method: 'POST',
    path: '/v1/services/{service}/scopes',
    summary: 'Add a scope',
    body: service.ScopeInput,
    status: 201,
    reply: service.Scope,
  }),
  listScopes: route({
    method: 'GET',
    path: '/v1/services/{service}/scopes',
    summary: 'List or search scopes',
    query: z.strictObject({ query: search.optional() }),
    status: 200,
    reply: z.object({ items: z.array(service.Scope) }),
  }),
  updateScope: route({
    method: 'PATCH',
    path: '/v1/services/{service}/scopes/{id}',
    summary: 'Change a scope',
    body: service.ScopePatch,
    status: 200,
    reply: service.Scope,
  }),
  deleteScope: route({
    method: 'DELETE',
    path: '/v1/services/{service}/scopes/{id}',
    summary: 'Delete a scope',
    status: 204,
    reply: null,
  }),
  deleteScopes: route({
    method: 'DELETE',
    path: '/v1/services/{service}/scopes',
    summary: 'Delete several scopes',
    body: service.ScopeIds,
    status: 204,
    reply: null,
  }),
  listAuthTypes: route({
    method: 'GET',
    path: '/v1/auth-types',
    summary: 'List authentication types with the fields each one takes',
    status: 200,
    reply: z.object({ items: z.array(service.AuthType) }),
  }),
  previewService: route({
    method: 'POST',
    path: '/v1/services/preview',
    summary: 'What a definition will send, what it lacks, what is known about its provider; nothing is stored',
    body: service.PreviewInput,
    status: 200,
    reply: service.Preview,
  }),
  exportService: route({
    method: 'GET',
    path: '/v1/services/{service}/export',
    summary: 'A service as a file, without secrets',
    status: 200,
    reply: ServiceFile,
    yaml: true,
  }),
  importServices: route({
    method: 'POST',
    path: '/v1/services/import',
    summary: 'Make drafts from a document, a command or a server; nothing is stored',
    body: ImportInput,
    bodyLarge: true,
    status: 200,
    reply: Imported,
  }),
  listCatalogue: route({
    method: 'GET',
    path: '/v1/catalogue',
    summary: 'Ready-made services',
    query: z.strictObject({
      query: search.optional(),
      category: search.optional(),
      authType: search.optional(),
      limit: Page.shape.limit.unwrap().optional(),
      cursor: search.optional(),
      summary: flag.optional(),
    }),
    status: 200,
    reply: list(CatalogueItem),
  }),
  listCatalogueCategories: route({
    method: 'GET',
    path: '/v1/catalogue/categories',
    summary: 'Categories of the ready-made services, with how many stand in each',
    status: 200,
    reply: z.object({ items: z.array(z.object({ name: z.string(), count: z.int() })) }),
  }),
  getCatalogueEntry: route({
    method: 'GET',
    path: '/v1/catalogue/{id}',
    summary: 'One ready-made service',
    status: 200,
    reply: CatalogueEntry,
  }),

  createConnection: route({
    method: 'POST',
    path: '/v1/connections',
    summary: 'Create a connection, with its service where one is given',
    body: connection.ConnectionInput,
    status: 201,
    reply: connection.Connection,
  }),
  listConnections: route({
    method: 'GET',
    path: '/v1/connections',
    summary: 'List connections',
    query: Page.extend({
      query: search.optional(),
      service: search.optional(),
      status: connection.ConnectionStatus.optional(),
    }),
    status: 200,
    reply: list(connection.Connection),
  }),
  getConnection: route({
    method: 'GET',
    path: '/v1/connections/{connection}',
    summary: 'Read a connection',
    status: 200,
    reply: connection.Connection,
  }),
  updateConnection: route({
    method: 'PATCH',
    path: '/v1/connections/{connection}',
    summary: 'Rename, change scopes and parameters, enable, disable',
    body: connection.ConnectionPatch,
    status: 200,
    reply: connection.Connection,
  }),
  deleteConnection: route({
    method: 'DELETE',
    path: '/v1/connections/{connection}',
    summary: 'Revoke and delete',
    status: 204,
    reply: null,
  }),
  exportConnection: route({
    method: 'GET',
    path: '/v1/connections/{connection}/export',
    summary: 'A connection as a file, without its credential',
    status: 200,
    reply: ConnectionFile,
    yaml: true,
  }),
  promptConnection: route({
    method: 'GET',
    path: '/v1/connections/{connection}/prompt',
    summary: 'What whoever authorizes is asked for',
    status: 200,
    reply: z.object({ redirects: z.boolean(), fields: z.array(service.PromptField) }),
  }),
  authorizeConnection: route({
    method: 'POST',
    path: '/v1/connections/{connection}/authorize',
    summary: 'Authorize',
    body: connection.AuthorizeInput,
    bodyOptional: true,
    status: 200,
    reply: connection.AuthorizeReply,
  }),
  refreshConnection: route({
    method: 'POST',
    path: '/v1/connections/{connection}/refresh',
    summary: 'Get a new token now',
    query: z.strictObject({ user: userId.optional() }),
    status: 200,
    reply: connection.Connection,
  }),
  testConnection: route({
    method: 'POST',
    path: '/v1/connections/{connection}/test',
    summary: "Run the service's probe",
    query: z.strictObject({ user: userId.optional() }),
    status: 200,
    reply: connection.TestReply,
  }),
  revokeConnection: route({
    method: 'POST',
    path: '/v1/connections/{connection}/revoke',
    summary: 'Revoke',
    body: z.strictObject({ user: userId.optional() }).meta({ id: 'RevokeInput' }),
    bodyOptional: true,
    status: 200,
    reply: connection.RevokedConnection,
  }),
  getCredentials: route({
    method: 'GET',
    path: '/v1/connections/{connection}/credentials',
    summary: 'The parts of a request that carry the credential',
    query: z.strictObject({
      user: userId.optional(),
      url: z.string().max(16_384).optional(),
      method: z.string().max(20).optional(),
    }),
    status: 200,
    reply: connection.CredentialParts,
  }),
  invokeConnection: route({
    method: 'POST',
    path: '/v1/connections/{connection}/invoke',
    summary: 'Call the API, reply as data',
    body: connection.InvokeInput,
    bodyLarge: true,
    status: 200,
    reply: connection.Invocation,
  }),
  listAuthorizations: route({
    method: 'GET',
    path: '/v1/connections/{connection}/authorizations',
    summary: 'Who has authorized',
    query: Page,
    status: 200,
    reply: list(connection.Authorization),
  }),
  listAttempts: route({
    method: 'GET',
    path: '/v1/connections/{connection}/attempts',
    summary: 'Attempts to authorize, newest first',
    query: Page,
    status: 200,
    reply: list(connection.Attempt),
  }),
  getAttempt: route({
    method: 'GET',
    path: '/v1/connections/{connection}/attempts/{id}',
    summary: 'One attempt',
    status: 200,
    reply: connection.Attempt,
  }),
  answerAttempt: route({
    method: 'POST',
    path: '/v1/connections/{connection}/attempts/{id}/answer',
    summary: "Answer an attempt's question",
    body: connection.AttemptAnswer,
    status: 200,
    reply: connection.Attempt,
  }),
  cancelAttempt: route({
    method: 'DELETE',
    path: '/v1/connections/{connection}/attempts/{id}',
    summary: 'Cancel a waiting attempt',
    status: 204,
    reply: null,
  }),
  getUsage: route({
    method: 'GET',
    path: '/v1/connections/{connection}/usage',
    summary: 'Who called through it in the last seven days',
    status: 200,
    reply: connection.Usage,
  }),
  createConnectSession: route({
    method: 'POST',
    path: '/v1/connect-sessions',
    summary: 'Make a page on which an end user authorizes',
    body: connection.ConnectSessionInput,
    status: 201,
    reply: connection.ConnectSession,
  }),
  listActivity: route({
    method: 'GET',
    path: '/v1/connections/{connection}/activity',
    summary: 'What happened, newest first',
    query: Page,
    status: 200,
    reply: list(connection.Activity),
  }),
  listWorkspaceActivity: route({
    method: 'GET',
    path: '/v1/activity',
    summary: 'What happened in the workspace, calls included, newest first',
    query: Page.extend({
      connection: search.optional(),
      service: search.optional(),
      /** The type, or the part before its dot: `connection.refreshed`, `connection`. */
      type: search.optional(),
      ok: flag.optional(),
      actor: search.optional(),
      from: instant.optional(),
      to: instant.optional(),
    }),
    status: 200,
    reply: list(connection.WorkspaceActivity),
  }),

  getSignInOptions: route({
    method: 'GET',
    path: '/v1/sign-in',
    summary: 'What the sign-in page offers',
    status: 200,
    reply: account.SignInOptions,
    open: true,
  }),
  setUp: route({
    method: 'POST',
    path: '/v1/setup',
    summary: 'Create the owner with the one-time link of the first start; signs in',
    body: account.SetupInput,
    status: 201,
    reply: account.Session,
    open: true,
  }),
  signIn: route({
    method: 'POST',
    path: '/v1/session',
    summary: 'Sign in',
    body: account.SignInInput,
    status: 201,
    reply: account.Session,
    open: true,
  }),
  getSession: route({
    method: 'GET',
    path: '/v1/session',
    summary: 'Who is signed in, and the CSRF token',
    status: 200,
    reply: account.Session,
  }),
  signOut: route({ method: 'DELETE', path: '/v1/session', summary: 'Sign out', status: 204, reply: null }),
  updateProfile: route({
    method: 'PATCH',
    path: '/v1/session/user',
    summary: 'Change your own name, address or password; other sessions end with a new password',
    body: account.ProfilePatch,
    status: 200,
    reply: account.User,
  }),
  listSessions: route({
    method: 'GET',
    path: '/v1/sessions',
    summary: 'Where you are signed in',
    status: 200,
    reply: z.object({ items: z.array(account.SignedIn) }),
  }),
  deleteSession: route({
    method: 'DELETE',
    path: '/v1/sessions/{id}',
    summary: 'Sign one of your browsers out',
    status: 204,
    reply: null,
  }),
  listUsers: route({
    method: 'GET',
    path: '/v1/users',
    summary: 'List people',
    query: Page,
    status: 200,
    reply: list(account.User),
  }),
  updateUser: route({
    method: 'PATCH',
    path: '/v1/users/{id}',
    summary: 'Change a role, deactivate, reactivate',
    body: account.UserPatch,
    status: 200,
    reply: account.User,
  }),
  deleteUser: route({ method: 'DELETE', path: '/v1/users/{id}', summary: 'Remove a person', status: 204, reply: null }),
  createPasswordLink: route({
    method: 'POST',
    path: '/v1/users/{id}/password-link',
    summary: 'Make a one-time link with which somebody chooses a new password',
    status: 201,
    reply: account.PasswordLink,
  }),
  resetPassword: route({
    method: 'POST',
    path: '/v1/password-reset',
    summary: 'Choose a new password with a one-time link; signs in',
    body: account.PasswordResetInput,
    status: 201,
    reply: account.Session,
    open: true,
  }),
  createInvitation: route({
    method: 'POST',
    path: '/v1/invitations',
    summary: 'Invite somebody; the link is shown once',
    body: account.InvitationInput,
    status: 201,
    reply: account.CreatedInvitation,
  }),
  listInvitations: route({
    method: 'GET',
    path: '/v1/invitations',
    summary: 'Open invitations',
    query: Page,
    status: 200,
    reply: list(account.Invitation),
  }),
  deleteInvitation: route({
    method: 'DELETE',
    path: '/v1/invitations/{id}',
    summary: 'Withdraw an invitation',
    status: 204,
    reply: null,
  }),
  viewInvitation: route({
    method: 'POST',
    path: '/v1/invitations/view',
    summary: 'What an invitation is for',
    body: account.TokenInput,
    status: 200,
    reply: account.InvitationView,
    open: true,
  }),
  acceptInvitation: route({
    method: 'POST',
    path: '/v1/invitations/accept',
    summary: 'Accept an invitation; signs in',
    body: account.SetupInput,
    status: 201,
    reply: account.Session,
    open: true,
  }),
  listAuditLog: route({
    method: 'GET',
    path: '/v1/audit-log',
    summary: 'Who did what, oldest first after an entry, newest first without',
    query: Page.extend({
      after: z.string().max(100).optional(),
      actor: search.optional(),
      action: search.optional(),
      object: search.optional(),
    }),
    status: 200,
    reply: list(AuditEntry),
  }),
  verifyAuditLog: route({
    method: 'GET',
    path: '/v1/audit-log/verify',
    summary: 'Check that every entry fits the one before',
    status: 200,
    reply: AuditVerification,
  }),

  createApiKey: route({
    method: 'POST',
    path: '/v1/api-keys',
    summary: 'Create an API key; shown once',
    body: ApiKeyInput,
    status: 201,
    reply: CreatedApiKey,
  }),
  listApiKeys: route({
    method: 'GET',
    path: '/v1/api-keys',
    summary: 'List API keys',
    query: Page,
    status: 200,
    reply: list(ApiKey),
  }),
  deleteApiKey: route({
    method: 'DELETE',
    path: '/v1/api-keys/{id}',
    summary: 'Delete an API key',
    status: 204,
    reply: null,
  }),
  rollApiKey: route({
    method: 'POST',
    path: '/v1/api-keys/{id}/roll',
    summary: 'Replace an API key; the old one lives on for a grace period',
    body: RollInput,
    bodyOptional: true,
    status: 201,
    reply: CreatedApiKey,
  }),
  whoami: route({ method: 'GET', path: '/v1/whoami', summary: 'Who is calling', status: 200, reply: Whoami }),
  listEvents: route({
    method: 'GET',
    path: '/v1/events',
    summary: "The workspace's events, oldest first; as a stream with Accept: text/event-stream",
    query: Page.extend({ after: z.string().max(100).optional() }),
    status: 200,
    reply: list(Event),
  }),
  getSystem: route({
    method: 'GET',
    path: '/v1/system',
    summary: 'Version, storage, uptime, counts',
    status: 200,
    reply: System,
  }),

  getEncryption: route({
    method: 'GET',
    path: '/v1/system/keys',
    summary: 'The keys that seal what is stored, by fingerprint',
    status: 200,
    reply: Encryption,
  }),
  rotateKeys: route({
    method: 'POST',
    path: '/v1/system/keys/rotate',
    summary: 'Seal everything with a new key, in the background',
    status: 202,
    reply: Job,
  }),
  verifyKeys: route({
    method: 'POST',
    path: '/v1/system/keys/verify',
    summary: 'Prove that every sealed value opens, in the background',
    status: 202,
    reply: Job,
  }),
  listJobs: route({
    method: 'GET',
    path: '/v1/system/jobs',
    summary: 'Rotations and verifications, newest first',
    query: Page,
    status: 200,
    reply: list(Job),
  }),
  getJob: route({
    method: 'GET',
    path: '/v1/system/jobs/{id}',
    summary: 'How far a job is',
    status: 200,
    reply: Job,
  }),
  pauseJob: route({
    method: 'POST',
    path: '/v1/system/jobs/{id}/pause',
    summary: 'Pause a running job; one that is not running stays as it is',
    status: 200,
    reply: Job,
  }),
  resumeJob: route({
    method: 'POST',
    path: '/v1/system/jobs/{id}/resume',
    summary: 'Go on with a paused job, or try a failed one again; another stays as it is',
    status: 200,
    reply: Job,
  }),
} as const satisfies Record<string, Route>

export type Routes = typeof routes
export type RouteName = keyof Routes

type Params<P extends string> = P extends `${string}{${infer Name}}${infer Rest}` ? Name | Params<Rest> : never
/** The names in braces of a route's path. */
export type RouteParams<R extends Route> = Record<Params<R['path']>, string>
export type RouteQueryInput<R extends Route> = R extends { query: infer Q extends z.ZodType } ? z.input<Q> : never
export type RouteQuery<R extends Route> = R extends { query: infer Q extends z.ZodType } ? z.output<Q> : undefined
export type RouteBodyInput<R extends Route> = R extends { body: infer B extends z.ZodType } ? z.input<B> : never
export type RouteBody<R extends Route> = R extends { body: infer B extends z.ZodType } ? z.output<B> : undefined
export type RouteReply<R extends Route> = R extends { reply: infer S extends z.ZodType } ? z.output<S> : undefined
