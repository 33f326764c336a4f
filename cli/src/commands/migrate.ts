import { command } from '../command.ts'
import { Failure, UsageError } from '../failure.ts'
import { startSpinner } from '../spinner.ts'
import { installedServer } from '../installed.ts'

export const migrate = command({
  name: 'migrate',
  summary: 'Move an installation from its SQLite file to PostgreSQL',
  remote: false,
  options: {
    to: { type: 'string', value: 'url', help: 'The database, empty: postgres://user:password@host/database' },
  },
  notes: [
    'Stop the server first. MOORING_DATA_DIR says where the file is, as for the server. Sealed values are moved as they are: keep the keyring.',
    'Every row is read again and compared before anything is switched over. Where it was cut short, repeat it.',
  ],
  examples: [
    ['Move it, then start on it', 'mooring migrate --to postgres://mooring:password@db.example.com/mooring'],
    [
      'From another data folder, over TLS',
      "MOORING_DATA_DIR=/var/lib/mooring mooring migrate --to 'postgres://mooring@db.example.com/mooring?sslmode=verify-full'",
    ],
  ],
  async run({ values }, { output, env, stderr }) {
    if (values.to === undefined) throw new UsageError('Name the database: mooring migrate --to postgres://…')
    // Loaded here alone, so that other commands start without the server.
    const { moveTo } = await installedServer()
    const spinner = startSpinner('Looking at both', { stream: stderr, env, style: output.style })
    try {
      const counts = await moveTo(env, values.to, ({ step, table, done, total }) =>
        spinner.say(`${step} ${done} of ${total} in ${table}`),
      )
      spinner.stop()
      output.table(
        ['table', 'rows'],
        Object.entries(counts).map(([table, rows]) => [table, String(rows)]),
      )
      output.note('\nEvery row was compared. Start the server with MOORING_DATABASE_URL set, and the same keyring.')
    } catch (error) {
      throw new Failure(error instanceof Error ? error.message : String(error), { cause: error })
    } finally {
      spinner.stop()
    }
    return 0
  },
})
