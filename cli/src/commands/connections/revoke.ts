import { command } from '../../command.ts'
import { printConnection } from './print.ts'
import { userOf, userOption } from './user_option.ts'

const providerWords = {
  done: 'The provider has revoked it too.',
  failed: 'The provider did not take the revocation; what was stored here is gone all the same.',
  not_configured: 'The service has no revocation URL; what was stored here is gone.',
}

export const revokeConnection = command({
  name: 'connections revoke',
  summary: 'Give the authorization back and forget the tokens',
  takes: ['connection'],
  options: userOption,
  examples: [
    ['The shared one', 'mooring connections revoke my_books'],
    ["One user's", 'mooring connections revoke user_drives --user 42'],
  ],
  async run({ argument, values }, { client, output, signal, now }) {
    const revoked = await output.spin('Revoking', () =>
      client.connections.revoke(argument('connection'), { ...userOf(values), signal }),
    )
    printConnection(output, revoked, now())
    if (!output.json) output.note(providerWords[revoked.providerRevocation])
  },
})
