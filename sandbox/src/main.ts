import { parseArgs } from 'node:util'
import { startSandbox } from './index.ts'
import type { SandboxOptions } from './index.ts'
import { explainServices } from './services.ts'

/** The port the README and the guides name. */
const DEFAULT_PORT = 4290

const usage = `Usage: node sandbox/src/main.ts [options]
  --port <number>               default ${DEFAULT_PORT}; 0 takes any free port
  --host <address>              default 127.0.0.1
  --public-url <url>            default http://localhost:<port>
  --state-file <path>           keep grants in this SQLite file; default: memory
  --access-token-life <seconds> default 60
  --auto-consent                nobody is asked to sign in or to consent
  --control                     serve POST /control/… (for tests)
`

function readOptions(): SandboxOptions {
  const { values } = parseArgs({
    options: {
      port: { type: 'string' },
      host: { type: 'string' },
      'public-url': { type: 'string' },
      'state-file': { type: 'string' },
      'access-token-life': { type: 'string' },
      'auto-consent': { type: 'boolean' },
      control: { type: 'boolean' },
    },
  })
  const number = (name: 'port' | 'access-token-life', least: number, fallback: number): number => {
    const value = values[name] === undefined ? fallback : Number(values[name])
    if (!Number.isInteger(value) || value < least) throw new RangeError(`--${name} takes a whole number from ${least}`)
    return value
  }
  return {
    port: number('port', 0, DEFAULT_PORT),
    accessTokenLifeSeconds: number('access-token-life', 1, 60),
    autoConsent: values['auto-consent'] ?? false,
    control: values.control ?? false,
    ...(values.host === undefined ? {} : { host: values.host }),
    ...(values['public-url'] === undefined ? {} : { publicUrl: values['public-url'] }),
    ...(values['state-file'] === undefined ? {} : { stateFile: values['state-file'] }),
  }
}

async function main(options: SandboxOptions): Promise<void> {
  const sandbox = await startSandbox(options)
  const { url, services } = sandbox
  const stop = () => void sandbox.close().then(() => process.exit(0))
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)

  if (process.send) {
    // A child of `npm start`: without its parent there is nobody left to stop it.
    process.once('disconnect', stop)
    process.send({ type: 'ready', url, services })
    return
  }
  const lines = explainServices(services).map(({ linkName, about }) => `  ${linkName.padEnd(16)} ${about}`)
  process.stdout.write(`The sandbox is at ${url}\n\nServices and their public demo values:\n${lines.join('\n')}\n`)
}

function giveUp(error: unknown, advice: string): void {
  process.stderr.write(`${error instanceof Error ? error.message : 'The sandbox could not start.'}\n${advice}`)
  process.exitCode = 1
  // A forked child whose parent still listens would otherwise stay.
  if (process.connected) process.disconnect()
}

try {
  main(readOptions()).catch((error: unknown) => giveUp(error, ''))
} catch (error) {
  giveUp(error, `\n${usage}`)
}
