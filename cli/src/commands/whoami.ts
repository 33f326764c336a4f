import { command } from '../command.ts'
import { plain } from '../output.ts'

export const whoami = command({
  name: 'whoami',
  summary: 'Show whose key is used, and what it may do',
  options: {},
  examples: [
    ['The key in use', 'mooring whoami'],
    ['Its role, in a script', 'mooring whoami --json | jq -r .role'],
  ],
  async run(_, { client, output }) {
    const me = await client.whoami()
    if (output.json) {
      output.printJson(me)
      return
    }
    output.details([
      ['Name', plain(me.name)],
      ['Kind', me.kind === 'api_key' ? 'API key' : 'person'],
      ['Role', me.role],
      ['Workspace', plain(me.workspace)],
      ['Id', me.id],
    ])
  },
})
