/** What Mooring will send, for the live preview: built by the code that sends, with dots and names for values. */
import { described, dots, everyRequest, type Parts } from '../description.ts'
import { percentEncode } from '../request.ts'
import type { Description, Outlook } from '../scheme.ts'
import { appendQuery, authorizationUrl, redirectUri } from './authorize.ts'
import { byCertificate, type Definition, presets, usesPkce } from './definition.ts'
import { grants } from './grants.ts'
import { joinScopes } from './scope.ts'
import { requestOf } from './extra.ts'
import { dress, nameOf, type Outgoing } from './wire.ts'

/** In the place of what is not filled in yet, or not known before the moment. */
const names = {
  clientId: '<Client ID>',
  authorizationUrl: '<Authorization URL>',
  tokenUrl: '<Token URL>',
  lookupUrl: '<Lookup URL>',
  state: '<state>',
  challenge: '<code challenge>',
  code: '<code>',
  deviceAuthorizationUrl: '<Device Authorization URL>',
  requestUri: '<request_uri>',
  username: '<Username>',
  thumbprint: '<key thumbprint>',
}

export function describe(given: Partial<Definition>, outlook: Outlook): Description[] {
  const definition = { ...presets, ...given }
  const { tokenUrl } = definition
  const joined = joinScopes(outlook.scopes, outlook.scopeDelimiter)
  const scope: Record<string, string> = joined ? { scope: joined.plain } : {}
  const token = (grant: Record<string, string>, scopes?: typeof joined): Description => ({
    title: 'Token request',
    lines: tokenLines(definition, tokenUrl, { ...definition.tokenParams, ...grant }, scopes),
  })
  const renewal = refreshRequest(definition)
  const every = everyRequest(outlook, carried(definition))
  switch (definition.grantType) {
    case 'client_credentials':
      return [
        token({ ...scope, grant_type: definition.grantTypeValue ?? 'client_credentials' }, joined),
        ...lookups(definition),
        every,
      ]
    case 'device_code': {
      const asked = { ...definition.authorizationParams, ...scope }
      const lines = tokenLines(
        definition,
        definition.deviceAuthorizationUrl ?? names.deviceAuthorizationUrl,
        asked,
        joined,
      )
      return [
        { title: 'Device authorization request', lines },
        token({ device_code: dots, grant_type: 'urn:ietf:params:oauth:grant-type:device_code' }),
        renewal,
        every,
      ]
    }
    case 'jwt_bearer': {
      const inside = definition.assertion.scopeIn === 'assertion'
      const grant = { assertion: dots, ...(inside ? {} : scope) }
      const type = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
      return [token({ ...grant, grant_type: type }, inside ? undefined : joined), every]
    }
    case 'token_exchange': {
      const { subjectTokenType } = definition.tokenExchange
      const grant = { subject_token: dots, subject_token_type: subjectTokenType, ...scope }
      return [token({ ...grant, grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange' }, joined), every]
    }
    case 'refresh_token':
      return [renewal, every]
    case 'password':
      return [
        token({ username: names.username, password: dots, ...scope, grant_type: 'password' }, joined),
        renewal,
        every,
      ]
    case 'authorization_code':
    case 'authorization_code_pkce': {
      const verifier: Record<string, string> = usesPkce(definition) ? { code_verifier: dots } : {}
      const redirect = redirectUri(definition, outlook.callbackUrl, names.state)
      const code = { redirect_uri: redirect, code: names.code, ...verifier }
      return [
        ...authorizationRequests(definition, outlook),
        token({ ...code, grant_type: definition.grantTypeValue ?? 'authorization_code' }),
        ...declaredLines(definition, 'Second exchange', definition.secondExchange),
        ...lookups(definition),
        renewal,
        every,
      ]
    }
  }
}

function lookups(definition: Definition): Description[] {
  return definition.learn
    .filter(({ from }) => from === 'lookup')
    .map(({ url, to }) =>
      described(
        `Lookup of {${to}}`,
        { method: 'GET', url: url ?? names.lookupUrl, headers: definition.tokenHeaders },
        carried(definition),
      ),
    )
}

function refreshRequest(definition: Definition): Description {
  const { tokenUrl, refreshTokenUrl, refreshParams } = definition
  const grant = { ...refreshParams, refresh_token: dots, grant_type: 'refresh_token' }
  const [declared] = declaredLines(definition, 'Refresh request', definition.refreshExchange)
  if (declared !== undefined) return declared
  const lines = tokenLines(definition, refreshTokenUrl ?? tokenUrl, grant, undefined, 'refresh')
  return { title: 'Refresh request', lines }
}

/** In two steps where the request is sent ahead. */
function authorizationRequests(definition: Definition, outlook: Outlook): Description[] {
  const line = authorizationLine(definition, outlook)
  const { pushedAuthorizationRequestUrl: pushed } = definition
  if (pushed === null) return [{ title: 'Authorization request', lines: [`GET ${line}`] }]
  const query = new URLSearchParams(line.slice(line.indexOf('?') + 1))
  query.delete(nameOf(definition.parameterNames, 'clientId'))
  const shown = definition.authorizationUrl ?? names.authorizationUrl
  const id = `${nameOf(definition.parameterNames, 'clientId')}=${definition.clientId ?? names.clientId}`
  return [
    { title: 'Pushed authorization request', lines: tokenLines(definition, pushed, Object.fromEntries(query)) },
    { title: 'Authorization request', lines: [`GET ${appendQuery(shown, `${id}&request_uri=${names.requestUri}`)}`] },
  ]
}

function authorizationLine(definition: Definition, outlook: Outlook): string {
  const shown = {
    ...definition,
    clientId: definition.clientId ?? names.clientId,
    authorizationUrl: definition.authorizationUrl ?? names.authorizationUrl,
  }
  const challenge = usesPkce(definition) ? names.challenge : undefined
  const fresh = { state: names.state, challenge, thumbprint: definition.dpop ? names.thumbprint : undefined }
  return readable(authorizationUrl(shown, outlook, fresh))
}

function tokenLines(
  definition: Definition,
  endpoint: string | null,
  grant: Record<string, string>,
  scope?: ReturnType<typeof joinScopes>,
  step: 'token' | 'refresh' = 'token',
): string[] {
  const { query, header, form } = clientParts(definition, step)
  const parameters = { ...grant, ...form }
  // A draft's URL may hold placeholders or be missing, so the request is built for another and shown for this one.
  const resources = definition.resource.map((each): [string, string] => ['resource', each])
  const outgoing = dress(new URL('https://not-set.invalid/'), {}, [...Object.entries(parameters), ...resources], {
    method: definition.tokenRequestMethod,
    format: definition.tokenRequestFormat,
    names: definition.parameterNames,
    headers: definition.tokenHeaders,
    query,
    scope,
    omit: definition.omittedParameters[step],
  })
  return linesOf(outgoing, endpoint, [
    ...(header === undefined ? [] : [`authorization: ${header}`]),
    ...(definition.dpop ? [`dpop: ${dots}`] : []),
  ])
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

/** What says who the client is, and where. */
function clientParts(
  definition: Definition,
  step: 'token' | 'refresh',
): {
  query: Record<string, string>
  form: Record<string, string>
  header: string | undefined
} {
  const { clientSecret, clientId, grantType, clientSecretJwt } = definition
  const method = (step === 'refresh' ? definition.refreshClientAuthentication : null) ?? definition.clientAuthentication
  const { client } = grants[grantType]
  const none = { query: {}, form: {}, header: undefined }
  const id = clientId ?? names.clientId
  if (clientId === null && client === 'optional') return none
  if (method === 'private_key_jwt' || method === 'client_secret_jwt') {
    const type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
    return { ...none, form: { client_id: id, client_assertion_type: type, client_assertion: dots } }
  }
  // A secret that is still to be filled in is shown, since it will be sent.
  const secret =
    method !== 'none' &&
    !byCertificate(method) &&
    (clientSecret !== null || clientSecretJwt !== null || client === 'with secret')
  if (!secret) return { ...none, form: { client_id: id } }
  if (method === 'header' || method === 'header_raw') return { ...none, header: `Basic ${dots}` }
  const both = { client_id: id, client_secret: dots }
  return method === 'query' ? { ...none, query: both } : { ...none, form: both }
}

function carried(definition: Definition): Parts {
  const { parameterLocation, bearerName, header, queryParameter, callParams, dpop } = definition
  const query = Object.entries(callParams).map((pair) => pair.join('='))
  if (dpop) return { headers: [`Authorization: DPoP ${dots}`, `DPoP: ${dots}`], query }
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
