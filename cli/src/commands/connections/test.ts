import { command } from '../../command.ts'
import { exitCode } from '../../exit_codes.ts'
import { plain } from '../../output.ts'
import { mark } from '../../words.ts'
import { userOf, userOption } from './user_option.ts'

export const testConnection = command({
  name: 'connections test',
  summary: "Run the service's probe: is the credential accepted?",
  takes: ['connection'],
  options: userOption,
  notes: ['Ends with 6 when the API refuses.'],
  examples: [
    ['Does it work?', 'mooring connections test my_books'],
    ['In a script', 'mooring connections test my_books --json >/dev/null || echo broken'],
  ],
  async run({ argument, values }, { client, output, signal }) {
    const result = await output.spin('Calling the API', () =>
      client.connections.test(argument('connection'), { ...userOf(values), signal }),
    )
    if (output.json) {
      output.printJson(result)
    } else {
      const status = result.status === null ? 'no answer' : `HTTP ${result.status}`
      output.print(`${mark(result.ok, output.style)} ${plain(result.detail)} (${status}, ${result.latencyMs} ms)`)
      if (result.hint !== undefined) output.note(plain(result.hint), 'yellow')
    }
    return result.ok ? exitCode.ok : exitCode.upstream
  },
})
