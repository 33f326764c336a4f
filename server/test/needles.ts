/** Secrets that are planted, and looked for in everything that is kept or said (S-47). */
import { randomBytes } from 'node:crypto'

export interface Needles {
  /** A new random secret; `like` gives it the characters of its kind. */
  plant: (name: string, like?: (random: string) => string) => string
  /** Takes in a secret that somebody else made. */
  watch: (name: string, value: string) => void
  names: () => string[]
  value: (name: string) => string
  /** The names and forms found in these bytes; `allowed` names may be there. */
  foundIn: (bytes: Buffer | string, allowed?: readonly string[]) => string[]
}

export function createNeedles(): Needles {
  const planted = new Map<string, string>()
  const forms = new Map<string, [form: string, text: Buffer][]>()
  const watch = (name: string, value: string): void => {
    if (value.length < 12) throw new Error(`${name} is too short to be looked for`)
    planted.set(name, value)
    forms.set(name, formsOf(value))
  }
  return {
    watch,
    plant(name, like = (random) => `s47+${random}/%&=${random}`) {
      if (planted.has(name)) throw new Error(`${name} is planted already`)
      const value = like(randomBytes(12).toString('hex'))
      watch(name, value)
      return value
    },
    names: () => [...planted.keys()],
    value: (name) => planted.get(name) ?? '',
    foundIn(bytes, allowed = []) {
      const hay = Buffer.from(bytes)
      const found: string[] = []
      for (const [name, list] of forms) {
        if (allowed.includes(name)) continue
        for (const [form, text] of list) if (hay.includes(text)) found.push(`${name} (${form})`)
      }
      return found
    },
  }
}

function formsOf(value: string): [form: string, text: Buffer][] {
  const bytes = Buffer.from(value, 'utf8')
  const encoded = encodeURIComponent(value)
  const texts: [string, string][] = [
    ['plain', value],
    ['percent-encoded', encoded],
    ['percent-encoded, small letters', encoded.replace(/%[0-9A-F]{2}/g, (hex) => hex.toLowerCase())],
    ['percent-encoded twice', encodeURIComponent(encoded)],
    ['form-encoded', new URLSearchParams({ x: value }).toString().slice(2)],
    ['JSON', JSON.stringify(value).slice(1, -1)],
    ['hex', bytes.toString('hex')],
    ['hex, large letters', bytes.toString('hex').toUpperCase()],
    ['reversed', Array.from(value).toReversed().join('')],
    // A secret that was cut is still most of one.
    ['first half', value.slice(0, Math.max(12, Math.ceil(value.length / 2)))],
    ['second half', value.slice(-Math.max(12, Math.ceil(value.length / 2)))],
    ...[0, 1, 2].flatMap((offset): [string, string][] => {
      // Inside a longer text base64 falls on one of three places; what depends on the neighbours is left out.
      const padded = Buffer.concat([Buffer.alloc(offset), bytes])
        .toString('base64')
        .replace(/=+$/, '')
      const certain = padded.slice(offset === 0 ? 0 : offset + 1, padded.length - (padded.length % 4 === 0 ? 0 : 1))
      return [
        [`base64 at ${offset}`, certain],
        [`base64url at ${offset}`, certain.replaceAll('+', '-').replaceAll('/', '_')],
      ]
    }),
  ]
  const distinct = new Map(texts.map(([form, text]) => [text, form]))
  return [
    ...Array.from(distinct, ([text, form]): [string, Buffer] => [form, Buffer.from(text, 'utf8')]),
    ['UTF-16', Buffer.from(value, 'utf16le')],
  ]
}
