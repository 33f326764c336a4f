/** Problem documents (RFC 9457) and the codes they carry. */
import { z } from 'zod'

/** Every error code of the API with its HTTP status. */
export const errorStatus = {
  malformed_request: 400,
  unauthenticated: 401,
  forbidden: 403,
  host_not_allowed: 403,
  egress_blocked: 403,
  not_found: 404,
  link_name_taken: 409,
  service_not_ready: 409,
  service_ready: 409,
  service_in_use: 409,
  scopes_in_use: 409,
  connection_not_active: 409,
  reauthorization_required: 409,
  user_not_authorized: 409,
  job_running: 409,
  too_large: 413,
  unsupported_media_type: 415,
  validation_failed: 422,
  credentials_rejected: 422,
  rate_limited: 429,
  provider_rate_limited: 429,
  internal_error: 500,
  provider_error: 502,
  upstream_unreachable: 502,
  unavailable: 503,
  upstream_timeout: 504,
  provider_timeout: 504,
} as const

export type ErrorCode = keyof typeof errorStatus

/** One wrong field. `path` is dotted, from the top of the body: `auth.parameters.0.key`; a query parameter is its name. */
export const FieldError = z.object({ path: z.string(), code: z.string(), message: z.string() })
export type FieldError = z.infer<typeof FieldError>

export const Problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string(),
    errors: z.array(FieldError).optional(),
    requestId: z.string(),
    hint: z.string().optional(),
  })
  .meta({ id: 'Problem' })
export type Problem = z.infer<typeof Problem>

/** What a list route takes: 1..100 items a page, default 50. */
export const Page = z.strictObject({
  limit: z.coerce.number({ error: 'Use a whole number from 1 to 100.' }).int().min(1).max(100).default(50),
  cursor: z.string().max(500).optional(),
})

export function list<T extends z.ZodType>(
  items: T,
): z.ZodObject<{ items: z.ZodArray<T>; nextCursor: z.ZodNullable<z.ZodString> }> {
  return z.object({ items: z.array(items), nextCursor: z.string().nullable() })
}
