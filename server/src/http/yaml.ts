/** Replies as YAML, for who keeps them in files. */

/** Media types of RFC 9512, and what was used before it. */
const yamlType = /^\s*(?:application\/(?:x-)?yaml|text\/(?:x-)?yaml)\s*(?:;|$)/i

/** Whether the first type that Accept names is YAML. Whoever takes anything gets JSON. */
export function wantsYaml(accept: string | undefined): boolean {
  return yamlType.test(accept?.split(',')[0] ?? '')
}

/** The library is loaded when somebody asks for it: serving starts without. */
export async function writeYaml(value: unknown): Promise<string> {
  const { stringify } = await import('yaml')
  return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false })
}
