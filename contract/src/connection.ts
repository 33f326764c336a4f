/** Connections: authorized uses of a service. */
import { z } from 'zod'
import * as field from './fields.ts'
import { newService } from './service.ts'

export const AuthorizationLevel = z.enum(['shared', 'per_user'], { error: 'Use shared or per_user.' })
export const ConnectionStatus = z.enum(['created', 'active', 'reauthorization_required', 'revoked', 'disabled'])
export type ConnectionStatus = z.infer<typeof ConnectionStatus>

/** Values of a credential, keyed as the scheme asks for them. Checked by the scheme. */
export const Credentials = z.record(z.string().max(100), z.unknown())
const parameters = z.record(z.string().max(50), z.string().max(200))
const scopes = z.array(field.scopeValue).max(50)

export const ConnectionInput = z
  .strictObject({
    name: field.displayName,
    linkName: field.linkName.optional(),
    service: z.union([z.string().max(100), ...newService], {
      error: 'Name a service by its link name, or give a whole service.',
    }),
    scopes: scopes.optional(),
    parameters: parameters.optional(),
    authorizationLevel: AuthorizationLevel.optional(),
    credentials: Credentials.optional(),
  })
  .meta({ id: 'ConnectionInput' })
export type ConnectionInput = z.infer<typeof ConnectionInput>

export const ConnectionPatch = z
  .strictObject({ name: field.displayName, scopes, parameters, enabled: z.boolean() })
  .partial()
  .meta({ id: 'ConnectionPatch' })
export type ConnectionPatch = z.infer<typeof ConnectionPatch>

export const LastError = z.object({ at: z.string(), code: z.string(), detail: z.string(), hint: z.string().nullable() })

export const Connection = z
  .object({
    id: z.string(),
    name: z.string(),
    linkName: z.string(),
    service: z.object({ linkName: z.string(), name: z.string(), authType: z.string() }),
    status: ConnectionStatus,
    authorizationLevel: AuthorizationLevel,
    scopes: z.array(z.string()),
    grantedScopes: z.array(z.string()).nullable(),
    parameters: z.record(z.string(), z.string()),
    enabled: z.boolean(),
    autoRefresh: z.boolean(),
    expiresAt: z.string().nullable(),
    nextRefreshAt: z.string().nullable(),
    lastRefreshedAt: z.string().nullable(),
    lastUsedAt: z.string().nullable(),
    lastError: LastError.nullable(),
    reauthorizationNeeded: z.boolean(),
    account: z.string().nullable(),
    /** When the provider or the API last accepted the credential; null where it never was put to the test. */
    verifiedAt: z.string().nullable(),
    createdAt: z.string(),
    updatedAt: z.string(),
  })
  .meta({ id: 'Connection' })
export type Connection = z.infer<typeof Connection>

export const ProviderRevocation = z.enum(['done', 'failed', 'not_configured'])
export const RevokedConnection = Connection.extend({ providerRevocation: ProviderRevocation }).meta({
  id: 'RevokedConnection',
})
export type RevokedConnection = z.infer<typeof RevokedConnection>

export const AuthorizeInput = z
  .strictObject({
    user: field.userId.optional(),
    returnTo: z.string().max(2048).optional(),
    credentials: Credentials.optional(),
  })
  .meta({ id: 'AuthorizeInput' })
export type AuthorizeInput = z.infer<typeof AuthorizeInput>

/** What a person is shown to authorize on another device: a code, and where to enter it. */
export const DeviceCode = z
  .object({
    userCode: z.string(),
    verificationUri: z.string(),
    /** The same page with the code in it; null where the provider has none. */
    verificationUriComplete: z.string().nullable(),
    /** How often the server asks the provider. */
    intervalSeconds: z.int(),
  })
  .meta({ id: 'DeviceCode' })
export type DeviceCode = z.infer<typeof DeviceCode>

export const AuthorizeReply = z
  .union([
    z.object({ kind: z.literal('redirect'), authorizationUrl: z.string(), attempt: z.string(), expiresAt: z.string() }),
    /** `authorizationUrl`: the page of the attempt, which shows the code and waits. */
    DeviceCode.extend({
      kind: z.literal('device'),
      authorizationUrl: z.string(),
      attempt: z.string(),
      expiresAt: z.string(),
    }),
    z.object({ kind: z.literal('done'), connection: Connection }),
  ])
  .meta({ id: 'AuthorizeReply' })
export type AuthorizeReply = z.infer<typeof AuthorizeReply>

export const TestReply = z
  .object({
    ok: z.boolean(),
    status: z.int().nullable(),
    latencyMs: z.int(),
    detail: z.string(),
    hint: z.string().optional(),
  })
  .meta({ id: 'TestReply' })
export type TestReply = z.infer<typeof TestReply>

/** One person's, or the shared, grant of a connection. `user` is null for the shared one. */
export const Authorization = z
  .object({
    id: z.string(),
    user: z.string().nullable(),
    status: z.enum(['active', 'reauthorization_required', 'revoked']),
    requestedScopes: z.array(z.string()),
    grantedScopes: z.array(z.string()).nullable(),
    account: z.string().nullable(),
    autoRefresh: z.boolean(),
    expiresAt: z.string().nullable(),
    nextRefreshAt: z.string().nullable(),
    lastRefreshedAt: z.string().nullable(),
    lastUsedAt: z.string().nullable(),
    lastError: LastError.nullable(),
    authorizedAt: z.string(),
  })
  .meta({ id: 'Authorization' })
