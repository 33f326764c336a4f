/** The files of ready-made services: what stands in one, and reading them. Facts about providers are data; no code names one. */
import { readdirSync, readFileSync } from 'node:fs'
import { CatalogueEntry, fields, ServiceInput } from '@mooring/contract'
import { z } from 'zod'

export const Entry = z.strictObject({
  id: z.string().regex(/^[a-z][a-z0-9_]{0,49}$/),
  name: fields.displayName,
  description: fields.description,
  category: z.string().regex(/^[a-z]+(-[a-z]+)*$/),
  docsUrl: z.url({ protocol: /^https$/ }),
  verified: z.boolean(),
  /** What the user brings, as fields of `auth`. Its value also stands in for `{field}` in the texts of `service`. */
  asks: CatalogueEntry.shape.asks,
  service: ServiceInput.pick({
    auth: true,
    scopes: true,
    scopeDelimiter: true,
    hosts: true,
    baseUrl: true,
    probe: true,
    headers: true,
    placeholders: true,
  }).required({ auth: true, baseUrl: true, hosts: true, probe: true }),
  guide: CatalogueEntry.shape.guide,
  /** Where the facts were confirmed. */
  sources: z.array(z.string()).min(1),
})
export type Entry = z.infer<typeof Entry>

/** Beside the sources, so that an installed package has it too. */
const folder = new URL('../../catalogue/', import.meta.url)

/** A file of the catalogue's folder. Throws where it is not JSON. */
export function readData(path: string): unknown {
  return JSON.parse(readFileSync(new URL(path, folder), 'utf8'))
}

let read: readonly Entry[] | undefined

/** Every entry by name, read once. Throws where a file is not what it should be. */
export function entries(): readonly Entry[] {
  read ??= readdirSync(new URL('services/', folder))
    .filter((file) => file.endsWith('.json'))
    .map((file) => Entry.parse(readData(`services/${file}`)))
    .toSorted((a, b) => a.name.localeCompare(b.name))
  return read
}
