/** The audit log: who did what, each entry chained to the one before (S-53). */
import { z } from 'zod'

export const AuditEntry = z
  .object({
    id: z.string(),
    at: z.string(),
    /** `user:<id>`, `api_key:<id>`, or `anonymous` for whoever failed to sign in. */
    actor: z.string(),
    actorName: z.string(),
    /** What was done: `connection.revoke`, `session.create`, … */
    action: z.string(),
    /** What it was done to, by link name or id; null for the workspace itself. */
    object: z.string().nullable(),
    address: z.string().nullable(),
    outcome: z.enum(['done', 'refused', 'failed']),
    detail: z.string(),
    /** SHA-256 in hex of the JSON array of all other fields: id, at, actor … detail in this order, `previous` last. */
    hash: z.string(),
    previous: z.string(),
  })
  .meta({ id: 'AuditEntry' })
export type AuditEntry = z.infer<typeof AuditEntry>

export const AuditVerification = z
  .object({
    ok: z.boolean(),
    entries: z.int(),
    /** The hash of the newest entry; kept elsewhere, it proves later that nothing before it was taken out. */
    head: z.string(),
    /** The first entry that does not fit; null where all do. */
    brokenAt: z.string().nullable(),
    detail: z.string(),
  })
  .meta({ id: 'AuditVerification' })
export type AuditVerification = z.infer<typeof AuditVerification>
