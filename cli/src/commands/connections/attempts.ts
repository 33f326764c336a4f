import { command } from '../../command.ts'
import { plain } from '../../output.ts'
import { relativeTime } from '../../words.ts'
import { printAttempt } from '../attempt.ts'
import { pageOptions, pageQuery, printPage } from '../paging.ts'

export const connectionAttempts = command({
  name: 'connections attempts',
  summary: 'Attempts to authorize, with what went wrong',
  takes: ['connection'],
  options: { id: { type: 'string', value: 'id', help: 'Show this attempt step by step' }, ...pageOptions },
  examples: [
    ['All of them, newest first', 'mooring connections attempts my_books'],
    ['One, step by step', 'mooring connections attempts my_books --id att_01'],
  ],
  async run({ argument, values }, { client, output, now }) {
    const connection = argument('connection')
    if (values.id !== undefined) {
      const attempt = await client.connections.attempt(connection, values.id)
      if (output.json) output.printJson(attempt)
      else printAttempt(output, attempt)
      return
    }
    printPage(output, await client.connections.attempts(connection, pageQuery(values)), {
      headings: ['id', 'when', 'state', 'user', 'diagnosis'],
      row: ({ id, createdAt, state, user, diagnosis }) => [
        id,
        relativeTime(createdAt, now()),
        state,
        user === null ? '–' : plain(user),
        diagnosis === null ? '' : plain(diagnosis.title),
      ],
      none: 'Nobody has tried to authorize it yet.',
    })
  },
})
