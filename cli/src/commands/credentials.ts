import type { CredentialParts } from '@mooring/sdk'
import { command } from '../command.ts'
import { plain } from '../output.ts'
import { relativeTime } from '../words.ts'
import { userOf, userOption } from './connections/user_option.ts'

export const credentials = command({
  name: 'credentials',
  summary: 'Show the parts of a request that carry the credential',
  takes: ['connection'],
  options: {
    ...userOption,
    url: { type: 'string', value: 'url', help: 'The URL that will be called (signing types need it)' },
    method: { type: 'string', short: 'X', value: 'method', help: 'The method that will be used (GET)' },
    show: { type: 'boolean', help: 'Show the values on a terminal too' },
  },
  notes: [
    [
      'On a terminal the values are hidden unless --show is given; --json and pipes get them in clear.',
      'Here --url is the URL to be called; the server is named by MOORING_URL.',
    ].join('\n'),
  ],
  examples: [
    ['What would be sent', 'mooring credentials my_books'],
    ['The header, for another program', 'mooring credentials my_books --json | jq -r .headers.Authorization'],
  ],
  async run({ argument, values }, { client, output, now }) {
    const parts = await client.connections.credentials(argument('connection'), {
      ...userOf(values),
      ...(values.url === undefined ? {} : { url: values.url }),
      ...(values.method === undefined ? {} : { method: values.method }),
    })
    if (output.json) {
      output.printJson(parts)
      return
    }
    const isHidden = output.onTerminal && values.show !== true
    output.table(['where', 'name', 'value'], rowsOf(parts, isHidden ? hidden : plain))
    if (parts.expiresAt !== null) output.note(`Expires ${relativeTime(parts.expiresAt, now())}.`, 'dim')
    if (isHidden) output.note('The values are hidden; --show prints them.', 'dim')
  },
})

function rowsOf({ headers, parameters, form }: CredentialParts, shown: (value: string) => string): string[][] {
  const rows = (where: string, values: Record<string, string>): string[][] =>
    Object.entries(values).map(([name, value]) => [where, plain(name), shown(value)])
  return [...rows('header', headers), ...rows('query', parameters), ...rows('form', form)]
}

const hidden = (value: string): string => `•••••••• (${value.length} characters)`
