/** Replies as YAML, for who keeps them in files. */
import { stringify } from 'yaml'

/** Media types of RFC 9512, and what was used before it. */
const yamlType = /^\s*(?:application\/(?:x-)?yaml|text\/(?:x-)?yaml)\s*(?:;|$)/i

/** Whether the first type that Accept names is YAML. Whoever takes anything gets JSON. */
export function wantsYaml(accept: string | undefined): boolean {
  return yamlType.test(accept?.split(',')[0] ?? '')
}

export function writeYaml(value: unknown): string {
  return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false })
}
