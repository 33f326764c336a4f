import { command } from '../command.ts'
import { Failure } from '../failure.ts'
import { installedServer } from '../installed.ts'

export const start = command({
  name: 'start',
  summary: 'Run the server',
  remote: false,
  options: {},
  notes: ['Everything is set by environment variables (MOORING_PORT, MOORING_DATA_DIR, …); the reference lists them.'],
  examples: [
    ['Run it here, with its data in ./data', 'mooring start'],
    ['Elsewhere, on another port', 'MOORING_DATA_DIR=/var/lib/mooring MOORING_PORT=8080 mooring start'],
  ],
  async run() {
    // Loaded here alone, so that other commands start without the server.
    const server: object = await installedServer()
    if (!('main' in server) || typeof server.main !== 'function') {
      throw new Failure('The server that is installed cannot be started from here.')
    }
    // It minds signals and the exit code itself.
    await Reflect.apply(server.main, undefined, [])
  },
})
