import type { RouteBodyInput, Routes } from '@mooring/sdk'
import { command } from '../../command.ts'
import { UsageError } from '../../failure.ts'
import { readObject, setAtPath } from '../../input.ts'
import { printService } from './print.ts'

type ServiceBody = RouteBodyInput<Routes['createService']>

export const createService = command({
  name: 'services create',
  summary: 'Define a service: ready-made, from a file or from options',
  options: {
    file: {
      type: 'string',
      short: 'f',
      value: 'file',
      help: 'JSON of the service, - for stdin; options go on top of it',
    },
    from: { type: 'string', value: 'id', help: 'Ready-made, by its id; see: mooring services catalogue' },
    name: { type: 'string', value: 'name', help: 'Display name' },
    'link-name': { type: 'string', value: 'name', help: 'Handle (made from the name when left out)' },
    description: { type: 'string', value: 'text', help: 'What it is for' },
    'auth-type': { type: 'string', value: 'type', help: 'Authentication type; see: mooring services types' },
    'base-url': { type: 'string', value: 'url', help: 'Where paths of calls go' },
    host: { type: 'string', value: 'pattern', multiple: true, help: 'Host the credential may be sent to' },
    scope: { type: 'string', value: 'scope', multiple: true, help: 'Scope that connections may ask for' },
    set: { type: 'string', short: 's', value: 'path=value', multiple: true, help: 'Any field by its dotted path' },
    ready: { type: 'boolean', help: 'Make it ready at once; every field is checked' },
  },
  notes: [
    [
      '--set path=value takes text, path=@file the text of a file, path:=json any JSON.',
      'A secret written here stays in the shell history; path=@file and --file keep it out.',
    ].join('\n'),
  ],
  examples: [
    [
      'A ready-made one, with your own app',
      'mooring services create --from github --set auth.clientId=Iv1.a1 --set auth.clientSecret=@secret.txt',
    ],
    [
      'An API that takes a bearer token',
      'mooring services create --name Books --auth-type bearer --base-url https://api.example.com --ready',
    ],
    [
      'From a file, with the client secret from another',
      'mooring services create -f books.json --set auth.clientSecret=@secret.txt',
    ],
  ],
  async run({ values }, { client, output, stdin, now }) {
    const service = values.file === undefined ? {} : await readObject(values.file, stdin)
    const given: [string, unknown][] = [
      ['from', values.from],
      ['name', values.name],
      ['linkName', values['link-name']],
      ['description', values.description],
      ['baseUrl', values['base-url']],
      ['hosts', values.host],
      ['scopes', values.scope],
      ['stage', values.ready ? 'ready' : undefined],
    ]
    for (const [field, value] of given) if (value !== undefined) service[field] = value
    if (values['auth-type'] !== undefined) await setAtPath(service, `auth.type=${values['auth-type']}`, stdin)
    for (const assignment of values.set ?? []) await setAtPath(service, assignment, stdin)
    if (!isNamed(service))
      throw new UsageError(
        'Name the service: --name <name>, --file <file> with a name in it, or --from <id> for a ready-made one.',
      )
    const made = await client.services.create(service)
    printService(output, made, now())
    if (output.json) return
    output.note(
      made.stage === 'ready'
        ? `Connect it with: mooring connect ${made.linkName}`
        : `It is a draft. When it is complete: mooring services ready ${made.linkName}`,
    )
  },
})

/** The rest is the server's to judge: it answers with every wrong field at once. */
const isNamed = (service: Record<string, unknown>): service is ServiceBody & Record<string, unknown> =>
  typeof service['name'] === 'string' || typeof service['from'] === 'string'
