import type { RouteBodyInput, Routes } from '@mooring/sdk'
import { command } from '../../command.ts'
import { UsageError } from '../../failure.ts'
import { readObject, readPairs } from '../../input.ts'
import { printConnection } from './print.ts'

type ConnectionBody = RouteBodyInput<Routes['createConnection']>

export const createConnection = command({
  name: 'connections create',
  summary: 'Make a connection without authorizing it yet',
  options: {
    file: { type: 'string', short: 'f', value: 'file', help: 'JSON of the connection, - for stdin' },
    name: { type: 'string', value: 'name', help: 'Display name' },
    'link-name': { type: 'string', value: 'name', help: 'Handle (made from the name when left out); never changes' },
    service: { type: 'string', value: 'service', help: 'A ready service' },
    scope: { type: 'string', value: 'scope', multiple: true, help: 'Scope to ask for' },
    parameter: {
      type: 'string',
      value: 'key=value',
      multiple: true,
      help: "Fills a {placeholder} of the service's URLs",
    },
    'per-user': { type: 'boolean', help: 'Each user authorizes for themselves' },
  },
  notes: ['`mooring connect <service>` makes and authorizes one in a single step.'],
  examples: [
    ['One for everybody', "mooring connections create --name 'My books' --service books --scope invoices.read"],
    ['One that each user authorizes', "mooring connections create --name 'User drives' --service drive --per-user"],
  ],
  async run({ values }, { client, output, stdin, now }) {
    const connection = values.file === undefined ? {} : await readObject(values.file, stdin)
    const given: [string, unknown][] = [
      ['name', values.name],
      ['linkName', values['link-name']],
      ['service', values.service],
      ['scopes', values.scope],
      ['parameters', values.parameter && (await readPairs(values.parameter, 'parameter', stdin))],
      ['authorizationLevel', values['per-user'] ? 'per_user' : undefined],
    ]
    for (const [field, value] of given) if (value !== undefined) connection[field] = value
    if (!isWhole(connection)) throw new UsageError('Give --name and --service, or a --file with both in it.')
    const made = await client.connections.create(connection)
    printConnection(output, made, now())
    if (!output.json) output.note(`Authorize it with: mooring connect ${made.linkName}`)
  },
})

/** The rest is the server's to judge: it answers with every wrong field at once. */
const isWhole = (connection: Record<string, unknown>): connection is ConnectionBody & Record<string, unknown> =>
  typeof connection['name'] === 'string' && connection['service'] !== undefined
