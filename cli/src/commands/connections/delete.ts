import { command } from '../../command.ts'

export const deleteConnection = command({
  name: 'connections delete',
  summary: 'Revoke and delete a connection',
  takes: ['connection'],
  options: {},
  examples: [
    ['By its link name', 'mooring connections delete my_books'],
    [
      'All revoked ones',
      "mooring connections list --status revoked --json | jq -r '.items[].linkName' | xargs -n1 mooring connections delete",
    ],
  ],
  async run({ argument }, { client, output, signal }) {
    await output.spin('Revoking and deleting', () => client.connections.delete(argument('connection'), { signal }))
    if (!output.json) output.note(`Deleted ${argument('connection')}.`)
  },
})
