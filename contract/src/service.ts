/** Services: how an API is authenticated. */
import { z } from 'zod'
import * as field from './fields.ts'

export const Stage = z.enum(['draft', 'ready'], { error: 'Use draft or ready.' })
export const ScopeDelimiter = z.enum(['comma', 'space', 'plus', 'semicolon'], {
  error: 'Use comma, space, plus or semicolon.',
})
export type ScopeDelimiter = z.infer<typeof ScopeDelimiter>

/** At most this many scopes a service. */
export const maxScopes = 50

export const ScopeInput = z.strictObject({ name: field.scopeName.optional(), value: field.scopeValue })
export type ScopeInput = z.infer<typeof ScopeInput>

export const Scope = z.object({ id: z.string(), name: z.string(), value: z.string() }).meta({ id: 'Scope' })
export type Scope = z.infer<typeof Scope>

/** A cheap authenticated call that proves a credential: 2xx means it was accepted. `path` is under `baseUrl`. */
export const Probe = z.strictObject({
  method: z
    .enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'], { error: 'Use an HTTP method such as GET.' })
    .default('GET'),
  path: z.string().min(1).max(2048).optional(),
  url: field.baseUrl.or(field.endpointUrl).optional(),
  headers: z.record(field.headerName, field.headerValue).optional(),
  body: z.string().max(65_536).optional(),
})
export type Probe = z.infer<typeof Probe>

/** A part of a URL that each connection fills in through its `parameters`. */
export const Placeholder = z.strictObject({
  name: field.text({
    max: 50,
    first: [/^[A-Za-z]/, 'Start with a letter (A to Z).'],
    all: [/^[A-Za-z0-9_]*$/, 'Use the letters A to Z, digits and _ only.'],
  }),
  label: field.parameterName,
  example: z.string().max(200).optional(),
  /** A regular expression the whole value must match; without one the value is a single DNS label or path word. */
  pattern: z
    .string()
    .max(200)
    .superRefine((value, context) => {
      try {
        void new RegExp(value, 'u')
      } catch {
        context.addIssue({
          code: 'custom',
          message: 'Write a regular expression, such as ^[a-z0-9-]+$.',
          params: { code: 'invalid_format' },
        })
      }
    })
    .optional(),
})
export type Placeholder = z.infer<typeof Placeholder>

/**
 * How the API authenticates. `type` chooses the scheme; the scheme declares and checks the other fields
 * (`GET /v1/auth-types` lists them, the OpenAPI document holds each one's schema).
 */
export const Auth = z.looseObject({ type: z.string({ error: 'Choose an authentication type.' }) })
export type Auth = z.infer<typeof Auth>

const scopes = z
  .array(z.preprocess((value) => (typeof value === 'string' ? { value } : value), ScopeInput))
  .superRefine((list, context) => {
    if (list.length > maxScopes) {
      context.addIssue({
        code: 'custom',
        message: `A service holds at most ${maxScopes} scopes; these are ${list.length}.`,
        params: { code: 'too_many' },
      })
    }
    list.forEach((scope, index) => {
      if (list.findIndex((other) => other?.value === scope?.value) < index) {
        context.addIssue({
          code: 'custom',
          path: [index, 'value'],
          message: 'This scope is in the list twice.',
          params: { code: 'duplicate' },
        })
      }
    })
  })

const editable = {
  name: field.displayName,
  description: field.description.optional(),
  auth: Auth.optional(),
  scopes: scopes.optional(),
  scopeDelimiter: ScopeDelimiter.optional(),
  hosts: z.array(z.string().max(300)).max(100).optional(),
  anyHost: z.boolean().optional(),
  baseUrl: field.baseUrl.nullable().optional(),
  probe: Probe.nullable().optional(),
  headers: z.record(field.headerName, field.headerValue).optional(),
  placeholders: z.array(Placeholder).max(20).optional(),
}

/** What creates a service. Rules that need the scheme (the fields of `auth`) are checked with it by the server. */
export const ServiceInput = z
  .strictObject({
    ...editable,
    linkName: field.linkName.optional(),
    callbackId: field
      .text({
        min: 22,
        max: 64,
        all: [/^[A-Za-z0-9_-]*$/, 'Use 22 to 64 letters, digits, - and _.'],
        pattern: /^[A-Za-z0-9_-]{22,64}$/,
      })
      .optional(),
    stage: Stage.optional(),
  })
  .meta({ id: 'ServiceInput' })
export type ServiceInput = z.infer<typeof ServiceInput>

export const ServicePatch = z
  .strictObject({ ...editable, linkName: field.linkName, stage: Stage })
  .partial()
  .meta({ id: 'ServicePatch' })
export type ServicePatch = z.infer<typeof ServicePatch>

/** In the place of a stored secret. */
export const SecretSet = z.object({ set: z.literal(true) })

export const Warning = z.object({ path: z.string(), code: z.string(), message: z.string() })

export const Service = z
  .object({
    id: z.string(),
    name: z.string(),
    linkName: z.string(),
    description: z.string(),
    stage: Stage,
    origin: z.enum(['custom', 'catalogue']),
    catalogueId: z.string().optional(),
    logoUrl: z.string().nullable(),
    auth: Auth.nullable(),
    scopes: z.array(Scope),
    scopeDelimiter: ScopeDelimiter,
    hosts: z.array(z.string()),
    anyHost: z.boolean(),
    baseUrl: z.string().nullable(),
    probe: Probe.nullable(),
    headers: z.record(z.string(), z.string()),
    placeholders: z.array(Placeholder),
    callbackId: z.string(),
    callbackUrl: z.string(),
    connectionCount: z.int(),
    warnings: z.array(Warning),
    createdAt: z.string(),
    updatedAt: z.string(),
    readyAt: z.string().nullable(),
  })
  .meta({ id: 'Service' })
export type Service = z.infer<typeof Service>

/** The secrets that may be replaced in any stage; which of them exist is the scheme's to say. */
export const ServiceSecrets = z.record(z.string().max(100), z.string().max(65_536)).meta({ id: 'ServiceSecrets' })

export const ScopePatch = z.strictObject({ name: field.scopeName, value: field.scopeValue }).partial()
export const ScopeIds = z.strictObject({
  ids: z.array(z.string()).min(1, 'Name at least one scope id.').max(maxScopes),
})

/** One thing to fill in, as a form or a prompt shows it. */
export const PromptField = z
  .object({
    key: z.string(),
    label: z.string(),
    secret: z.boolean(),
    required: z.boolean(),
    help: z.string().optional(),
  })
  .meta({ id: 'PromptField' })
export type PromptField = z.infer<typeof PromptField>

/** An authentication type, with the JSON Schema of its fields (labels in `title`, help in `description`). */
export const AuthType = z
  .object({
    type: z.string(),
    title: z.string(),
    summary: z.string(),
    schema: z.record(z.string(), z.unknown()),
    /** True where a person is sent to the provider. */
    redirects: z.boolean(),
    scopes: z.boolean(),
  })
  .meta({ id: 'AuthType' })
export type AuthType = z.infer<typeof AuthType>
