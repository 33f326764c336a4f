import { command } from '../../command.ts'

export const deleteService = command({
  name: 'services delete',
  summary: 'Delete a service',
  takes: ['service'],
  options: { force: { type: 'boolean', help: 'Revoke and delete its connections too' } },
  examples: [
    ['One that nothing uses', 'mooring services delete books'],
    ['With all of its connections', 'mooring services delete books --force'],
  ],
  async run({ argument, values }, { client, output }) {
    await client.services.delete(argument('service'), { force: values.force ?? false })
    if (!output.json) output.note(`Deleted ${argument('service')}.`)
  },
})
