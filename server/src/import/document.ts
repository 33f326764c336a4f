/** From text to a document: JSON or YAML, bounded in size, depth and count, so that no document costs much. */
import { longestDocument } from '@mooring/contract'
import { invalid, MooringError } from '../errors.ts'
import { type Fields, isFields } from './values.ts'
import { readYaml } from './yaml_thread.ts'

/** Deeper nesting than this is no description of an API. */
const deepest = 200
/** Objects, lists, texts and so on; the largest public API descriptions have some 400,000. */
const mostValues = 1_000_000

/** `path` is the field of the request that brought it. Throws validation_failed, too_large. */
export async function readDocument(given: string | Fields, path: string): Promise<Fields> {
  const value = typeof given === 'string' ? await parse(given, path) : given
  measure(value, path)
  if (!isFields(value)) throw wrong(path, 'The document is not an object at its top.')
  return value
}

export function tooLarge(what: string): MooringError {
  return new MooringError('too_large', {
    detail: `${what} is larger than ${longestDocument / 1_048_576} MiB.`,
    hint: 'Cut it down to what is about authentication: info, servers and securitySchemes are enough.',
  })
}

/** One wrong field of the request. */
export function wrong(path: string, message: string): MooringError {
  return invalid([{ path, code: 'invalid_document', message }])
}

async function parse(text: string, path: string): Promise<unknown> {
  if (Buffer.byteLength(text) > longestDocument) throw tooLarge('The document')
  const bare = text.replace(/^\ufeff/, '')
  if (/^\s*[[{]/.test(bare)) {
    try {
      return JSON.parse(bare)
    } catch {
      // YAML writes objects in braces as well, with less strict rules.
    }
  }
  const read = await readYaml(bare)
  if ('error' in read) throw wrong(path, read.error)
  return read.value
}

function measure(value: unknown, path: string): void {
  const waiting: [value: unknown, depth: number][] = [[value, 0]]
  let count = 0
  let length = 0
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const [each, depth] = next
    if (++count > mostValues) throw wrong(path, `The document holds more than ${mostValues} values.`)
    if (depth > deepest) throw wrong(path, `The document is nested deeper than ${deepest} levels.`)
    if (typeof each === 'string') length += each.length
    if (length > longestDocument) throw tooLarge('The document')
    if (typeof each !== 'object' || each === null) continue
    // Names count as well: nothing else would bound an object of long ones.
    if (!Array.isArray(each)) for (const name of Object.keys(each)) length += name.length
    for (const inner of Object.values(each)) waiting.push([inner, depth + 1])
  }
}
