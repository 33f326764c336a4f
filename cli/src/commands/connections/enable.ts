import { command } from '../../command.ts'
import { printConnection } from './print.ts'

export const enableConnection = command({
  name: 'connections enable',
  summary: 'Let a disabled connection be used again',
  takes: ['connection'],
  options: {},
  examples: [
    ['By its link name', 'mooring connections enable my_books'],
    ['And see its status', 'mooring connections enable my_books --json | jq -r .status'],
  ],
  async run({ argument }, { client, output, now }) {
    printConnection(output, await client.connections.update(argument('connection'), { enabled: true }), now())
  },
})
