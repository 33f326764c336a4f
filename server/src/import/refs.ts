/** `$ref` (RFC 3986 fragment, RFC 6901 pointer) inside one document. What is elsewhere is named, never fetched. */
import { type Notes, quoted } from './notes.ts'
import { type Fields, isFields } from './values.ts'

/** Of characters: a pointer goes through a few names. */
const longestReference = 2000
/** A chain of references longer than this goes in a circle or might as well. */
const longestChain = 20

/** Follows an object's reference to what it stands for; an object without one is itself. */
export function createResolver(document: Fields, notes: Notes): (value: unknown) => Fields {
  return (value) => {
    let found = value
    for (let step = 0; isFields(found) && typeof found['$ref'] === 'string'; step++) {
      const reference = found['$ref']
      if (!reference.startsWith('#')) {
        notes.add(`The reference ${quoted(reference)} leads outside the document and was not followed.`)
        return {}
      }
      if (step >= longestChain || reference.length > longestReference) {
        notes.add(`The reference ${quoted(reference)} goes in a circle and was not followed.`)
        return {}
      }
      found = at(document, reference)
      if (found === undefined) notes.add(`The reference ${quoted(reference)} leads to nothing.`)
    }
    return isFields(found) ? found : {}
  }
}

function at(document: Fields, reference: string): unknown {
  let found: unknown = document
  for (const part of reference.replace(/^#\/?/, '').split('/')) {
    if (part === '') continue
    const name = decoded(part).replaceAll('~1', '/').replaceAll('~0', '~')
    found =
      typeof found === 'object' && found !== null && Object.hasOwn(found, name) ? Reflect.get(found, name) : undefined
  }
  return found
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
