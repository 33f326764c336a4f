/** Definitions made from what people already have: documents, commands, and what a server tells about itself. */
import { z } from 'zod'
import { FieldError } from './problem.ts'
import { ServiceInput } from './service.ts'

/** A document is at most this long, in bytes (5 MiB). */
export const longestDocument = 5_242_880

const address = z.string({ error: 'Give a URL.' }).min(1, 'Give a URL.').max(2048)
/** Whole, as an object, or its text. */
const document = z.union([z.record(z.string(), z.unknown()), z.string().min(1, 'This is empty.')], {
  error: 'Give the document: an object, or its text.',
})

const sources = {
  /** OpenAPI 3.0, 3.1 or Swagger 2; text is JSON or YAML. */
  openapi: document.optional(),
  /** Where a document is: OpenAPI, a Postman collection, metadata of an authorization server. */
  url: address.optional(),
  /** An issuer, or the URL of its metadata (RFC 8414, OpenID Connect Discovery 1.0). */
  issuer: address.optional(),
  /** A curl command. Nothing of it is run, and its credential is not kept. */
  curl: z.string().min(1, 'This is empty.').max(65_536).optional(),
  /** An MCP server (RFC 9728). */
  mcp: address.optional(),
  /** A Postman collection, v2.0 or v2.1. */
  postman: document.optional(),
}
export type ImportSource = keyof typeof sources
export const importSources: readonly ImportSource[] = ['openapi', 'url', 'issuer', 'curl', 'mcp', 'postman']

/** What to make drafts of: exactly one source. */
export const ImportInput = z
  .strictObject({
    ...sources,
    /** With `mcp`: registers a client at its authorization server (RFC 7591) and puts id and secret into the draft. */
    register: z.boolean().optional(),
  })
  .superRefine((input, context) => {
    const given = Object.entries(input).filter(([name, value]) => name in sources && value !== undefined)
    const fail = (path: string, code: string, message: string): void =>
      context.addIssue({ code: 'custom', path: path === '' ? [] : [path], message, params: { code } })
    if (given.length === 0) fail('', 'required', `Give one of: ${importSources.join(', ')}.`)
    for (const [name] of given.slice(1)) {
      fail(name, 'not_allowed', `Give one source; there is ${given[0]?.[0] ?? 'another'} already.`)
    }
    if (input.register === true && input.mcp === undefined) {
      fail('register', 'not_allowed', 'A client is registered for an MCP server only; give its URL as mcp.')
    }
  })
  .meta({ id: 'ImportInput' })
export type ImportInput = z.infer<typeof ImportInput>

/** A draft that `POST /v1/services` takes as it is. */
export const ServiceDraft = ServiceInput.omit({ linkName: true, stage: true })
  .extend({ stage: z.literal('draft') })
  .meta({ id: 'ServiceDraft' })
export type ServiceDraft = z.infer<typeof ServiceDraft>

export const Imported = z
  .object({
    /** One for each way to authenticate, the document's own choice first. */
    services: z.array(ServiceDraft),
    /** What could not be taken over, and what to know, in words. */
    notes: z.array(z.string()),
    /** What stands between each draft and `ready`; `service` counts from 0. */
    missing: z.array(FieldError.extend({ service: z.int() })),
  })
  .meta({ id: 'Imported' })
export type Imported = z.infer<typeof Imported>
