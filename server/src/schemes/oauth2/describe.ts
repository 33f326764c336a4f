/** What Mooring will send, for the live preview: built by the code that sends, with dots and names for values. */
import { dots, everyRequest, type Parts } from '../description.ts'
import { percentEncode } from '../request.ts'
import type { Description, Outlook } from '../scheme.ts'
import { appendQuery, authorizationUrl } from './authorize.ts'
import { byCertificate, type Definition, presets, usesPkce } from './definition.ts'
import { joinScopes } from './scope.ts'
import { dress } from './wire.ts'

/** In the place of what is not filled in yet, or not known before the moment. */
const names = {
  clientId: '<Client ID>',
  authorizationUrl: '<Authorization URL>',
  tokenUrl: '<Token URL>',
  state: '<state>',
  challenge: '<code challenge>',
  code: '<code>',
}

export function describe(given: Partial<Definition>, outlook: Outlook): Description[] {
  const definition = { ...presets, ...given }
  const { tokenUrl, refreshTokenUrl, tokenParams, refreshParams } = definition
  const every = everyRequest(outlook, carried(definition))
  if (definition.grantType === 'client_credentials') {
    const joined = joinScopes(outlook.scopes, outlook.scopeDelimiter)
    const grant = { ...tokenParams, ...(joined ? { scope: joined.plain } : {}), grant_type: 'client_credentials' }
    return [{ title: 'Token request', lines: tokenLines(definition, tokenUrl, grant, joined) }, every]
  }
  const code = {
    ...tokenParams,
    redirect_uri: outlook.callbackUrl,
    code: names.code,
    ...(usesPkce(definition) ? { code_verifier: dots } : {}),
    grant_type: 'authorization_code',
  }
  const refresh = { ...refreshParams, refresh_token: dots, grant_type: 'refresh_token' }
  return [
    { title: 'Authorization request', lines: [`GET ${authorizationLine(definition, outlook)}`] },
    { title: 'Token request', lines: tokenLines(definition, tokenUrl, code) },
    { title: 'Refresh request', lines: tokenLines(definition, refreshTokenUrl ?? tokenUrl, refresh) },
    every,
  ]
}

function authorizationLine(definition: Definition, outlook: Outlook): string {
  const shown = {
    ...definition,
    clientId: definition.clientId ?? names.clientId,
    authorizationUrl: definition.authorizationUrl ?? names.authorizationUrl,
  }
  const challenge = usesPkce(definition) ? names.challenge : undefined
  return readable(authorizationUrl(shown, outlook, names.state, challenge))
}

function tokenLines(
  definition: Definition,
  endpoint: string | null,
  grant: Record<string, string>,
  scope?: ReturnType<typeof joinScopes>,
): string[] {
  const { clientAuthentication: method, clientSecret } = definition
  const id = definition.clientId ?? names.clientId
  // A secret that is still to be filled in is shown, since it will be sent.
  const secret =
    method !== 'none' &&
    !byCertificate(method) &&
    (clientSecret !== null || definition.grantType !== 'authorization_code_pkce')
  const inHeader = secret && (method === 'header' || method === 'header_raw')
  const inQuery = secret && method === 'query'
  const client: Record<string, string> = secret ? { client_id: id, client_secret: dots } : { client_id: id }
  const parameters = { ...grant, ...(inHeader || inQuery ? {} : client) }
  // A draft's URL may hold placeholders or be missing, so the request is built for another and shown for this one.
  const outgoing = dress(new URL('https://not-set.invalid/'), {}, Object.entries(parameters), {
    method: definition.tokenRequestMethod,
    format: definition.tokenRequestFormat,
    names: definition.parameterNames,
    headers: definition.tokenHeaders,
    query: inQuery ? client : {},
    scope,
  })
  const { 'user-agent': _, ...headers } = outgoing.headers
  const { search } = outgoing.url
  const shown = endpoint ?? names.tokenUrl
  const url = search === '' ? shown : appendQuery(shown, search.slice(1))
  return [
    `${outgoing.method} ${readable(url)}`,
    ...(inHeader ? [`authorization: Basic ${dots}`] : []),
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    ...(outgoing.body === null ? [] : ['', readable(outgoing.body)]),
  ]
}

function carried({ parameterLocation, bearerName, header, queryParameter }: Definition): Parts {
  if (parameterLocation === 'query') return { query: [`${queryParameter}=${dots}`] }
  const line = header
    ? `${header.name}: ${header.format.split('{token}').join(dots)}`
    : `Authorization: ${bearerName} ${dots}`
  return { headers: [line] }
}

/** Dots and names as a person reads them, not percent-encoded. */
function readable(text: string): string {
  return [dots, ...Object.values(names)].reduce((rest, word) => rest.replaceAll(percentEncode(word), word), text)
}
