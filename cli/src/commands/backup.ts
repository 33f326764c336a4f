import type { BackupTold } from '@mooring/server'
import { command } from '../command.ts'
import { Failure } from '../failure.ts'
import type { Output } from '../output.ts'
import { installedServer } from '../installed.ts'

export const backup = command({
  name: 'backup',
  summary: 'Write everything an installation keeps to a file, while it serves',
  takes: ['file'],
  remote: false,
  options: { json: { type: 'boolean', help: 'Print JSON' } },
  notes: [
    'Run it where the server runs, with the same settings: MOORING_DATA_DIR, MOORING_DATABASE_URL and MOORING_KEYS say what to back up.',
    'The keyring is needed, to prove that all of it opens, and is not in the file. Keep it elsewhere: without it nobody can read the backup, and beside it the backup protects nothing.',
  ],
  examples: [
    ['Back up', 'mooring backup /backups/mooring-2030-01-31.backup'],
    ['From a script', 'MOORING_DATA_DIR=/var/lib/mooring mooring backup --json /backups/mooring-2030-01-31.backup'],
  ],
  async run({ argument }, { output, env }) {
    const path = argument('file')
    // Loaded here alone, so that other commands start without the server.
    const { backUp } = await installedServer()
    const told = await output.spin('Backing up', async () => backUp(env, path)).catch(fail)
    if (output.json) {
      output.printJson({ file: path, ...summary(told) })
      return
    }
    output.print(`${path} holds ${told.database} as it was at ${told.header.madeAt}.`)
    tell(told, output)
    output.note(`The keyring (${told.keyring}) is not in it. Keep a copy of it, and keep it apart from the backup.`)
  },
})

export function summary({ header, rows, rootKeys, closed }: BackupTold): object {
  return { madeAt: header.madeAt, engine: header.engine, version: header.mooring, rows, rootKeys, closed }
}

/** What a backup holds. */
export function tell({ rows, rootKeys, closed }: BackupTold, output: Output): void {
  const count = (table: string): string => String(rows[table] ?? 0)
  output.details([
    ['Services', count('services')],
    ['Connections', count('connections')],
    ['Authorizations', count('authorizations')],
    ['API keys', count('api_keys')],
    ['People', count('users')],
    ['Opens with', rootKeys.join(', ')],
  ])
  if (closed.count === 0) return
  output.note(`${closed.count} sealed values do not open, as they do not in the database:`)
  for (const place of closed.places) output.note(`  ${place}`)
}

export function fail(error: unknown): never {
  throw new Failure(error instanceof Error ? error.message : String(error), { cause: error })
}
