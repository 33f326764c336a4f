/** Definitions as YAML: the same server gives the same text, byte for byte. */
import type { Client, PromptField } from '@mooring/sdk'
import { stringify } from 'yaml'
import { isFields, isSet, type Types } from './normal.ts'
import type { Fields } from './read.ts'
import { referenceFor } from './references.ts'

export interface Written {
  kind: 'service' | 'connection'
  linkName: string
  text: string
}

/** Services, then connections, each by link name. */
export async function writeAll(client: Client, types: Types): Promise<Written[]> {
  const written: Written[] = []
  for (const linkName of await names(client.services.all())) {
    const file: Fields = { ...(await client.services.export(linkName)) }
    written.push(asYaml('service', linkName, withReferences(file, linkName, types)))
  }
  for (const linkName of await names(client.connections.all())) {
    const file: Fields = { ...(await client.connections.export(linkName)) }
    const { redirects, fields } = await client.connections.prompt(linkName)
    const shared = file['authorizationLevel'] !== 'per_user'
    const asks = redirects || fields.length === 0 || !shared ? {} : { credentials: credentialsOf(fields, linkName) }
    written.push(asYaml('connection', linkName, { ...file, ...asks }))
  }
  return written
}

async function names(all: AsyncIterable<{ linkName: string }>): Promise<string[]> {
  const found: string[] = []
  for await (const { linkName } of all) found.push(linkName)
  return found.toSorted()
}

function asYaml(kind: Written['kind'], linkName: string, file: Fields): Written {
  return { kind, linkName, text: stringify(file, { lineWidth: 0, aliasDuplicateObjects: false }) }
}

/** In the place of each stored secret a reference to the environment. */
function withReferences(file: Fields, linkName: string, types: Types): Fields {
  const { auth } = file
  if (!isFields(auth)) return file
  const secrets = types.get(String(auth['type']))?.secrets ?? []
  const fields = Object.entries(auth).map(([name, value]): [string, unknown] => {
    if (!secrets.includes(name) || !isSet(value)) return [name, value]
    const properties = types.get(String(auth['type']))?.properties[name]
    // A secret of several parts says nothing of which are set; it is kept where it is.
    return [name, takesText(properties) ? referenceFor(linkName, name) : value]
  })
  return { ...file, auth: Object.fromEntries(fields) }
}

function takesText(schema: unknown): boolean {
  if (!isFields(schema)) return false
  if (schema['type'] === 'string') return true
  return Array.isArray(schema['anyOf']) && schema['anyOf'].some(takesText)
}

function credentialsOf(fields: PromptField[], linkName: string): Fields {
  return Object.fromEntries(
    fields.filter(({ required }) => required).map(({ key }) => [key, referenceFor(linkName, key)]),
  )
}
