import { command } from '../../command.ts'
import { exitCode } from '../../exit_codes.ts'
import { Failure } from '../../failure.ts'

export const passwordLink = command({
  name: 'users password-link',
  summary: 'Make a link with which somebody chooses a new password',
  takes: ['email'],
  options: {},
  notes: [
    'The link works once, for an hour. With the owner key it lets an owner back in who forgot the password.',
    'The link alone goes to stdout.',
  ],
  examples: [
    ['For somebody who forgot theirs', 'mooring users password-link ana@example.com'],
    ['With its end, as JSON', 'mooring users password-link ana@example.com --json'],
  ],
  async run({ argument }, { client, output }) {
    const email = argument('email').toLowerCase()
    for await (const user of client.users.all({ limit: 100 })) {
      if (user.email.toLowerCase() !== email) continue
      const link = await client.users.passwordLink(user.id)
      if (output.json) output.printJson(link)
      else output.print(link.url)
      return
    }
    throw new Failure(`Nobody here has the address ${email}.`, {
      exitCode: exitCode.notFound,
      hint: 'See who is here: mooring users list',
    })
  },
})
