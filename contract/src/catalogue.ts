/** Ready-made definitions of well-known services. */
import { z } from 'zod'
import { Placeholder } from './service.ts'

/** How to get what the form asks for, in four parts; each line is one step or one fact. */
export const SetupGuide = z.object({
  need: z.array(z.string()),
  createApp: z.array(z.string()),
  copyValues: z.array(z.string()),
  commonErrors: z.array(z.string()),
})
export type SetupGuide = z.infer<typeof SetupGuide>

const summary = {
  id: z.string(),
  name: z.string(),
  description: z.string(),
  /** The first of `categories`. */
  category: z.string(),
  categories: z.array(z.string()),
  authType: z.string(),
  /** The main entry of the same service or sign-in, where this is another way in; null on the main one. */
  variantOf: z.string().nullable(),
  homepage: z.string(),
  docsUrl: z.string().nullable(),
  logoUrl: z.string().nullable(),
  /** False where no source confirmed the facts. */
  verified: z.boolean(),
  /** `high`: by the provider's own documents or three independent sources; `medium`: by one or two; `low`: by none. */
  confidence: z.enum(['high', 'medium', 'low']),
  /** True where a person signs in at the provider. */
  redirects: z.boolean(),
}

const details = {
  scopes: z.array(z.object({ name: z.string(), value: z.string() })),
  /** What the user brings, as paths below `auth`: their own client id and secret. */
  asks: z.array(
    z.object({
      field: z.string(),
      label: z.string(),
      secret: z.boolean(),
      required: z.boolean(),
      example: z.string().optional(),
    }),
  ),
  /** What each connection fills in, such as the company's own domain. */
  placeholders: z.array(Placeholder),
  guide: SetupGuide,
}

export const CatalogueEntry = z.object({ ...summary, ...details }).meta({ id: 'CatalogueEntry' })
export type CatalogueEntry = z.infer<typeof CatalogueEntry>

/** An entry in a list; a `summary=true` leaves the details out. */
export const CatalogueItem = z
  .object({ ...summary, ...z.object(details).partial().shape })
  .meta({ id: 'CatalogueItem' })
export type CatalogueItem = z.infer<typeof CatalogueItem>
