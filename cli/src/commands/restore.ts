import { command } from '../command.ts'
import { fail, summary, tell } from './backup.ts'
import { installedServer } from '../installed.ts'

export const restore = command({
  name: 'restore',
  summary: 'Fill a new installation from a backup',
  takes: ['file'],
  remote: false,
  options: {
    check: { type: 'boolean', help: 'Only look whether the backup is whole and opens' },
    json: { type: 'boolean', help: 'Print JSON' },
  },
  notes: [
    'MOORING_DATA_DIR and MOORING_DATABASE_URL say where to, as for the server; what is there already is refused. The keyring of the backup must be there: MOORING_KEYS, or mooring.key in the folder.',
    'Stop the installation that the backup is of, for good: two that renew the same tokens end each other’s connections.',
  ],
  examples: [
    ['Look at a backup', 'mooring restore --check mooring-2030-01-31.backup'],
    ['Restore it, then start', 'MOORING_DATA_DIR=/var/lib/mooring mooring restore mooring-2030-01-31.backup'],
  ],
  async run({ argument, values }, { output, env }) {
    const path = argument('file')
    const server = await installedServer()
    const told = await output.spin('Reading the backup', async () => server.judge(env, path)).catch(fail)
    if (!output.json) {
      output.print(`${path} is whole. It was made at ${told.header.madeAt} by version ${told.header.mooring}.`)
      tell(told, output)
    }
    if (values.check !== true) {
      if (!output.json) output.note(`Filling ${told.database}, which must not be there yet.`)
      await output.spin('Restoring', async () => server.restore(env, path)).catch(fail)
    }
    if (output.json) output.printJson({ file: path, restored: values.check !== true, ...summary(told) })
    else if (values.check !== true) {
      output.print(`Restored to ${told.database}.`)
      output.note('Sessions and links for signing in are not restored. What was revoked or deleted since is back.')
      output.note('A token that was renewed since may be lost; its connection says so at its next renewal.')
    }
  },
})
