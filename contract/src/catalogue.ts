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

export const CatalogueEntry = z
  .object({
    id: z.string(),
    name: z.string(),
    description: z.string(),
    category: z.string(),
    authType: z.string(),
    docsUrl: z.string().nullable(),
    logoUrl: z.string().nullable(),
    /** False where no source confirmed the facts. */
    verified: z.boolean(),
    scopes: z.array(z.object({ name: z.string(), value: z.string() })),
    /** What the user brings, as paths below `auth`: their own client id and secret. */
    asks: z.array(z.object({ field: z.string(), label: z.string(), secret: z.boolean(), required: z.boolean() })),
    /** What each connection fills in, such as the company's own domain. */
    placeholders: z.array(Placeholder),
    /** True where a person signs in at the provider. */
    redirects: z.boolean(),
    guide: SetupGuide,
  })
  .meta({ id: 'CatalogueEntry' })
export type CatalogueEntry = z.infer<typeof CatalogueEntry>
