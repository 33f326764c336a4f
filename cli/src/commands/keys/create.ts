import { command } from '../../command.ts'
import { UsageError } from '../../failure.ts'

const roles = ['owner', 'admin', 'developer', 'viewer', 'invoke'] as const

export const createKey = command({
  name: 'keys create',
  summary: 'Make an API key; it is shown once',
  options: {
    name: { type: 'string', value: 'name', help: 'What it is for' },
    role: { type: 'string', value: 'role', help: `One of ${roles.join(', ')}` },
    connection: { type: 'string', value: 'connection', multiple: true, help: 'invoke: only through this connection' },
    'expires-at': { type: 'string', value: 'time', help: 'RFC 3339, such as 2027-01-31T12:00:00Z (never)' },
  },
  notes: ['The key alone goes to stdout, so that it can be sent straight to where it is kept.'],
  examples: [
    ['For a script that calls one API', 'mooring keys create --name reports --role invoke --connection my_books'],
    ['Into a file that only you can read', '(umask 077; mooring keys create --name ci --role developer > key.txt)'],
  ],
  async run({ values }, { client, output }) {
    const role = roles.find((each) => each === values.role)
    if (values.name === undefined) throw new UsageError('Say what the key is for: --name <name>')
    if (role === undefined) throw new UsageError(`Say what it may do: --role takes one of ${roles.join(', ')}.`)
    const key = await client.keys.create({
      name: values.name,
      role,
      ...(values.connection === undefined ? {} : { connections: values.connection }),
      ...(values['expires-at'] === undefined ? {} : { expiresAt: values['expires-at'] }),
    })
    if (output.json) output.printJson(key)
    else output.print(key.key)
    output.note('This is the only time the key is shown. Keep it somewhere safe.', 'yellow')
  },
})
