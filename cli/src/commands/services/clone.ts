import { command } from '../../command.ts'
import { printService } from './print.ts'

export const cloneService = command({
  name: 'services clone',
  summary: 'Copy a service as a draft',
  takes: ['service'],
  options: { secrets: { type: 'boolean', help: 'Copy the secrets too' } },
  examples: [
    ['Change a ready service by way of a copy', 'mooring services clone books'],
    ['With its secrets', 'mooring services clone books --secrets'],
  ],
  async run({ argument, values }, { client, output, now }) {
    const copy = await client.services.clone(argument('service'), { secrets: values.secrets ?? false })
    printService(output, copy, now())
  },
})
