import { command } from '../../command.ts'
import { plain } from '../../output.ts'
import { relativeTime } from '../../words.ts'
import { pageOptions, pageQuery, printPage } from '../paging.ts'

export const listUsers = command({
  name: 'users list',
  summary: 'List people',
  options: pageOptions,
  examples: [
    ['All of them', 'mooring users list'],
    ['Who is an owner', 'mooring users list --json | jq -r \'.items[] | select(.role == "owner").email\''],
  ],
  async run({ values }, { client, output, now }) {
    printPage(output, await client.users.list(pageQuery(values)), {
      headings: ['id', 'name', 'e-mail address', 'role', 'active', 'last seen'],
      row: (user) => [
        user.id,
        plain(user.name),
        plain(user.email),
        user.role,
        user.active ? 'yes' : 'no',
        relativeTime(user.lastSeenAt, now()),
      ],
      none: 'Nobody has an account yet; the start of the server prints a link for the owner.',
    })
  },
})
