import { command } from '../../command.ts'

export const deleteKey = command({
  name: 'keys delete',
  summary: 'Delete an API key; callers that use it are refused from then on',
  takes: ['id'],
  options: {},
  examples: [
    ['By the id that keys list shows', 'mooring keys delete key_01'],
    ['By its name', 'mooring keys delete $(mooring keys list --json | jq -r \'.items[] | select(.name == "ci").id\')'],
  ],
  async run({ argument }, { client, output }) {
    await client.keys.delete(argument('id'))
    if (!output.json) output.note(`Deleted ${argument('id')}.`)
  },
})
