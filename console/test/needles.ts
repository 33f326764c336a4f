/** Secrets that are planted, and looked for wherever a browser or a log could show them. */

/** The forms a value takes on its way: as it is, encoded for URLs and JSON, in base64. */
function formsOf(value: string): string[] {
  const base64 = Buffer.from(value).toString('base64').replace(/=+$/, '')
  return [
    ...new Set([
      value,
      encodeURIComponent(value),
      JSON.stringify(value).slice(1, -1),
      base64,
      base64.replaceAll('+', '-').replaceAll('/', '_'),
    ]),
  ]
}

export interface Needles {
  /** A secret that no other text can be taken for. */
  plant(name: string): string
  watch(name: string, value: string): void
  /** The names of those found in the text. */
  foundIn(text: string): string[]
  planted(): number
}

export function createNeedles(): Needles {
  const all = new Map<string, string[]>()
  let count = 0
  const watch = (name: string, value: string): void => void all.set(name, formsOf(value))
  return {
    watch,
    plant(name) {
      const value = `n33dle-${name.replaceAll(/\W/g, '')}-${++count}-${crypto.randomUUID()}`
      watch(name, value)
      return value
    },
    foundIn: (text) => [...all].filter(([, forms]) => forms.some((form) => text.includes(form))).map(([name]) => name),
    planted: () => all.size,
  }
}
