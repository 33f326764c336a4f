/** `${env:NAME}` and `${prompt:Label}` in the place of values that do not belong into files. */

const reference = /\$\{(env|prompt):([^{}]*)\}/g

/** A value that is not known here. */
export interface Unset {
  /** Dotted, from the top of the definition. */
  path: string
  /** As a person is asked for it, or as the environment calls it. */
  name: string
  /** False where the environment lacks it. */
  asked: boolean
}

export interface Resolved {
  value: unknown
  unset: Unset[]
}

/** Fills in what the environment and earlier answers hold; the rest stays as it is written, and is told. */
export function resolve(
  value: unknown,
  env: NodeJS.ProcessEnv,
  answers: ReadonlyMap<string, string> = new Map(),
  path = '',
): Resolved {
  const under = (name: string): string => (path === '' ? name : `${path}.${name}`)
  if (typeof value === 'string') {
    const unset: Unset[] = []
    const filled = value.replaceAll(reference, (whole, source: string, name: string) => {
      const known = answers.get(`${path} ${name}`) ?? (source === 'env' ? env[name] : undefined)
      if (known !== undefined && known !== '') return known
      unset.push({ path, name, asked: source === 'prompt' })
      return whole
    })
    return { value: filled, unset }
  }
  if (typeof value !== 'object' || value === null) return { value, unset: [] }
  const parts = Object.entries(value).map(
    ([name, inner]: [string, unknown]) => [name, resolve(inner, env, answers, under(name))] as const,
  )
  return {
    value: Array.isArray(value)
      ? parts.map(([, part]) => part.value)
      : Object.fromEntries(parts.map(([name, part]) => [name, part.value])),
    unset: parts.flatMap(([, part]) => part.unset),
  }
}

/** Whether a text in it is written out, rather than referred to. */
export function holdsLiteral(value: unknown): boolean {
  if (typeof value === 'string') return value.replaceAll(reference, '') === value && value !== ''
  if (typeof value === 'object' && value !== null) return Object.values(value).some(holdsLiteral)
  return typeof value === 'number'
}

/** The reference that an export writes: `${env:BOOKS_CLIENT_SECRET}`. */
export function referenceFor(...words: string[]): string {
  const name = words
    .join('_')
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll(/[^A-Za-z0-9]+/g, '_')
    .toUpperCase()
  return `\${env:${name}}`
}
