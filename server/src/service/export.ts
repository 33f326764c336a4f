/** A service as a file (`ServiceFile`): without secrets, ids and times, and without what is preset. */
import { type Auth, type Service, type ServiceFile, withoutPresets } from '@mooring/contract'
import { findScheme } from '../schemes/index.ts'

export function serviceFile(service: Service): ServiceFile {
  const { name, linkName, description, stage, auth, scopes, scopeDelimiter, hosts, anyHost, baseUrl, probe } = service
  const { headers, placeholders } = service
  return {
    kind: 'service',
    version: 1,
    linkName,
    name,
    ...(description === '' ? {} : { description }),
    stage,
    ...(auth === null ? {} : { auth: authFile(auth) }),
    ...(scopes.length === 0 ? {} : { scopes: scopes.map((scope) => ({ name: scope.name, value: scope.value })) }),
    ...(scopeDelimiter === 'comma' ? {} : { scopeDelimiter }),
    ...(baseUrl === null ? {} : { baseUrl }),
    ...(hosts.length === 0 ? {} : { hosts }),
    ...(anyHost ? { anyHost } : {}),
    ...(probe === null ? {} : { probe }),
    ...(Object.keys(headers).length === 0 ? {} : { headers }),
    ...(placeholders.length === 0 ? {} : { placeholders }),
  }
}

/** In the order of the form. */
function authFile({ type, ...fields }: Auth): Auth {
  const scheme = findScheme(type)
  const schema = scheme?.schema['properties']
  const properties: Record<string, unknown> = typeof schema === 'object' && schema !== null ? { ...schema } : {}
  const names = Object.keys(scheme?.fields.shape ?? {})
  const entries = Object.entries(fields)
    .map(([name, value]): [string, unknown] => [name, withoutPresets(value, properties[name])])
    .filter(([, value]) => value !== undefined)
    .toSorted(([one], [other]) => names.indexOf(one) - names.indexOf(other))
  return { type, ...Object.fromEntries(entries) }
}
