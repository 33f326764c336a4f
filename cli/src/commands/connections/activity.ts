import { command } from '../../command.ts'
import { plain } from '../../output.ts'
import { mark, relativeTime } from '../../words.ts'
import { pageOptions, pageQuery, printPage } from '../paging.ts'

export const connectionActivity = command({
  name: 'connections activity',
  summary: 'Calls, refreshes, failures and revocations, newest first',
  takes: ['connection'],
  options: pageOptions,
  examples: [
    ['What happened lately', 'mooring connections activity my_books'],
    ['Only what failed', "mooring connections activity my_books --json | jq '.items[] | select(.ok | not)'"],
  ],
  async run({ argument, values }, { client, output, now }) {
    printPage(output, await client.connections.activity(argument('connection'), pageQuery(values)), {
      headings: ['when', '', 'what', 'detail'],
      row: ({ at, ok, type, detail, method, host, path, status, ms, count }) => [
        relativeTime(at, now()),
        mark(ok, output.style),
        `${type}${count === undefined || count < 2 ? '' : ` ×${count}`}`,
        plain(
          method === undefined
            ? detail
            : `${method} ${host ?? ''}${path ?? ''} ${status ?? detail}${ms === undefined ? '' : `, ${ms} ms`}`,
        ),
      ],
      none: 'Nothing has happened yet.',
    })
  },
})
