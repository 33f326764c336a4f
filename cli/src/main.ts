/** The mooring command: wiring only. */
import process from 'node:process'
import { exitCode } from './exit_codes.ts'
import { run } from './run.ts'

const interrupted = new AbortController()
// Once: a second Ctrl-C ends the process there and then.
process.once('SIGINT', () => interrupted.abort())

// A reader that has seen enough (`| head`) is not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit(exitCode.ok)
})

const { env, platform, stdin, stdout, stderr } = process
const code = await run(process.argv.slice(2), {
  env,
  platform,
  stdin,
  stdout,
  stderr,
  now: () => new Date(),
  signal: interrupted.signal,
})
if (code !== undefined) process.exitCode = code
