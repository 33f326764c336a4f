/** What Mooring will send, for the live preview: built by the code that sends, with dots and words for values. */
import { percentEncode } from '../request.ts'
import type { Description } from '../scheme.ts'
import { appendQuery, authorizationUrl } from './authorize.ts'
import { type Definition, presets, usesPkce } from './definition.ts'
import { dots } from './redact.ts'
import { dress } from './wire.ts'

const words = { callback: '{callback URL}', scopes: '{scopes}', endpoint: '{not set}' }

export function describe(given: Partial<Definition>): Description[] {
  const definition = { ...presets, ...given }
  const person = definition.grantType !== 'client_credentials'
  return [
    ...(person ? [{ title: 'Authorization request', lines: [`GET ${authorizationLine(definition)}`] }] : []),
    { title: 'Token request', lines: tokenLines(definition, person) },
    { title: 'Every request', lines: [requestLine(definition)] },
  ]
}

function authorizationLine(definition: Definition): string {
  const shown = {
    ...definition,
    clientId: definition.clientId ?? words.endpoint,
    authorizationUrl: definition.authorizationUrl ?? words.endpoint,
  }
  const scopes = { callbackUrl: words.callback, scopes: [words.scopes], scopeDelimiter: 'comma' as const }
  return readable(authorizationUrl(shown, scopes, dots, usesPkce(definition) ? dots : undefined))
}

function tokenLines(definition: Definition, person: boolean): string[] {
  const { clientAuthentication: method, clientSecret, tokenUrl } = definition
  const id = definition.clientId ?? words.endpoint
  // A secret that is still to be filled in is shown, since it will be sent.
  const secret = method !== 'none' && (clientSecret !== null || definition.grantType !== 'authorization_code_pkce')
  const inHeader = secret && (method === 'header' || method === 'header_raw')
  const client: Record<string, string> = secret ? { client_id: id, client_secret: dots } : { client_id: id }
  const inQuery = secret && method === 'query'
  const grant = person
    ? {
        ...definition.tokenParams,
        redirect_uri: words.callback,
        code: dots,
        ...(usesPkce(definition) ? { code_verifier: dots } : {}),
        grant_type: 'authorization_code',
      }
    : { ...definition.tokenParams, scope: words.scopes, grant_type: 'client_credentials' }
  const parameters = { ...grant, ...(inHeader || inQuery ? {} : client) }
  // A draft's URL may hold placeholders or be missing, so the request is built for another and shown for this one.
  const outgoing = dress(new URL('https://not-set.invalid/'), {}, Object.entries(parameters), {
    method: definition.tokenRequestMethod,
    format: definition.tokenRequestFormat,
    names: definition.parameterNames,
    headers: definition.tokenHeaders,
    query: inQuery ? client : {},
    scope: undefined,
  })
  const { 'user-agent': _, ...headers } = outgoing.headers
  const { search } = outgoing.url
  const endpoint = tokenUrl ?? words.endpoint
  const url = search === '' ? endpoint : appendQuery(endpoint, search.slice(1))
  return [
    `${outgoing.method} ${readable(url)}`,
    ...(inHeader ? [`authorization: Basic ${dots}`] : []),
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    ...(outgoing.body === null ? [] : [readable(outgoing.body)]),
  ]
}

function requestLine({ parameterLocation, bearerName, header, queryParameter }: Definition): string {
  if (parameterLocation === 'query') return `?${queryParameter}=${dots}`
  return header
    ? `${header.name}: ${header.format.split('{token}').join(dots)}`
    : `Authorization: ${bearerName} ${dots}`
}

/** Dots and words as a person reads them, not percent-encoded. */
function readable(text: string): string {
  return [dots, ...Object.values(words)].reduce((rest, word) => rest.replaceAll(percentEncode(word), word), text)
}
