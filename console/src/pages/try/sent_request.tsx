import type { Connection, Service } from '@mooring/sdk'
import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query'
import { client } from '../../data/client.ts'
import { useMay } from '../../session.tsx'
import { type Draft, named, withQuery, writtenBody } from './draft.ts'

const dots = '••••••••'

/** How the service's requests look, every secret as dots: only the server knows what its authentication type adds. */
const outlineOf = (service: string, method: string, target: string) =>
  queryOptions({
    queryKey: ['services', service, 'preview', method, target],
    queryFn: async ({ signal }): Promise<string[] | null> => {
      const place = /^https?:\/\//i.test(target) ? { url: target } : { path: target }
      const { requests } = await client.services.preview(
        { service, definition: { probe: { method, ...place } } },
        { signal },
      )
      return requests.at(-1)?.lines ?? null
    },
    staleTime: 60_000,
    placeholderData: keepPreviousData,
    retry: false,
  })

interface SentRequestProps {
  service: Service
  connection: Connection
  draft: Draft
}

/** The request as it goes out, without its secrets. */
export function SentRequest({ service, connection, draft }: SentRequestProps) {
  const mayManage = useMay('manage')
  const target = withQuery(draft)
  const outline = useQuery({ ...outlineOf(service.linkName, draft.method, target || '/'), enabled: mayManage })
  const body = writtenBody(draft)
  const typed = named(draft.headers)
  const has = (name: string): boolean => typed.some(([one]) => one.toLowerCase() === name)
  const [first = `${draft.method} ${target}`, ...rest] = outline.data ?? []
  const lines = [
    first,
    ...(outline.data ? rest : [`(the credential of ${connection.name}: ${dots})`]),
    ...typed.map(([name, value]) => `${name}: ${/^(?:authorization|cookie)$/i.test(name) ? dots : value}`),
    ...(body === undefined || has('content-type') ? [] : [`Content-Type: ${body.type}`]),
  ]
  return (
    <div className="flex flex-col gap-2">
      <pre
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reached by keyboard.
        tabIndex={0}
        aria-label="What goes out"
        className="max-h-96 overflow-auto rounded-md border border-line bg-mute-soft p-3 font-mono text-xs whitespace-pre-wrap break-all"
      >
        {lines.join('\n')}
        {body !== undefined && `\n\n${body.text}`}
      </pre>
      <p className="text-[13px] text-ink-3">Dots stand for secrets; they never come to the browser.</p>
    </div>
  )
}
