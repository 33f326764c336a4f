/** The data files of ready-made services: what stands in one, and reading them. Facts about providers are data; no code names one. */
import { readdirSync, readFileSync } from 'node:fs'
import { fields, Probe, ServiceInput, SetupGuide } from '@mooring/contract'
import { z } from 'zod'

const id = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/)
const lines = z.array(z.string().min(1)).min(1)

const Service = z.strictObject({
  /** Without what its user brings. One without a type is laid over the `auth` that the file's entries share. */
  auth: z.looseObject({ type: z.string().optional() }).optional(),
  /** Display name by value, in the order they are shown. */
  scopes: z.record(fields.scopeValue, fields.scopeName).optional(),
  scopeDelimiter: ServiceInput.shape.scopeDelimiter,
  /** Where it is not the host of `baseUrl` alone. */
  hosts: ServiceInput.shape.hosts,
  baseUrl: fields.baseUrl,
  /** Null where no cheap call is known that proves a credential. */
  probe: Probe.nullable(),
  headers: ServiceInput.shape.headers,
  placeholders: ServiceInput.shape.placeholders,
})

/** One way to authenticate at one service. */
const FileEntry = z.strictObject({
  id,
  /** Ids it had before: services made then still name them. */
  formerIds: z.array(z.string()).optional(),
  name: z.string().min(1).max(80),
  /** Its own words; without them they are made of the facts. */
  description: fields.description.optional(),
  /** The first is the one it is listed under. */
  categories: z.array(z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/)).min(1),
  homepage: z.url({ protocol: /^https$/ }),
  docsUrl: z.url({ protocol: /^https$/ }),
  /** Its drawing in `logos.json`. */
  logo: z.string().optional(),
  /**
   * `high`: the provider's own documents were read, or three independent catalogues agree; `medium`: one or two do;
   * `low`: nobody has confirmed it.
   */
  confidence: z.enum(['high', 'medium', 'low']),
  /** Where the facts were confirmed: how it authenticates, and how many of the scopes were seen ("3 of 5"). */
  sources: z.strictObject({ auth: lines, scopes: z.string().optional() }),
  /** Remarks for people, each one sentence without its full stop. */
  notes: lines.optional(),
  /** Names that this provider has for what is asked, by field of `auth`. */
  labels: z.record(z.string(), z.string()).optional(),
  /** False where the provider gives no refresh token for a person's sign-in. */
  renews: z.literal(false).optional(),
  /** What it needs and Mooring cannot do yet. While there is any, it is not offered. */
  lacks: lines.optional(),
  service: Service,
  /** Its own words; without them they are made of the facts (`guide.ts`). */
  guide: SetupGuide.optional(),
})
export type FileEntry = z.infer<typeof FileEntry>

/** A service with its variants. `shared` lies under each entry whose `auth` names no type. */
export const CatalogueFile = z.strictObject({
  shared: z
    .strictObject({ ...FileEntry.partial().shape, service: Service.partial().optional() })
    .omit({ id: true, formerIds: true, name: true, lacks: true, guide: true })
    .optional(),
  entries: z
    .array(z.strictObject({ ...FileEntry.partial().shape, id, service: Service.partial() }).required({ name: true }))
    .min(1),
})
export type CatalogueFile = z.infer<typeof CatalogueFile>

/** An entry with what its file's entries share. */
export const WholeEntry = FileEntry.extend({
  /** The first of its file, where it is another. */
  variantOf: id.nullable(),
  service: Service.extend({ auth: z.looseObject({ type: z.string() }) }),
})
export type WholeEntry = z.infer<typeof WholeEntry>

/** Beside the sources, so that an installed package has it too. */
const folder = new URL('../../catalogue/', import.meta.url)

/** A file of the catalogue's folder. Throws where it is not JSON. */
export function readData(path: string): unknown {
  return JSON.parse(readFileSync(new URL(path, folder), 'utf8'))
}

/** The names of the files, without the folder. */
export function serviceFiles(): string[] {
  return readdirSync(new URL('services/', folder)).filter((name) => name.endsWith('.json'))
}

/**
 * The files are ours and come with the program, and a test parses every one with the schemas above. Doing so again in
 * each process would take longer than reading them.
 */
const ours = z.custom<CatalogueFile>((value) => typeof value === 'object' && value !== null)
const laidOver = z.custom<WholeEntry>((value) => typeof value === 'object' && value !== null)

/** The entries of a file, each whole. */
export function entriesIn(file: CatalogueFile): WholeEntry[] {
  const { shared, entries } = file
  const first = entries[0]?.id
  return entries.map((entry) => {
    const alone = shared === undefined || entry.service.auth?.type !== undefined
    const service = alone
      ? entry.service
      : { ...shared.service, ...entry.service, auth: { ...shared.service?.auth, ...entry.service.auth } }
    const variantOf = first === entry.id ? null : (first ?? null)
    return laidOver.parse({ ...(alone ? {} : shared), ...entry, variantOf, service })
  })
}

export function readEntries(name: string): WholeEntry[] {
  return entriesIn(ours.parse(readData(`services/${name}`)))
}
