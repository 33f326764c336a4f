/** The file of a service or a connection, as the server writes it: without any secret. */
import { MooringError } from '@mooring/sdk'
import { queryOptions } from '@tanstack/react-query'
import { client } from '../data/client.ts'

export type FileKind = 'service' | 'connection'
export type FileFormat = 'yaml' | 'json'

/** Read anew each time it is opened. */
export const fileText = (kind: FileKind, linkName: string, format: FileFormat) =>
  queryOptions({
    queryKey: ['file', kind, linkName, format],
    queryFn: ({ signal }) => (format === 'json' ? asJson(kind, linkName, signal) : asYaml(kind, linkName, signal)),
    staleTime: 0,
    gcTime: 0,
  })

async function asJson(kind: FileKind, linkName: string, signal: AbortSignal): Promise<string> {
  const from = kind === 'service' ? client.services : client.connections
  return `${JSON.stringify(await from.export(linkName, { signal }), null, 2)}\n`
}

/** The client reads JSON only; the server writes the YAML, by what is accepted. */
async function asYaml(kind: FileKind, linkName: string, signal: AbortSignal): Promise<string> {
  const path = `/v1/${kind}s/${encodeURIComponent(linkName)}/export`
  const response = await fetch(path, { signal, headers: { accept: 'application/yaml' } })
  if (response.ok) return response.text()
  const { status } = response
  throw new MooringError({ code: 'internal_error', status, title: 'No file', detail: `The server answered ${status}.` })
}
