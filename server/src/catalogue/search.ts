/** Which entries a search means, and in which order they are shown. */
import type { Entry } from './entry.ts'

export interface Filter {
  query?: string | undefined
  category?: string | undefined
  authType?: string | undefined
}

/**
 * Without a text: what is confirmed before what is not, then what most people look for. With one: how well the name
 * answers to it comes first (the same, its beginning, the beginning of a word, anywhere, elsewhere in the entry).
 */
export function findEntries(all: Iterable<Entry>, { query = '', category, authType }: Filter): Entry[] {
  const wanted = plain(query)
  const words = wanted.split(' ').filter((word) => word !== '')
  const ranked: { entry: Entry; rank: number }[] = []
  for (const entry of all) {
    if (category !== undefined && !entry.categories.includes(category)) continue
    if (authType !== undefined && entry.service.auth.type !== authType) continue
    const rank = rankOf(entry, wanted, words)
    if (rank !== undefined) ranked.push({ entry, rank })
  }
  return ranked
    .toSorted((one, other) => one.rank - other.rank || order(one.entry, other.entry))
    .map(({ entry }) => entry)
}

/** 0 is best; undefined where a word is nowhere. */
function rankOf(entry: Entry, wanted: string, words: readonly string[]): number | undefined {
  if (wanted === '') return 0
  const name = plain(entry.name)
  if (name === wanted || entry.id === wanted) return 0
  if (name.startsWith(wanted)) return 1
  if (` ${name}`.includes(` ${wanted}`)) return 2
  if (name.includes(wanted)) return 3
  const text = plain([entry.name, entry.id, entry.description ?? '', ...entry.categories].join(' '))
  return words.every((word) => text.includes(word)) ? 4 : undefined
}

function order(one: Entry, other: Entry): number {
  return (
    Number(other.verified) - Number(one.verified) ||
    // The difference of two that have no place is no number.
    (one.popular === other.popular ? 0 : one.popular - other.popular) ||
    Number(one.variantOf !== null) - Number(other.variantOf !== null) ||
    one.name.localeCompare(other.name)
  )
}

/** As people type it: without case, accents and punctuation. */
function plain(text: string): string {
  return text
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
}
