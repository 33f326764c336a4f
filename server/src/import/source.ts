/** What a source of definitions is: one kind of document or server, one file. `index.ts` lists them. */
import type { ImportInput, ImportSource } from '@mooring/contract'
import type { Found } from './draft.ts'
import type { Notes } from './notes.ts'
import type { Reader } from './reader.ts'
import type { Fields } from './values.ts'

export interface Tools {
  notes: Notes
  reader: Reader
  /** Without a slash at the end. */
  publicUrl: () => string
  /** URL-safe base64 of this many random bytes. */
  random: (bytes: number) => string
}

export interface Source {
  /** The field of the request that brings it. */
  kind: ImportSource
  /** Throws MooringError in one clear sentence; what only lacks is noted. */
  read(input: ImportInput, tools: Tools): Promise<Found>
}

/** A kind of document, told from others by its content where only a URL was given. */
export interface DocumentKind {
  /** As a person calls it. */
  title: string
  recognises(document: Fields): boolean
  /** `from`: where it was found, in its end; undefined where it was given itself. `path`: the field that brought it. */
  found(document: Fields, place: { from?: URL; path: string }, tools: Tools): Promise<Found>
}
