/** The connection that is made together with its service. */
import type { FormField } from '@mooring/sdk'
import type { Problem } from '../../forms/form_state.ts'
import { textAt, withValue } from '../../forms/paths.ts'
import { fieldErrors, fields, linkNameFrom } from '../../forms/rules.ts'
import { type FormValues, inputOf, isRecord, rowsOf, valuesOf } from '../../forms/values.ts'

const plain = { required: false, advanced: false } as const

const ownFields: FormField[] = [
  { ...plain, name: 'name', title: 'Connection Name', kind: 'text', required: true, maxLength: 50 },
  {
    ...plain,
    name: 'linkName',
    title: 'Connection Link Name',
    description: 'Programs call the connection by it, and it never changes. Follows the name until you change it.',
    kind: 'text',
    required: true,
    maxLength: 50,
  },
  {
    ...plain,
    name: 'authorizationLevel',
    title: 'Connection Authorization Level',
    kind: 'choice',
    choices: [
      { value: 'shared', label: 'Shared', description: 'One sign-in serves everybody who may use the connection' },
      { value: 'per_user', label: 'Per user', description: 'Each user signs in; calls name the user' },
    ],
    default: 'shared',
  },
]

/** With what the service's placeholders ask of each connection. */
export function connectionField(values: FormValues): FormField {
  const asked = rowsOf(values['placeholders']).filter((row) => textAt(row, 'name') !== '')
  const parameters: FormField = {
    ...plain,
    name: 'parameters',
    title: 'Placeholders',
    kind: 'group',
    required: true,
    fields: asked.map((row) => ({
      ...plain,
      name: textAt(row, 'name'),
      title: textAt(row, 'label') || textAt(row, 'name'),
      kind: 'text',
      required: true,
      example: textAt(row, 'example'),
    })),
  }
  return {
    ...plain,
    name: 'connection',
    title: 'Connection',
    kind: 'group',
    fields: asked.length === 0 ? ownFields : [...ownFields, parameters],
  }
}

export function connectionValues(name: string): FormValues {
  return valuesOf(ownFields, { name, linkName: name === '' ? '' : linkNameFrom(name) })
}

export function connectionInput(values: FormValues): Record<string, unknown> {
  const { connection } = values
  const own = isRecord(connection) ? connection : {}
  const { linkName, ...input } = inputOf(connectionField(values).fields ?? [], own)
  // Left as it was made from the name, the server sees to it that it is free.
  return linkName === '' || linkNameFollows(own) ? input : { ...input, linkName }
}

export function connectionProblems(values: FormValues): Problem[] {
  const { connection } = values
  const own = isRecord(connection) ? connection : {}
  const rules = { name: fields.displayName, linkName: fields.linkName }
  return Object.entries(rules).flatMap(([name, rule]) => {
    const value = textAt(own, name)
    const { error } = rule.safeParse(value, { reportInput: true })
    return fieldErrors(error?.issues ?? [], [], value).map(({ code, message }) => ({
      path: `connection.${name}`,
      code,
      message,
    }))
  })
}

function linkNameFollows(own: FormValues): boolean {
  const linkName = textAt(own, 'linkName')
  return linkName === '' || linkName === linkNameFrom(textAt(own, 'name'))
}

/** The connection is called as its service is, and its link name as it is called, until somebody says otherwise. */
export function withConnectionNamed(before: FormValues, after: FormValues): FormValues {
  const [was, is] = [before['connection'], after['connection']]
  if (!isRecord(was) || !isRecord(is)) return after
  const follows = textAt(was, 'name') === textAt(before, 'name') && textAt(is, 'name') === textAt(was, 'name')
  const name = follows ? textAt(after, 'name') : textAt(is, 'name')
  if (name === textAt(was, 'name')) return after
  const named = withValue(after, 'connection.name', name)
  if (!linkNameFollows(was)) return named
  return withValue(named, 'connection.linkName', name === '' ? '' : linkNameFrom(name))
}
