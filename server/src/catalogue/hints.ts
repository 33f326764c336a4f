/** What is known about providers' hosts that a definition may lack, from data: above all what a refresh token needs. */
import { fields, type Hint } from '@mooring/contract'
import { z } from 'zod'
import { compileHosts, parseHostPattern } from '../egress/hosts.ts'
import { authOf, type Definition } from '../service/definition.ts'
import { fill } from '../schemes/placeholders.ts'
import { readData } from './file.ts'

const Fact = z.strictObject({
  /** Host patterns, as a service's `hosts`. */
  hosts: z.array(z.string()).min(1),
  /** The URL whose host is looked at, by dotted path; its own query counts as given. */
  path: z.string(),
  /** Values that these paths must hold for the fact to matter. */
  when: z.record(z.string(), z.array(z.string())).default({}),
  /** What should be there, by dotted path. */
  parameters: z.record(z.string(), z.string()).optional(),
  scope: z.strictObject({ name: fields.scopeName, value: fields.scopeValue }).optional(),
  message: z.string().min(1),
  fixLabel: z.string().default('Add it for me'),
  /** Where the fact was confirmed. */
  sources: z.array(z.string()).min(1),
})
export type Fact = z.infer<typeof Fact>

let read: readonly Fact[] | undefined

/** Read once. Throws where the file is not what it should be. */
export function facts(): readonly Fact[] {
  read ??= z.array(Fact).parse(readData('hints.json'))
  return read
}

export function hintsFor(definition: Definition): Hint[] {
  const { document } = definition
  const whole = { ...document, auth: authOf(definition)?.auth }
  const examples = Object.fromEntries(document.placeholders.map(({ name, example }) => [name, example ?? 'x']))
  return facts().flatMap((fact) => {
    const text = at(whole, fact.path)
    const url = typeof text === 'string' ? URL.parse(fill(text, examples)) : null
    if (url === null || !isOf(fact, url)) return []
    const matters = Object.entries(fact.when).every(([path, values]) =>
      values.some((value) => at(whole, path) === value),
    )
    if (!matters) return []
    const fix = { ...missingParameters(fact, whole, url), ...missingScope(fact, document.scopes) }
    if (Object.keys(fix).length === 0) return []
    return [{ path: fact.path, message: fact.message, fix, fixLabel: fact.fixLabel }]
  })
}

function isOf({ hosts }: Fact, url: URL): boolean {
  const patterns = hosts.flatMap((text) => {
    const pattern = parseHostPattern(text)
    return 'error' in pattern ? [] : [pattern]
  })
  return compileHosts(patterns)(url)
}

function missingParameters({ parameters = {} }: Fact, whole: unknown, url: URL): Record<string, string> {
  return Object.fromEntries(
    Object.entries(parameters).filter(
      ([path]) => at(whole, path) === undefined && !url.searchParams.has(path.split('.').at(-1) ?? path),
    ),
  )
}

/** A list is set as a whole. */
function missingScope({ scope }: Fact, scopes: { name: string; value: string }[]): Record<string, unknown> {
  if (scope === undefined || scopes.some(({ value }) => value === scope.value)) return {}
  return { scopes: [...scopes.map(({ name, value }) => ({ name, value })), scope] }
}

function at(value: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (found, name) =>
        typeof found === 'object' && found !== null && Object.hasOwn(found, name)
          ? Reflect.get(found, name)
          : undefined,
      value,
    )
}
