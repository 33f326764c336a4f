/** What Mooring will send, for the live preview: built by the code that sends, with dots and names for values. */
import { described, dots, everyRequest, type Parts } from '../description.ts'
import { percentEncode } from '../request.ts'
import type { Description, Outlook } from '../scheme.ts'
import { appendQuery, authorizationUrl, redirectUri } from './authorize.ts'
import { byCertificate, type Definition, presets, usesPkce } from './definition.ts'
import { joinScopes } from './scope.ts'
import { requestOf } from './extra.ts'
import { dress, type Outgoing } from './wire.ts'

/** In the place of what is not filled in yet, or not known before the moment. */
const names = {
  clientId: '<Client ID>',
  authorizationUrl: '<Authorization URL>',
  tokenUrl: '<Token URL>',
  lookupUrl: '<Lookup URL>',
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
    const grant = {
      ...tokenParams,
      ...(joined ? { scope: joined.plain } : {}),
      grant_type: definition.grantTypeValue ?? 'client_credentials',
    }
    return [{ title: 'Token request', lines: tokenLines(definition, tokenUrl, grant, joined) }, every]
  }
  const code = {
    ...tokenParams,
    redirect_uri: redirectUri(definition, outlook.callbackUrl, names.state),
    code: names.code,
    ...(usesPkce(definition) ? { code_verifier: dots } : {}),
    grant_type: definition.grantTypeValue ?? 'authorization_code',
  }
  const refresh = { ...refreshParams, refresh_token: dots, grant_type: 'refresh_token' }
  return [
    { title: 'Authorization request', lines: [`GET ${authorizationLine(definition, outlook)}`] },
    { title: 'Token request', lines: tokenLines(definition, tokenUrl, code) },
    ...declaredLines(definition, 'Second exchange', definition.secondExchange),
    ...definition.learn
      .filter(({ from }) => from === 'lookup')
      .map(({ url, to }) =>
        described(
          `Lookup of {${to}}`,
          { method: 'GET', url: url ?? names.lookupUrl, headers: definition.tokenHeaders },
          carried(definition),
        ),
      ),
    ...(definition.refreshExchange === null
      ? [
          {
            title: 'Refresh request',
            lines: tokenLines(definition, refreshTokenUrl ?? tokenUrl, refresh, undefined, 'refresh'),
          },
        ]
      : declaredLines(definition, 'Refresh request', definition.refreshExchange)),
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
  step: 'token' | 'refresh' = 'token',
): string[] {
  const { clientSecret } = definition
  const method = (step === 'refresh' ? definition.refreshClientAuthentication : null) ?? definition.clientAuthentication
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
    omit: definition.omittedParameters[step],
  })
  return linesOf(outgoing, endpoint, inHeader ? [`authorization: Basic ${dots}`] : [])
}

function linesOf(outgoing: Outgoing, endpoint: string | null, first: string[]): string[] {
  const { 'user-agent': _, ...headers } = outgoing.headers
  const { search } = outgoing.url
  const shown = endpoint ?? names.tokenUrl
  const url = search === '' ? shown : appendQuery(shown, search.slice(1))
  return [
    `${outgoing.method} ${readable(url)}`,
    ...first,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    ...(outgoing.body === null ? [] : ['', readable(outgoing.body)]),
  ]
}

function declaredLines(definition: Definition, title: string, declared: Definition['secondExchange']): Description[] {
  if (declared === null) return []
  const values = {
    accessToken: dots,
    refreshToken: dots,
    clientSecret: dots,
    clientId: definition.clientId ?? names.clientId,
  }
  const outgoing = requestOf(definition, declared, values, new URL('https://not-set.invalid/'))
  const url = declared.url ?? definition.refreshTokenUrl ?? definition.tokenUrl
  return [{ title, lines: linesOf(outgoing, url, []) }]
}

function carried({ parameterLocation, bearerName, header, queryParameter, callParams }: Definition): Parts {
  const query = Object.entries(callParams).map((pair) => pair.join('='))
  if (parameterLocation === 'query') return { query: [...query, `${queryParameter}=${dots}`] }
  const line = header
    ? `${header.name}: ${header.format.split('{token}').join(dots)}`
    : `Authorization: ${bearerName} ${dots}`
  return { headers: [line], query }
}

/** Dots and names as a person reads them, not percent-encoded. */
function readable(text: string): string {
  return [dots, ...Object.values(names)].reduce((rest, word) => rest.replaceAll(percentEncode(word), word), text)
}
