/** The drawings of ready-made services: paths from Simple Icons (CC0-1.0), marks of their owners (NOTICE). */
import { z } from 'zod'
import { findEntry } from './entry.ts'
import { readData } from './file.ts'

const Logo = z.strictObject({
  /** The colour, as six digits. */
  hex: z.string().regex(/^[0-9A-F]{6}$/),
  /** Within 24 by 24. */
  path: z.string().regex(/^[Mm][\d\sa-zA-Z.,-]+$/),
})

let read: Readonly<Record<string, z.infer<typeof Logo>>> | undefined

/** Every drawing by its name in Simple Icons. Read once, when the first is asked for. */
export function logos(): NonNullable<typeof read> {
  read ??= z.record(z.string(), Logo).parse(readData('logos.json'))
  return read
}

/** The picture of an entry as SVG; undefined where it has none. */
export function logoOf(id: string): string | undefined {
  const name = findEntry(id)?.logo
  const logo = name === undefined ? undefined : logos()[name]
  if (logo === undefined) return undefined
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="#${logo.hex}"><path d="${logo.path}"/></svg>`
}

/** Where it is read; null where there is none. */
export function logoUrlOf(id: string, publicUrl: string): string | null {
  const entry = findEntry(id)
  return entry?.logo === undefined ? null : `${publicUrl}/v1/catalogue/${entry.id}/logo`
}
