import { command } from '../../command.ts'
import { printService } from './print.ts'

export const showService = command({
  name: 'services show',
  summary: 'Show a service',
  takes: ['service'],
  options: {},
  examples: [
    ['By its link name', 'mooring services show books'],
    ['The URL to register with the provider', 'mooring services show books --json | jq -r .callbackUrl'],
  ],
  async run({ argument }, { client, output, now }) {
    printService(output, await client.services.get(argument('service')), now())
  },
})
