import type { Connection } from '@mooring/sdk'
import { command } from '../../command.ts'
import { UsageError } from '../../failure.ts'
import { relativeTime, statusWords } from '../../words.ts'
import { pageOptions, pageQuery, printPage } from '../paging.ts'

const statuses: Connection['status'][] = ['created', 'active', 'reauthorization_required', 'revoked', 'disabled']

export const listConnections = command({
  name: 'connections list',
  summary: 'List connections',
  options: {
    query: { type: 'string', short: 'q', value: 'text', help: 'Only those whose name holds this' },
    service: { type: 'string', value: 'service', help: 'Only those of this service' },
    status: { type: 'string', value: 'status', help: `Only these: ${statuses.join(', ')}` },
    ...pageOptions,
  },
  examples: [
    ['All of them', 'mooring connections list'],
    ['Those that need somebody', 'mooring connections list --status reauthorization_required'],
  ],
  async run({ values }, { client, output, now }) {
    const { query, service } = values
    const status = statuses.find((each) => each === values.status)
    if (values.status !== undefined && status === undefined) {
      throw new UsageError(`--status takes one of ${statuses.join(', ')}.`)
    }
    const page = await client.connections.list({
      ...pageQuery(values),
      ...(query === undefined ? {} : { query }),
      ...(service === undefined ? {} : { service }),
      ...(status === undefined ? {} : { status }),
    })
    printPage(output, page, {
      headings: ['link name', 'status', 'service', 'type', 'expires', 'last used'],
      row: (connection) => [
        connection.linkName,
        statusWords(connection, output.style),
        connection.service.linkName,
        connection.service.authType,
        relativeTime(connection.expiresAt, now(), '–'),
        relativeTime(connection.lastUsedAt, now()),
      ],
      none: 'No connections. Make one with: mooring connect <service>',
    })
  },
})
