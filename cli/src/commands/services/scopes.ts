import { command } from '../../command.ts'
import { Failure } from '../../failure.ts'
import { exitCode } from '../../exit_codes.ts'
import { plain } from '../../output.ts'

export const serviceScopes = command({
  name: 'services scopes',
  summary: 'List, add and remove the scopes of a service',
  takes: ['service'],
  options: {
    add: { type: 'string', value: 'scope', multiple: true, help: 'Add this scope' },
    remove: { type: 'string', value: 'scope', multiple: true, help: 'Remove the scope with this value or id' },
    query: { type: 'string', short: 'q', value: 'text', help: 'Only those that hold this' },
  },
  examples: [
    ['What there is', 'mooring services scopes books'],
    ['Add two', 'mooring services scopes books --add invoices.read --add invoices.write'],
  ],
  async run({ argument, values }, { client, output }) {
    const service = argument('service')
    const { scopes } = client.services
    const unwanted = values.remove ?? []
    if (unwanted.length > 0) {
      const { items } = await scopes.list(service)
      const ids = unwanted.map((wanted) => {
        const scope = items.find(({ id, value }) => id === wanted || value === wanted)
        if (scope !== undefined) return scope.id
        throw new Failure(`${service} has no scope ${wanted}.`, { exitCode: exitCode.notFound })
      })
      await scopes.deleteMany(service, ids)
    }
    for (const value of values.add ?? []) await scopes.add(service, { value })
    const left = await scopes.list(service, values.query === undefined ? {} : { query: values.query })
    if (output.json) {
      output.printJson(left)
      return
    }
    if (left.items.length === 0) output.note('No scopes.')
    output.table(
      ['scope', 'name', 'id'],
      left.items.map(({ id, name, value }) => [plain(value), plain(name), id]),
    )
  },
})
