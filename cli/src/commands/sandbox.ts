import { once } from 'node:events'
import { command } from '../command.ts'
import { wholeNumber } from '../input.ts'
import { installed } from '../installed.ts'

const defaultPort = 4290

export const sandbox = command({
  name: 'sandbox',
  summary: 'Run an authorization server and an API to try everything with',
  remote: false,
  options: {
    port: { type: 'string', short: 'p', value: 'number', help: `Port (${defaultPort}); 0 takes any free one` },
    host: { type: 'string', value: 'address', help: 'Address to listen on (127.0.0.1)' },
    'state-file': { type: 'string', value: 'file', help: 'Keep grants in this file (default: in memory)' },
    'access-token-life': { type: 'string', value: 'seconds', help: 'How long access tokens live (60)' },
    'auto-consent': { type: 'boolean', help: 'Ask nobody to sign in or to consent' },
  },
  notes: ['It runs until Ctrl-C. Its credentials are public demo values, good for nothing else.'],
  examples: [
    ['Run it where the guides expect it', 'mooring sandbox'],
    [
      'Tokens that live five minutes, grants that survive a restart',
      'mooring sandbox --access-token-life 300 --state-file ./sandbox.sqlite',
    ],
  ],
  async run({ values }, { output, signal }) {
    const port = wholeNumber(values.port, 'port', 0) ?? defaultPort
    const accessTokenLifeSeconds = wholeNumber(values['access-token-life'], 'access-token-life', 1)
    // Loaded here alone, so that other commands start without it.
    const { startSandbox } = await installed(
      async () => import('@mooring/sandbox'),
      'The sandbox is not installed here. A server that is started without NODE_ENV=production runs one beside it.',
    )
    const running = await startSandbox({
      port,
      autoConsent: values['auto-consent'] ?? false,
      ...(values.host === undefined ? {} : { host: values.host }),
      ...(values['state-file'] === undefined ? {} : { stateFile: values['state-file'] }),
      ...(accessTokenLifeSeconds === undefined ? {} : { accessTokenLifeSeconds }),
    })
    output.print(`The sandbox is at ${output.style('bold', running.url)}`)
    output.print()
    output.table(
      ['service', 'what it is', 'demo credential'],
      running.services.map(({ linkName, service, credentials }) => [
        linkName,
        service.description,
        credentials === null ? 'none: sign in, or nothing to fill in' : entries(credentials),
      ]),
    )
    output.note('\nStop it with Ctrl-C.')
    if (!signal.aborted) await once(signal, 'abort')
    await running.close()
    return 0
  },
})

const entries = (values: Record<string, string>): string =>
  Object.entries(values)
    .map(([key, value]) => `${key}=${value}`)
    .join(' ')
