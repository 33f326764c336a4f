/** Who calls: API keys and roles; and what happened in the workspace. */
import { z } from 'zod'
import * as field from './fields.ts'

/** `invoke` may only call through the connections it names. */
export const Role = z.enum(['owner', 'admin', 'developer', 'viewer', 'invoke'], {
  error: 'Use owner, admin, developer, viewer or invoke.',
})
export type Role = z.infer<typeof Role>

export const ApiKeyInput = z
  .strictObject({
    name: field.displayName,
    role: Role,
    connections: z.array(field.linkName).max(1000).optional(),
    expiresAt: field.instant.optional(),
  })
  .meta({ id: 'ApiKeyInput' })
export type ApiKeyInput = z.infer<typeof ApiKeyInput>

export const ApiKey = z
  .object({
    id: z.string(),
    name: z.string(),
    role: Role,
    /** The first characters of the key, to tell keys apart. */
    prefix: z.string(),
    createdBy: z.string().nullable(),
    /** The id of the key that replaces it, once it was rolled. */
    replacedBy: z.string().nullable(),
    connections: z.array(z.string()).nullable(),
    expiresAt: z.string().nullable(),
    lastUsedAt: z.string().nullable(),
    createdAt: z.string(),
  })
  .meta({ id: 'ApiKey' })
export type ApiKey = z.infer<typeof ApiKey>

/** The only reply that holds the key itself. */
export const CreatedApiKey = ApiKey.extend({ key: z.string() }).meta({ id: 'CreatedApiKey' })
export type CreatedApiKey = z.infer<typeof CreatedApiKey>

/** Rolling makes a new key with the same rights; the old one lives on for the grace period. */
export const RollInput = z
  .strictObject({ graceSeconds: field.wholeNumber(0, 604_800, 'seconds').default(86_400) })
  .meta({ id: 'RollInput' })
export type RollInput = z.infer<typeof RollInput>

export const Whoami = z
  .object({ kind: z.enum(['user', 'api_key']), id: z.string(), name: z.string(), role: Role, workspace: z.string() })
  .meta({ id: 'Whoami' })
export type Whoami = z.infer<typeof Whoami>

export const Event = z
  .object({
    id: z.string(),
    type: z.string(),
    at: z.string(),
    actor: z.string().nullable(),
    service: z.string().nullable(),
    connection: z.string().nullable(),
    cause: z.string().nullable(),
    detail: z.string(),
  })
  .meta({ id: 'Event' })
export type Event = z.infer<typeof Event>

export const System = z
  .object({
    version: z.string(),
    storage: z.string(),
    uptimeSeconds: z.int(),
    counts: z.object({ services: z.int(), connections: z.int(), apiKeys: z.int() }),
    publicUrl: z.string(),
    /** Days that calls, and all other events, are kept. */
    retentionDays: z.object({ calls: z.int(), events: z.int() }),
    /** Hosts that fail, at which no token is renewed until then. */
    pausedProviders: z.array(z.object({ origin: z.string(), failures: z.int(), until: z.string() })),
  })
  .meta({ id: 'System' })
export type System = z.infer<typeof System>