export type Authorization = z.infer<typeof Authorization>

export const Diagnosis = z
  .object({ code: z.string(), title: z.string(), detail: z.string(), hint: z.string().nullable() })
  .meta({ id: 'Diagnosis' })
export type Diagnosis = z.infer<typeof Diagnosis>

/** An attempt to authorize, step by step. */
export const Attempt = z
  .object({
    id: z.string(),
    state: z.enum(['waiting', 'succeeded', 'failed', 'expired']),
    user: z.string().nullable(),
    steps: z.array(z.object({ at: z.string(), step: z.string(), ok: z.boolean(), detail: z.string() })),
    diagnosis: Diagnosis.nullable(),
    /** Asked of whoever signed in before the attempt goes on (S-16); null where nothing is. */
    question: z.object({ code: z.literal('different_account'), before: z.string(), now: z.string() }).nullable(),
    /** What to enter on another device, while that is waited for; null where nothing is. */
    device: DeviceCode.nullable(),
    createdAt: z.string(),
    expiresAt: z.string(),
  })
  .meta({ id: 'Attempt' })
export type Attempt = z.infer<typeof Attempt>

/** The answer to an attempt's question: whether the new account replaces the one before. */
export const AttemptAnswer = z.strictObject({ replace: z.boolean() }).meta({ id: 'AttemptAnswer' })
export type AttemptAnswer = z.infer<typeof AttemptAnswer>

/** Who called through a connection lately. */
export const Usage = z
  .object({
    since: z.string(),
    callers: z.array(
      z.object({ actor: z.string(), name: z.string(), calls: z.int(), failed: z.int(), lastUsedAt: z.string() }),
    ),
  })
  .meta({ id: 'Usage' })
export type Usage = z.infer<typeof Usage>

/** A page on which an end user authorizes connections of their own, without an account. */
export const ConnectSessionInput = z
  .strictObject({
    user: z.strictObject({
      id: field.userId,
      name: z.string().max(200).optional(),
      email: z.string().max(254).optional(),
    }),
    connections: z.array(field.linkName).min(1).max(50).optional(),
    returnTo: z.string().max(2048).optional(),
  })
  .meta({ id: 'ConnectSessionInput' })
export type ConnectSessionInput = z.infer<typeof ConnectSessionInput>

export const ConnectSession = z
  .object({ token: z.string(), url: z.string(), expiresAt: z.string() })
  .meta({ id: 'ConnectSession' })
export type ConnectSession = z.infer<typeof ConnectSession>

/** Something that happened to a connection. `count` folds equal calls, or readings, of the same moment into one entry. */
export const Activity = z
  .object({
    id: z.string(),
    at: z.string(),
    type: z.string(),
    ok: z.boolean(),
    detail: z.string(),
    cause: z.string().nullable(),
    actor: z.string().nullable(),
    user: z.string().nullable(),
    method: z.string().optional(),
    host: z.string().optional(),
    path: z.string().optional(),
    status: z.int().optional(),
    ms: z.int().optional(),
    count: z.int().optional(),
  })
  .meta({ id: 'Activity' })
export type Activity = z.infer<typeof Activity>

/** The same for the whole workspace, with what it happened to. */
export const WorkspaceActivity = Activity.extend({
  connection: z.object({ linkName: z.string(), name: z.string() }).nullable(),
  service: z.object({ linkName: z.string(), name: z.string() }).nullable(),
}).meta({ id: 'WorkspaceActivity' })
export type WorkspaceActivity = z.infer<typeof WorkspaceActivity>

/** The parts of a request that carry the credential, for a caller that sends the request itself. */
export const CredentialParts = z
  .object({
    headers: z.record(z.string(), z.string()),
    parameters: z.record(z.string(), z.string()),
    form: z.record(z.string(), z.string()),
    expiresAt: z.string().nullable(),
  })
  .meta({ id: 'CredentialParts' })
export type CredentialParts = z.infer<typeof CredentialParts>

export const InvokeInput = z
  .strictObject({
    url: z.string().min(1, 'Give a URL, or a path under the base URL of the service.').max(16_384),
    method: z.string().regex(field.httpToken, 'Use an HTTP method such as GET.').max(20).default('GET'),
    headers: z.record(field.headerName, field.headerValue).optional(),
    parameters: z.record(z.string().max(200), z.union([z.string(), z.number(), z.boolean()])).optional(),
    body: z.unknown().optional(),
    bodyFormat: z.enum(['json', 'form', 'text', 'base64'], { error: 'Use json, form, text or base64.' }).optional(),
    user: field.userId.optional(),
    timeoutMs: field.wholeNumber(1, 600_000, 'milliseconds').optional(),
  })
  .meta({ id: 'InvokeInput' })
export type InvokeInput = z.infer<typeof InvokeInput>

export const Invocation = z
  .object({
    status: z.int(),
    headers: z.record(z.string(), z.string()),
    body: z.unknown(),
    bodyFormat: z.enum(['json', 'text', 'base64']),
    durationMs: z.int(),
    attempts: z.int(),
    url: z.string(),
  })
  .meta({ id: 'Invocation' })
export type Invocation = z.infer<typeof Invocation>
