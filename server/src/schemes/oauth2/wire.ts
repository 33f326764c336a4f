/** How a request to a token, refresh or revoke endpoint is written: the library's standard form, translated where a service says so. */
import { formType, percentEncode, setParameter } from '../request.ts'
import type { Definition } from './definition.ts'
import type { JoinedScopes } from './scope.ts'

export interface Manner {
  method: string
  /** Where the parameters go. With GET `form` and `json` give way to the query: a GET carries no body. */
  format: 'form' | 'json' | 'query'
  names: Definition['parameterNames']
  /** Added, and stronger than the library's own. */
  headers: Record<string, string>
  /** Goes into the query whatever the format is. */
  query: Record<string, string>
  /** The scopes, where the request has any: their delimiter is promised to the letter. */
  scope: JoinedScopes | undefined
  /** Standard parameters that the request goes without. */
  omit: readonly string[]
}

export interface Outgoing {
  url: URL
  method: string
  headers: Record<string, string>
  body: string | null
}

const standardNames = {
  clientId: 'client_id',
  clientSecret: 'client_secret',
  scope: 'scope',
  code: 'code',
  redirectUri: 'redirect_uri',
  grantType: 'grant_type',
  refreshToken: 'refresh_token',
} as const

/** The name a standard parameter has at this provider. */
export function nameOf(names: Definition['parameterNames'], parameter: keyof typeof standardNames): string {
  return names[parameter] ?? standardNames[parameter]
}

function rename(names: Definition['parameterNames'], name: string): string {
  const entry = Object.entries(names).find(
    ([parameter]) => parameter in standardNames && standardNames[parameter as keyof typeof standardNames] === name,
  )
  return entry?.[1] ?? name
}

/** The request as it goes out. `headers` are the library's, names in lower case. */
export function dress(
  endpoint: URL,
  headers: Record<string, string>,
  parameters: Iterable<[name: string, value: string]>,
  manner: Manner,
): Outgoing {
  const url = new URL(endpoint)
  const sentParameters = [...parameters].filter(([name]) => !manner.omit.includes(name))
  const renamed = sentParameters.map(([name, value]) => ({
    name: rename(manner.names, name),
    value,
    encoded: name === 'scope' && manner.scope ? manner.scope.encoded : percentEncode(value),
  }))
  const { 'content-type': _, ...rest } = headers
  const sent: Record<string, string> = { 'user-agent': 'Mooring', ...rest }
  for (const [name, value] of Object.entries(manner.headers)) sent[name.toLowerCase()] = value
  for (const [name, value] of Object.entries(manner.query)) setParameter(url, rename(manner.names, name), value)
  const outgoing = { url, method: manner.method, headers: sent, body: null }
  if (manner.format === 'query' || manner.method === 'GET') {
    const ours = renamed.map(({ name, encoded }) => `${percentEncode(name)}=${encoded}`)
    const query = [...remaining(url, new Set(renamed.map(({ name }) => name))), ...ours].join('&')
    // With its own ? in front: the setter takes one away, and a query may itself begin with one.
    url.search = query === '' ? '' : `?${query}`
    return outgoing
  }
  if (manner.format === 'json') {
    sent['content-type'] = 'application/json'
    return { ...outgoing, body: JSON.stringify(asObject(renamed)) }
  }
  sent['content-type'] = formType
  const body = renamed.map(({ name, encoded }) => `${percentEncode(name)}=${encoded}`).join('&')
  return { ...outgoing, body }
}

/** A name that is there several times (`resource`) holds a list. */
function asObject(parameters: readonly { name: string; value: string }[]): Record<string, string | string[]> {
  const fields = new Map<string, string | string[]>()
  for (const { name, value } of parameters) {
    const before = fields.get(name)
    fields.set(name, before === undefined ? value : [before, value].flat())
  }
  return Object.fromEntries(fields)
}

/** The URL's own query, as it is written, less what the request says itself. */
function remaining(url: URL, names: Set<string>): string[] {
  return url.search
    .slice(1)
    .split('&')
    .filter((pair) => pair !== '' && ![...new URLSearchParams(pair).keys()].some((name) => names.has(name)))
}
