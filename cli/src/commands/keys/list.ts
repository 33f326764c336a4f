import { command } from '../../command.ts'
import { plain } from '../../output.ts'
import { relativeTime } from '../../words.ts'
import { pageOptions, pageQuery, printPage } from '../paging.ts'

export const listKeys = command({
  name: 'keys list',
  summary: 'List API keys',
  options: pageOptions,
  examples: [
    ['All of them', 'mooring keys list'],
    ['Keys never used', "mooring keys list --json | jq '.items[] | select(.lastUsedAt == null)'"],
  ],
  async run({ values }, { client, output, now }) {
    printPage(output, await client.keys.list(pageQuery(values)), {
      headings: ['id', 'name', 'role', 'starts with', 'connections', 'expires', 'last used'],
      row: (key) => [
        key.id,
        plain(key.name),
        key.role,
        plain(key.prefix),
        key.connections === null ? 'all' : plain(key.connections.join(', ')),
        relativeTime(key.expiresAt, now()),
        relativeTime(key.lastUsedAt, now()),
      ],
      none: 'No API keys.',
    })
  },
})
