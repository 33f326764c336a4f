import type { CatalogueEntry } from '@mooring/sdk'
import { command } from '../../command.ts'
import { type Output, plain } from '../../output.ts'
import { pageOptions, pageQuery, printPage } from '../paging.ts'

export const serviceCatalogue = command({
  name: 'services catalogue',
  summary: 'Find a ready-made service, or read how to set one up',
  mayTake: ['text'],
  options: {
    category: { type: 'string', value: 'name', help: 'Only those of this category, such as crm' },
    'auth-type': { type: 'string', value: 'type', help: 'Only those of this authentication type' },
    entry: { type: 'string', value: 'id', help: 'What this one asks for, and its setup guide' },
    ...pageOptions,
  },
  notes: [
    'The best answer to the text comes first.',
    'A ready-made service becomes yours with: mooring services create --from <id>',
  ],
  examples: [
    ['The ready-made services of Google', 'mooring services catalogue google'],
    ['How to set one up', 'mooring services catalogue --entry github'],
  ],
  async run({ argument, values }, { client, output }) {
    const query = argument('text')
    const { category, entry, 'auth-type': authType } = values
    if (entry !== undefined) {
      printEntry(output, await client.catalogue.get(entry))
      return
    }
    const page = await client.catalogue.list({
      limit: 50,
      ...pageQuery(values),
      summary: 'true',
      ...(query === '' ? {} : { query }),
      ...(category === undefined ? {} : { category }),
      ...(authType === undefined ? {} : { authType }),
    })
    printPage(output, page, {
      headings: ['id', 'name', 'category', 'type', ''],
      row: (item) => [item.id, plain(item.name), item.category, item.authType, item.verified ? '' : 'not verified'],
      none: 'No ready-made service answers to that. Describe your own: mooring services create',
    })
  },
})

function printEntry(output: Output, entry: CatalogueEntry): void {
  if (output.json) {
    output.printJson(entry)
    return
  }
  const { id, name, description, asks, placeholders, scopes, guide, docsUrl } = entry
  output.details([
    ['Ready-made service', `${id} (${plain(name)})`],
    ['Description', plain(description)],
    [
      'Asks for',
      asks.length === 0 ? 'nothing' : plain(asks.map(({ field, label }) => `${label} (auth.${field})`).join(', ')),
    ],
    ['Per connection', placeholders.length === 0 ? undefined : plain(placeholders.map((one) => one.name).join(', '))],
    ['Scopes', scopes.length === 0 ? undefined : plain(scopes.map(({ value }) => value).join(' '))],
    ['Documentation', docsUrl ?? undefined],
  ])
  const parts: [string, string[]][] = [
    ['What you need', guide.need],
    ['Create the app', guide.createApp],
    ['Copy the values', guide.copyValues],
    ['Common errors', guide.commonErrors],
  ]
  for (const [title, lines] of parts) output.note([title, ...lines.map((line) => `  - ${plain(line)}`)].join('\n'))
}
