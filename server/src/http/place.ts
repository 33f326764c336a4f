/** Where a reader is in a list that counts. */
import { invalid } from '../errors.ts'

/** Throws validation_failed for what is not the id of an entry; 0 where there is none. `what`: as in "the id of an event". */
export function placeIn(path: string, text: string | null | undefined, what: string): number {
  const sequence = Number(text ?? 0)
  if (/^\d{0,15}$/.test(text ?? '') && Number.isSafeInteger(sequence)) return sequence
  throw invalid([{ path, code: 'invalid_value', message: `Use the id of ${what}, or leave it out for all of them.` }])
}
