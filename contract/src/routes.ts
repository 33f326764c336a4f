/**
 * Every JSON route of the API in one table. The server registers handlers by these names, validates with these schemas
 * and writes the OpenAPI document from them; the SDK is typed by them.
 */
import { z } from 'zod'
import { ApiKey, ApiKeyInput, CreatedApiKey, Event, System, Whoami } from './access.ts'
import * as connection from './connection.ts'
import { userId } from './fields.ts'
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
  status: number
  reply: z.ZodType | null
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
    summary: 'Define a service',
    body: service.ServiceInput,
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
  listActivity: route({
    method: 'GET',
    path: '/v1/connections/{connection}/activity',
    summary: 'What happened, newest first',
    query: Page,
    status: 200,
    reply: list(connection.Activity),
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
