import type { Service } from '@mooring/sdk'
import { client } from '../../data/client.ts'
import { serviceChanged } from '../../data/services.ts'
import { isRecord } from '../../forms/values.ts'
import { partOf } from './definition.ts'
import { blockedParts } from './parts.ts'
import type { Definition } from './use_definition.ts'

/** A new draft of what a form holds, as far as a draft can hold it. */
export async function copyOf({ input, problems }: Definition): Promise<Service> {
  const blocked = blockedParts(problems.filter(({ path }) => partOf(path) !== 'linkName'))
  const kept = Object.entries(input).filter(([name]) => !blocked.has(name) && !['linkName', 'stage'].includes(name))
  const definition: Record<string, unknown> = Object.fromEntries(kept)
  const { auth } = definition
  if (isRecord(auth)) {
    definition['auth'] = Object.fromEntries(Object.entries(auth).filter(([name]) => !blocked.has(`auth.${name}`)))
  }
  const service = await client.services.create({ ...definition, name: nameIn(definition) })
  await serviceChanged(service)
  return service
}

function nameIn({ name }: Record<string, unknown>): string {
  return typeof name === 'string' && name !== '' ? name : 'Recovered service'
}
