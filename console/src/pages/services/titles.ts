import { titleOf } from '../../forms/paths.ts'
import type { Definition } from './use_definition.ts'

/** The title of the field that a path of the request, or of the form, names. */
export function titleAt({ fields, type }: Pick<Definition, 'fields' | 'type'>, path: string): string {
  if (path === 'auth' || path === 'auth.type') return 'Authentication Type'
  if (path.startsWith('connection.')) {
    const joint = fields.find(({ name }) => name === 'connection')
    return titleOf(joint?.fields ?? [], path.slice('connection.'.length))
  }
  return path.startsWith('auth.') ? titleOf(type?.fields ?? [], path.slice('auth.'.length)) : titleOf(fields, path)
}
