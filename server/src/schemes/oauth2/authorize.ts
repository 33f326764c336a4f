/** Sending a person to the provider: RFC 6749 section 4.1.1, RFC 7636. */
import { calculatePKCECodeChallenge } from 'oauth4webapi'
import { percentEncode } from '../request.ts'
import type { BeginInput, Begun, Exchange } from '../scheme.ts'
import { needed } from './client.ts'
import { type Definition, usesPkce } from './definition.ts'
import { newBinding, thumbprint } from './dpop.ts'
import { encodePairs, pushRequest } from './pushed.ts'
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
  'dpop_jkt',
  // With a request object the provider reads everything from there (RFC 9101).
  'request',
  'request_uri',
]

/** The names that neither `authorizationParams` nor the Authorization URL's own query may use. */
export function decidedNames(
  definition: Pick<
    Definition,
    'parameterNames' | 'authorizationNames' | 'userScopes' | 'omittedParameters' | 'resource'
  >,
): Set<string> {
  const { userScopes, resource, omittedParameters } = definition
  const own = (['clientId', 'redirectUri', 'scope'] as const).map((name) => authorizationName(definition, name))
  // What is left out may be written by hand.
  const free = new Set<string>(omittedParameters.authorization)
  return new Set([
    ...[...decided, ...own].filter((name) => !free.has(name)),
    ...(userScopes ? [userScopes.parameter] : []),
    ...(resource.length > 0 ? ['resource'] : []),
  ])
}

/** State and verifier: 32 random bytes each (S-2, S-3). */
const randomBytes = 32

export async function begin(definition: Definition, input: BeginInput, exchange: Exchange): Promise<Begun> {
  const state = exchange.random(randomBytes)
  const verifier = usesPkce(definition) ? exchange.random(randomBytes) : undefined
  const challenge = verifier === undefined ? undefined : await codeChallenge(definition, verifier)
  const dpop = definition.dpop ? newBinding() : undefined
  const fresh = { state, challenge, thumbprint: dpop && thumbprint(dpop) }
  const { pushedAuthorizationRequestUrl: pushed } = definition
  return {
    authorizationUrl:
      pushed === null
        ? authorizationUrl(definition, input, fresh)
        : await pushedUrl(definition, pushed, input, fresh, exchange),
    correlation: state,
    kept: {
      state,
      ...(verifier === undefined ? {} : { verifier }),
      ...(dpop === undefined ? {} : { dpop: JSON.stringify(dpop) }),
    },
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
/** What is made anew for each request. */
export interface Fresh {
  state: string
  challenge: string | undefined
  /** Of the key that the tokens will be bound to. */
  thumbprint?: string | undefined
}

type Pair = [name: string, value: string, encoded: string]

/** The URL as the service has it, its own query untouched, with our parameters behind. */
export function authorizationUrl(definition: Definition, input: BeginInput, fresh: Fresh): string {
  const query = parametersOf(definition, input, fresh).map(([name, , encoded]) => `${percentEncode(name)}=${encoded}`)
  return withFragment(
    definition,
    appendQuery(needed(definition.authorizationUrl, 'Authorization URL'), query.join('&')),
  )
}

/** The same with the parameters sent ahead, those of the URL's own query among them (RFC 9126 section 4). */
async function pushedUrl(
  definition: Definition,
  endpoint: string,
  input: BeginInput,
  fresh: Fresh,
  exchange: Exchange,
): Promise<string> {
  const url = needed(definition.authorizationUrl, 'Authorization URL')
  const parameters = parametersOf(definition, input, fresh).map(([name, value]): [string, string] => [name, value])
  const own = [...new URLSearchParams(url.split('?').slice(1).join('?'))]
  const pushed = await pushRequest(definition, endpoint, input, [...own, ...parameters], exchange)
  return withFragment(definition, appendQuery(url, encodePairs(pushed)))
}

function withFragment({ authorizationFragment }: Definition, url: string): string {
  return authorizationFragment === null ? url : `${url}#${authorizationFragment}`
}

function parametersOf(
  definition: Definition,
  { callbackUrl, scopes, scopeDelimiter }: BeginInput,
  fresh: Fresh,
): Pair[] {
  const { userScopes, omittedParameters } = definition
  const sent = (name: (typeof omittedParameters.authorization)[number]): boolean =>
    !omittedParameters.authorization.includes(name)
  const pairs: Pair[] = []
  const add = (name: string, value: string): void => void pairs.push([name, value, percentEncode(value)])
  const addScopes = (name: string, values: readonly string[]): void => {
    const joined = joinScopes(values, scopeDelimiter)
    if (joined !== undefined) pairs.push([name, joined.plain, joined.encoded])
  }
  if (sent('response_type')) add('response_type', 'code')
  add(authorizationName(definition, 'clientId'), needed(definition.clientId, 'Client ID'))
  if (sent('redirect_uri'))
    add(authorizationName(definition, 'redirectUri'), redirectUri(definition, callbackUrl, fresh.state))
  if (sent('scope')) addScopes(authorizationName(definition, 'scope'), scopes)
  if (userScopes) addScopes(userScopes.parameter, userScopes.scopes)
  if (definition.stateIn === 'parameter') add('state', fresh.state)
  if (fresh.challenge !== undefined) {
    add('code_challenge', fresh.challenge)
    add('code_challenge_method', 'S256')
  }
  if (fresh.thumbprint !== undefined) add('dpop_jkt', fresh.thumbprint)
  if (definition.responseMode === 'form_post') add('response_mode', 'form_post')
  for (const resource of definition.resource) add('resource', resource)
  for (const [name, value] of Object.entries(definition.authorizationParams)) add(name, value)
  return pairs
}

/** The query behind the one that the URL may have. */
export function appendQuery(url: string, query: string): string {
  if (!url.includes('?')) return `${url}?${query}`
  return /[?&]$/.test(url) ? `${url}${query}` : `${url}&${query}`
}
