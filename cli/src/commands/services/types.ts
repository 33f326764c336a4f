import { command } from '../../command.ts'
import { Failure } from '../../failure.ts'
import { exitCode } from '../../exit_codes.ts'
import { type Output, plain } from '../../output.ts'

export const serviceTypes = command({
  name: 'services types',
  summary: 'List the authentication types, or the fields of one',
  options: { fields: { type: 'string', value: 'type', help: 'Show what --set auth.… takes for this type' } },
  examples: [
    ['All types', 'mooring services types'],
    ['The fields of one', 'mooring services types --fields oauth2'],
  ],
  async run({ values }, { client, output }) {
    const types = await client.authTypes()
    if (output.json) {
      output.printJson(types)
      return
    }
    if (values.fields !== undefined) {
      const type = types.items.find((each) => each.type === values.fields)
      if (type === undefined) {
        throw new Failure(`There is no authentication type ${values.fields}.`, { exitCode: exitCode.notFound })
      }
      printFields(output, type.schema)
      return
    }
    output.table(
      ['type', 'title', 'what it is'],
      types.items.map(({ type, title, summary }) => [type, plain(title), plain(summary)]),
    )
  },
})

/** The top level of a JSON Schema; a type with variants (`anyOf`, `oneOf`) shows the fields of each. */
function printFields(output: Output, schema: Record<string, unknown>): void {
  const rows = new Map<string, string[]>()
  for (const { properties, required } of variants(schema)) {
    for (const [name, property] of Object.entries(properties)) {
      if (name === 'type' || rows.has(name)) continue
      const says = [stringAt(property, 'title'), stringAt(property, 'description')].filter((text) => text !== '')
      rows.set(name, [`auth.${name}`, required.includes(name) ? 'required' : '', plain(says.join('. '))])
    }
  }
  if (rows.size === 0) output.note('It takes no fields.')
  output.table(['field', '', 'what it is'], [...rows.values()])
}

function variants(schema: unknown): { properties: object; required: unknown[] }[] {
  if (typeof schema !== 'object' || schema === null) return []
  const at = (name: string): unknown => Reflect.get(schema, name)
  const several = at('anyOf') ?? at('oneOf')
  const properties = at('properties')
  const required = at('required')
  return [
    ...(typeof properties === 'object' && properties !== null
      ? [{ properties, required: Array.isArray(required) ? required : [] }]
      : []),
    ...(Array.isArray(several) ? several.flatMap(variants) : []),
  ]
}

function stringAt(value: unknown, name: string): string {
  const text: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
  return typeof text === 'string' ? text : ''
}
