import { command } from '../../command.ts'
import { printConnection } from './print.ts'
import { userOf, userOption } from './user_option.ts'

export const refreshConnection = command({
  name: 'connections refresh',
  summary: 'Get a new token now',
  takes: ['connection'],
  options: userOption,
  examples: [
    ['The shared one', 'mooring connections refresh my_books'],
    ["One user's", 'mooring connections refresh user_drives --user 42'],
  ],
  async run({ argument, values }, { client, output, signal, now }) {
    const connection = await output.spin('Asking the provider for a new token', () =>
      client.connections.refresh(argument('connection'), { ...userOf(values), signal }),
    )
    printConnection(output, connection, now())
  },
})
