import { command } from '../../command.ts'
import { printConnection } from './print.ts'

export const disableConnection = command({
  name: 'connections disable',
  summary: 'Refuse all calls through a connection, and keep what it holds',
  takes: ['connection'],
  options: {},
  examples: [
    ['By its link name', 'mooring connections disable my_books'],
    ['And see its status', 'mooring connections disable my_books --json | jq -r .status'],
  ],
  async run({ argument }, { client, output, now }) {
    printConnection(output, await client.connections.update(argument('connection'), { enabled: false }), now())
  },
})
