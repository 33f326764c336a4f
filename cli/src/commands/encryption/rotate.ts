import { command } from '../../command.ts'
import { jobOptions, printBegun } from './job.ts'

export const rotateEncryption = command({
  name: 'encryption rotate',
  summary: 'Seal everything that is stored with a new key, while calls go on',
  options: jobOptions,
  notes: ['Ctrl-C ends the waiting; the rotation goes on in the server, over restarts too.'],
  examples: [
    ['And see it to its end', 'mooring encryption rotate'],
    ['From a nightly job', 'mooring encryption rotate --no-wait --json | jq -r .id'],
  ],
  async run({ values }, context) {
    return printBegun(await context.client.encryption.rotate(), values['no-wait'] !== true, context)
  },
})
