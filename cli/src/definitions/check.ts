/** What can be told of a file without asking what the server holds: its shape, and whether its secrets are references. */
import { ConnectionFile, fieldErrors, ServiceFile } from '@mooring/contract'
import { isFields, isSet, type Types } from './normal.ts'
import type { Entry, Fields, Wrong } from './read.ts'
import { holdsLiteral, resolve, type Unset } from './references.ts'

/** A definition with its references filled in, as far as that is possible here. */
export interface Checked {
  entry: Entry
  value: Fields
  /** Secrets that are not known here; whether they are needed is the plan's to say. */
  unset: Unset[]
}

export function check(
  entry: Entry,
  types: Types,
  env: NodeJS.ProcessEnv,
  answers: ReadonlyMap<string, string>,
): { checked: Checked; wrong: Wrong[] } {
  const wrong: Wrong[] = []
  const tell = (path: string, message: string): void => void wrong.push({ where: entry.at(path), path, message })
  const secret = secretPaths(entry, types)
  const isSecret = (path: string): boolean => secret.some((each) => path === each || path.startsWith(`${each}.`))
  for (const path of secret) {
    const value = at(entry.value, path)
    if (!isSet(value) && holdsLiteral(value))
      tell(
        path,
        'A secret does not belong into a file: write a reference to it, such as ${env:NAME} or ${prompt:Label}.',
      )
  }
  const { value, unset } = resolve(entry.value, env, answers)
  for (const { path, name } of unset) if (!isSecret(path)) tell(path, `The environment has no ${name}.`)

  const fields: Fields = isFields(value) ? value : {}
  const parsed = (entry.kind === 'service' ? ServiceFile : ConnectionFile).safeParse(fields, { reportInput: true })
  for (const error of parsed.success ? [] : fieldErrors(parsed.error.issues, [], fields)) {
    if (!wrong.some(({ path }) => path === error.path)) tell(error.path, error.message)
  }
  return { checked: { entry, value: fields, unset: unset.filter(({ path }) => isSecret(path)) }, wrong }
}

/** Dotted paths of what is secret in a definition, as far as it is written there. */
export function secretPaths({ kind, value }: Entry, types: Types): string[] {
  if (kind === 'connection') {
    return Object.keys(isFields(value['credentials']) ? value['credentials'] : {}).map((name) => `credentials.${name}`)
  }
  const auth = isFields(value['auth']) ? value['auth'] : {}
  const secrets = types.get(String(auth['type']))?.secrets ?? []
  return secrets.filter((name) => auth[name] !== undefined && auth[name] !== null).map((name) => `auth.${name}`)
}

export function at(value: unknown, path: string): unknown {
  const [name = '', ...rest] = path.split('.')
  const inner = isFields(value) ? value[name] : undefined
  return rest.length === 0 ? inner : at(inner, rest.join('.'))
}
