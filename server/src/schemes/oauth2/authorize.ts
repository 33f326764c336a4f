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
export function decidedNames(definition: Pick<Definition, 'parameterNames' | 'userScopes'>): Set<string> {
  const { parameterNames: names, userScopes } = definition
  const own = [nameOf(names, 'clientId'), nameOf(names, 'redirectUri'), nameOf(names, 'scope')]
  return new Set([...decided, ...own, ...(userScopes ? [userScopes.parameter] : [])])
}

/** State and verifier: 32 random bytes each (S-2, S-3). */
const randomBytes = 32

export async function begin(definition: Definition, input: BeginInput, exchange: Exchange): Promise<Begun> {
  const state = exchange.random(randomBytes)
  const verifier = usesPkce(definition) ? exchange.random(randomBytes) : undefined
  const challenge = verifier === undefined ? undefined : await calculatePKCECodeChallenge(verifier)
  return {
    authorizationUrl: authorizationUrl(definition, input, state, challenge),
    correlation: state,
    kept: verifier === undefined ? { state } : { state, verifier },
  }
}

/** The URL as the service has it, its own query untouched, with our parameters behind. */
export function authorizationUrl(
  definition: Definition,
  { callbackUrl, scopes, scopeDelimiter }: ScopeInput & { callbackUrl: string },
  state: string,
  challenge: string | undefined,
): string {
  const { parameterNames: names, userScopes } = definition
  const pairs: string[] = []
  const addEncoded = (name: string, encoded: string | undefined): void => {
    if (encoded !== undefined) pairs.push(`${percentEncode(name)}=${encoded}`)
  }
  const add = (name: string, value: string): void => addEncoded(name, percentEncode(value))
  add('response_type', 'code')
  add(nameOf(names, 'clientId'), needed(definition.clientId, 'Client ID'))
  add(nameOf(names, 'redirectUri'), callbackUrl)
  addEncoded(nameOf(names, 'scope'), joinScopes(scopes, scopeDelimiter)?.encoded)
  if (userScopes) addEncoded(userScopes.parameter, joinScopes(userScopes.scopes, scopeDelimiter)?.encoded)
  add('state', state)
  if (challenge !== undefined) {
    add('code_challenge', challenge)
    add('code_challenge_method', 'S256')
  }
  if (definition.responseMode === 'form_post') add('response_mode', 'form_post')
  for (const [name, value] of Object.entries(definition.authorizationParams)) add(name, value)
  return appendQuery(needed(definition.authorizationUrl, 'Authorization URL'), pairs.join('&'))
}

/** The query behind the one that the URL may have. */
export function appendQuery(url: string, query: string): string {
  if (!url.includes('?')) return `${url}?${query}`
  return /[?&]$/.test(url) ? `${url}${query}` : `${url}&${query}`
}
