/** Drafts of services from what people already have. This is the list of sources; nothing of an import is stored. */
import type { ImportInput, Imported } from '@mooring/contract'
import type { Egress } from '../egress/egress.ts'
import { randomToken } from '../ids.ts'
import { curl } from './curl.ts'
import { draftsOf, type Found, missingIn } from './draft.ts'
import { issuer } from './issuer.ts'
import { mcp } from './mcp.ts'
import { createNotes } from './notes.ts'
import { openapi } from './openapi.ts'
import { postman } from './postman.ts'
import { createReader } from './reader.ts'
import type { Source, Tools } from './source.ts'
import { url } from './url.ts'

const sources: readonly Source[] = [openapi, url, issuer, curl, mcp, postman]

export interface ImporterParts {
  egress: Pick<Egress, 'request'>
  /** Without a slash at the end. */
  publicUrl: () => string
}

/** Throws validation_failed, too_large, provider_error, and what fetching throws. */
export type Importer = (input: ImportInput) => Promise<Imported>

export function createImporter({ egress, publicUrl }: ImporterParts): Importer {
  return async (input) => {
    const notes = createNotes()
    const tools: Tools = { notes, reader: createReader(egress), publicUrl, random: randomToken }
    const services = draftsOf(await found(input, tools), notes)
    const missing = services.flatMap((draft, service) => missingIn(draft).map((error) => ({ service, ...error })))
    return { services, notes: notes.all(), missing }
  }
}

/** The contract lets exactly one source through. */
async function found(input: ImportInput, tools: Tools): Promise<Found> {
  const source = sources.find(({ kind }) => input[kind] !== undefined)
  return source === undefined ? { name: 'Imported', ways: [] } : source.read(input, tools)
}
