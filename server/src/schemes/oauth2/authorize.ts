/** Sending a person to the provider: RFC 6749 section 4.1.1, RFC 7636. */
import { calculatePKCECodeChallenge } from 'oauth4webapi'
import { percentEncode } from '../request.ts'
import type { BeginInput, Begun, Exchange, ScopeInput } from '../scheme.ts'
import { needed } from './client.ts'
import { type Definition, usesPkce } from './definition.ts'
import { joinScopes } from './scope.ts'
import { nameOf } from './wire.ts'

/** Parameters that Mooring decides about: a constant of the service under such a name would undo a protection. */
const decided = [
  'response_type',
  'client_id',
  'redirect_uri',
  'scope',
  'state',
  'code_challenge',
  'code_challenge_method',
  'response_mode',
  // With a request object the provider reads everything from there (RFC 9101).
  'request',
  'request_uri',
]

/** The names that neither `authorizationParams` nor the Authorization URL's own query may use. */
export function decidedNames(
  definition: Pick<Definition, 'parameterNames' | 'authorizationNames' | 'userScopes' | 'omittedParameters'>,
): Set<string> {
  const { userScopes } = definition
  const own = (['clientId', 'redirectUri', 'scope'] as const).map((name) => authorizationName(definition, name))
  // What is left out may be written by hand.
  const free = new Set<string>(definition.omittedParameters.authorization)
  return new Set([
    ...decided.filter((name) => !free.has(name)),
    ...own.filter((name) => !free.has(name)),
    ...(userScopes ? [userScopes.parameter] : []),
  ])
}

/** State and verifier: 32 random bytes each (S-2, S-3). */
const randomBytes = 32

export async function begin(definition: Definition, input: BeginInput, exchange: Exchange): Promise<Begun> {
  const state = exchange.random(randomBytes)
  const verifier = usesPkce(definition) ? exchange.random(randomBytes) : undefined
  const challenge = verifier === undefined ? undefined : await codeChallenge(definition, verifier)
  return {
    authorizationUrl: authorizationUrl(definition, input, state, challenge),
    correlation: state,
    kept: verifier === undefined ? { state } : { state, verifier },
  }
}

/** RFC 7636 section 4.2, S256; hex where a provider has it so. */
async function codeChallenge({ codeChallengeEncoding }: Definition, verifier: string): Promise<string> {
  const challenge = await calculatePKCECodeChallenge(verifier)
  return codeChallengeEncoding === 'hex' ? Buffer.from(challenge, 'base64url').toString('hex') : challenge
}

function authorizationName(
  { authorizationNames, parameterNames }: Pick<Definition, 'parameterNames' | 'authorizationNames'>,
  parameter: 'clientId' | 'redirectUri' | 'scope',
): string {
  return authorizationNames[parameter] ?? nameOf(parameterNames, parameter)
}

/** What is sent as redirect_uri, the same in both requests (RFC 6749 section 4.1.3). */
export function redirectUri({ redirectUriAlias, stateIn }: Definition, callbackUrl: string, state: string): string {
  if (redirectUriAlias !== null) return redirectUriAlias
  return stateIn === 'redirect_uri' ? appendQuery(callbackUrl, `state=${percentEncode(state)}`) : callbackUrl
}

/** The URL as the service has it, its own query untouched, with our parameters behind. */
export function authorizationUrl(
  definition: Definition,
  { callbackUrl, scopes, scopeDelimiter }: ScopeInput & { callbackUrl: string },
  state: string,
  challenge: string | undefined,
): string {
  const { userScopes, omittedParameters } = definition
  const sent = (name: (typeof omittedParameters.authorization)[number]): boolean =>
    !omittedParameters.authorization.includes(name)
  const pairs: string[] = []
  const addEncoded = (name: string, encoded: string | undefined): void => {
    if (encoded !== undefined) pairs.push(`${percentEncode(name)}=${encoded}`)
  }
  const add = (name: string, value: string): void => addEncoded(name, percentEncode(value))
  if (sent('response_type')) add('response_type', 'code')
  add(authorizationName(definition, 'clientId'), needed(definition.clientId, 'Client ID'))
  if (sent('redirect_uri'))
    add(authorizationName(definition, 'redirectUri'), redirectUri(definition, callbackUrl, state))
  if (sent('scope')) addEncoded(authorizationName(definition, 'scope'), joinScopes(scopes, scopeDelimiter)?.encoded)
  if (userScopes) addEncoded(userScopes.parameter, joinScopes(userScopes.scopes, scopeDelimiter)?.encoded)
  if (definition.stateIn === 'parameter') add('state', state)
  if (challenge !== undefined) {
    add('code_challenge', challenge)
    add('code_challenge_method', 'S256')
  }
  if (definition.responseMode === 'form_post') add('response_mode', 'form_post')
  for (const [name, value] of Object.entries(definition.authorizationParams)) add(name, value)
  const { authorizationFragment: fragment } = definition
  const url = appendQuery(needed(definition.authorizationUrl, 'Authorization URL'), pairs.join('&'))
  return fragment === null ? url : `${url}#${fragment}`
}

/** The query behind the one that the URL may have. */
export function appendQuery(url: string, query: string): string {
  if (!url.includes('?')) return `${url}?${query}`
  return /[?&]$/.test(url) ? `${url}${query}` : `${url}&${query}`
}
