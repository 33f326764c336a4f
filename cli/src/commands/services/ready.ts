import { command } from '../../command.ts'
import { printService } from './print.ts'

export const readyService = command({
  name: 'services ready',
  summary: 'Mark a draft as ready; there is no way back',
  takes: ['service'],
  options: {},
  notes: ['Every missing or wrong field is shown next to its path, and the service stays a draft.'],
  examples: [
    ['Make it ready', 'mooring services ready books'],
    ['Only the wrong fields, in a script', "mooring services ready books --json 2>&1 >/dev/null | jq '.errors'"],
  ],
  async run({ argument }, { client, output, now }) {
    const service = await client.services.ready(argument('service'))
    printService(output, service, now())
    if (!output.json) output.note(`Connect it with: mooring connect ${service.linkName}`)
  },
})
