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

/** A value that a placeholder may have, and what it means to a person. */
export const PlaceholderOption = z.strictObject({ value: field.text({ max: 200 }), label: field.text({ max: 100 }) })

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
  /** Values that are known, such as the provider's regions. Others are taken too, where the pattern lets them. */
  options: z.array(PlaceholderOption).min(1).max(100).optional(),
  /** What a connection that gives no value has. */
  default: field.text({ max: 200 }).optional(),
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

/** What makes a service of a catalogue entry; `auth` holds what the entry asks for. It is ready at once. */
export const CatalogueServiceInput = z
  .strictObject({
    from: z.string({ error: 'Name a catalogue entry by its id.' }).max(100),
    name: field.displayName.optional(),
    linkName: field.linkName.optional(),
    callbackId: ServiceInput.shape.callbackId,
    auth: z.record(z.string().max(100), z.unknown()).optional(),
    scopes: scopes.optional(),
  })
  .meta({ id: 'CatalogueServiceInput' })
export type CatalogueServiceInput = z.infer<typeof CatalogueServiceInput>

function namesEntry(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, 'from')
}

/**
 * What creates a service: an object with `from` is meant as the first of these, any other as the second, and what is
 * wrong is told of the one that is meant.
 */
export const newService = [
  z.preprocess(
    (value: z.input<typeof CatalogueServiceInput>) => (namesEntry(value) ? value : undefined),
    CatalogueServiceInput,
  ),
  z.preprocess((value: z.input<typeof ServiceInput>) => (namesEntry(value) ? undefined : value), ServiceInput),
] as const

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
    /** Where a provider finds the public keys of a service that signs with keys made here; null for others. */
    jwksUrl: z.string().nullable(),
    connectionCount: z.int(),
    warnings: z.array(Warning),
    createdAt: z.string(),
    updatedAt: z.string(),
    readyAt: z.string().nullable(),
  })
  .meta({ id: 'Service' })
export type Service = z.infer<typeof Service>

/**
 * The keys that a service signs with, newest first: each signs from `signsFrom` until the next one does. `publishedUntil`
 * is null for the newest.
 */
export const ServiceKeys = z
  .object({
    jwksUrl: z.string(),
    keys: z.array(
      z.object({
        id: z.string(),
        createdAt: z.string(),
        signsFrom: z.string(),
        publishedUntil: z.string().nullable(),
      }),
    ),
  })
  .meta({ id: 'ServiceKeys' })
export type ServiceKeys = z.infer<typeof ServiceKeys>

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

/** One field of a form, as its authentication type declares it: enough to draw it without knowing the type. */
export interface FormField {
  /** Below its parent; `auth.<name>` for a type's own. */
  name: string
  title: string
  description?: string
  /** `map`: free names and values. `list`: rows of `fields`. `group`: `fields` under one heading. `strings`: a list of texts. */
  kind: 'text' | 'secret' | 'url' | 'number' | 'boolean' | 'choice' | 'map' | 'list' | 'group' | 'strings'
  required: boolean
  /** Belongs under "Advanced Parameters", or another heading where `section` names one. */
  advanced: boolean
  section?: string
  /** For `choice`. Two or three with a description are drawn as cards. */
  choices?: { value: string; label: string; description?: string }[]
  fields?: FormField[]
  default?: unknown
  example?: string
  /** Of a number: `seconds`. */
  unit?: string
  minimum?: number
  maximum?: number
  maxLength?: number
  maxItems?: number
  minItems?: number
  /** Shown, and sent, only where a sibling field holds one of these values (or its default is one of them). */
  shownWhen?: { field: string; in: string[] }
  /** Not required, although `required`, where a sibling field holds one of these values. */
  optionalWhen?: { field: string; in: string[] }
  /** A value the type itself decides; shown locked and never sent. */
  fixed?: string
}

const condition = z.object({ field: z.string(), in: z.array(z.string()) })
const formFieldShape = {
  name: z.string(),
  title: z.string(),
  description: z.string().optional(),
  kind: z.enum(['text', 'secret', 'url', 'number', 'boolean', 'choice', 'map', 'list', 'group', 'strings']),
  required: z.boolean(),
  advanced: z.boolean(),
  section: z.string().optional(),
  choices: z.array(z.object({ value: z.string(), label: z.string(), description: z.string().optional() })).optional(),
  default: z.unknown().optional(),
  example: z.string().optional(),
  unit: z.string().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  maxLength: z.number().optional(),
  maxItems: z.number().optional(),
  minItems: z.number().optional(),
  shownWhen: condition.optional(),
  optionalWhen: condition.optional(),
  fixed: z.string().optional(),
}
const formField: z.ZodType = z
  .object({
    ...formFieldShape,
    fields: z.array(z.object({ ...formFieldShape, fields: z.array(z.unknown()).optional() })).optional(),
  })
  .meta({ id: 'FormField' })
// Groups and lists nest once, rows of a list hold plain fields; the type above is what programs see.
export const FormField = formField as z.ZodType<FormField>

/** An authentication type: its fields as a form shows them, and their JSON Schema (labels in `title`, help in `description`). */
export const AuthType = z
  .object({
    type: z.string(),
    title: z.string(),
    summary: z.string(),
    fields: z.array(FormField),
    schema: z.record(z.string(), z.unknown()),
    /** True where a person is sent to the provider. */
    redirects: z.boolean(),
    scopes: z.boolean(),
  })
  .meta({ id: 'AuthType' })
export type AuthType = z.infer<typeof AuthType>

/** A definition as it stands while somebody types: anything may be missing or wrong. */
export const PreviewInput = z
  .strictObject({
    /** Handle of the stored service it will change, whose stored secrets count as set. */
    service: z.string().max(100).optional(),
    definition: z.record(z.string().max(100), z.unknown()),
  })
  .meta({ id: 'PreviewInput' })
export type PreviewInput = z.infer<typeof PreviewInput>

/** What is known about a provider's host that the definition does not do yet, and the change that does it. */
export const Hint = z.object({
  path: z.string(),
  message: z.string(),
  /** What "Add it for me" sets, by dotted path from the top of the definition. */
  fix: z.record(z.string(), z.unknown()),
  fixLabel: z.string(),
})
export type Hint = z.infer<typeof Hint>

export const Preview = z
  .object({
    /** Requests as they will go out, in order, every secret as dots. */
    requests: z.array(z.object({ title: z.string(), lines: z.array(z.string()) })),
    /** What stands between this definition and `ready`. */
    errors: z.array(z.object({ path: z.string(), code: z.string(), message: z.string() })),
    warnings: z.array(Warning),
    hints: z.array(Hint),
    /** True where connecting will send a person to the provider, so that a callback URL has to be registered there. */
    redirects: z.boolean(),
  })
  .meta({ id: 'Preview' })
export type Preview = z.infer<typeof Preview>
