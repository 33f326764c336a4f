/** Names as the contract allows them, from names as documents have them (R-060 … ). */
import { fields as rules, scopeNameFrom } from '@mooring/contract'

const longestName = 50
const longestScopeName = 100
const longestDescription = 255

/** `suffix` tells several of one name apart and is kept whole as far as it goes. */
export function nameFrom(text: string, suffix?: string): string {
  const tail = suffix === undefined ? '' : ` - ${cut(allowed(suffix), 24)}`
  const head = cut(allowed(text).replace(/^[^\p{L}\p{N}_]+/u, ''), longestName - Array.from(tail).length)
  return `${head === '' ? 'Imported' : head}${tail === ' - ' ? '' : tail}`
}

/** The label of something that is asked for. */
export function parameterNameFrom(text: string, otherwise: string): string {
  const name = cut(allowed(text).replace(/^[^\p{L}\p{N}]+/u, ''), longestName)
  return name === '' ? otherwise : name
}

/** Of a scope: its description where that is short enough to be a name, else made from its value. */
export function scopeNameOf(value: string, description: string | undefined): string {
  const name = allowed(description ?? '').replace(/^[^\p{L}\p{N}]+/u, '')
  return name !== '' && Array.from(name).length <= longestScopeName ? name : scopeNameFrom(value)
}

/** The first words of a description, without what it may not hold. Undefined where nothing is left. */
export function descriptionFrom(text: string | undefined): string | undefined {
  const words = (text ?? '')
    .slice(0, looked)
    .replace(/<[^>]{0,200}>/g, ' ')
    .replace(/['’]/g, '')
    .replace(/[^\p{L}\p{M}\p{N}\s,.()\-_*@/\\!:|~&]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim()
  const description = cut(words, longestDescription)
  return description !== '' && rules.description.safeParse(description).success ? description : undefined
}

/** Longer than any name, so that what is cut off anyway is not worked on. */
const looked = 2000

function allowed(text: string): string {
  return text
    .slice(0, looked)
    .replace(/['’]/g, '')
    .replace(/[^\p{L}\p{M}\p{N} *_\-@/!:|&~\\+]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim()
}

/** At the end of a word where one ends in the second half. */
function cut(text: string, longest: number): string {
  const characters = Array.from(text)
  if (characters.length <= longest) return text
  const short = characters.slice(0, longest).join('')
  const space = short.lastIndexOf(' ')
  return (space > longest / 2 ? short.slice(0, space) : short).trim()
}
