import { command } from '../../command.ts'
import { printConnection } from './print.ts'

export const showConnection = command({
  name: 'connections show',
  summary: 'Show a connection',
  takes: ['connection'],
  options: {},
  examples: [
    ['By its link name', 'mooring connections show my_books'],
    ['Its status, in a script', 'mooring connections show my_books --json | jq -r .status'],
  ],
  async run({ argument }, { client, output, now }) {
    printConnection(output, await client.connections.get(argument('connection')), now())
  },
})
