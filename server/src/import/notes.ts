/** What is told about an import in words. Words of the document's own are cut short and cannot steer a terminal. */

/** More sentences than this nobody reads. */
const most = 100
const longestSentence = 400
const longestQuote = 80

export interface Notes {
  /** The same sentence is told once. Never given a secret. */
  add(sentence: string): void
  all(): string[]
}

export function createNotes(): Notes {
  const told = new Set<string>()
  let more = 0
  return {
    add(sentence) {
      const text = cut(clean(sentence), longestSentence)
      if (told.size < most || told.has(text)) told.add(text)
      else more++
    },
    all: () => [...told, ...(more === 0 ? [] : [`There is more of this kind (${more}), left out here.`])],
  }
}

/** A name or a value from elsewhere, as it may stand in a sentence. */
export function quoted(value: string): string {
  return cut(clean(value), longestQuote)
}

function clean(text: string): string {
  return text
    .slice(0, 2000)
    .replace(/[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069\s]+/gu, ' ')
    .trim()
}

function cut(text: string, longest: number): string {
  const characters = Array.from(text)
  return characters.length <= longest ? text : `${characters.slice(0, longest - 1).join('')}…`
}
