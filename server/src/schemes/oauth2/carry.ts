/** Where the access token travels: on calls of the API, and on lookups with it. */
import { fill } from '../placeholders.ts'
import { setHeader, setParameter } from '../request.ts'
import type { Applied, OutgoingRequest } from '../scheme.ts'
import { clientCertificate } from './client.ts'
import type { Credential, Definition } from './definition.ts'
import { bound } from './dpop.ts'

export function apply(definition: Definition, held: Credential): Applied {
  const constants = Object.entries(fill(definition.callParams, { clientId: definition.clientId ?? '' }))
  const certificate = definition.certificateBoundTokens ? clientCertificate(definition) : undefined
  const applied = { ...token(definition, held), ...(certificate === undefined ? {} : { certificate }) }
  if (constants.length === 0) return applied
  return {
    ...applied,
    inject(request, now) {
      for (const [name, value] of constants) setParameter(request.url, name, value)
      applied.inject(request, now)
    },
  }
}

function token(definition: Definition, { accessToken, dpop }: Credential): Applied {
  if (definition.dpop && dpop !== undefined) return bound(accessToken, dpop)
  const { parameterLocation, queryParameter, bearerName, header } = definition
  if (parameterLocation === 'query') {
    return {
      inject: (request) => setParameter(request.url, queryParameter, accessToken),
      headers: [],
      parameters: [queryParameter],
      bodyUse: 'none',
    }
  }
  const name = header?.name.toLowerCase() ?? 'authorization'
  // split and join: a token may hold what replaceAll reads as a pattern ($&).
  const value = header ? header.format.split('{token}').join(accessToken) : `${bearerName} ${accessToken}`
  return { inject: (request) => setHeader(request, name, value), headers: [name], parameters: [], bodyUse: 'none' }
}

/** A GET with the token, as an API call carries it. */
export function carry(
  definition: Definition,
  held: Credential,
  url: URL,
  now: number,
): { url: URL; method: string; headers: Record<string, string>; body: null } {
  const request: OutgoingRequest = { method: 'GET', url: new URL(url), headers: [], body: null }
  apply(definition, held).inject(request, now)
  const headers: Record<string, string> = { accept: 'application/json', 'user-agent': 'Mooring' }
  for (const [name, value] of Object.entries(definition.tokenHeaders)) headers[name.toLowerCase()] = value
  for (let index = 0; index + 1 < request.headers.length; index += 2)
    headers[request.headers[index] ?? ''] = request.headers[index + 1] ?? ''
  return { url: request.url, method: 'GET', headers, body: null }
}
