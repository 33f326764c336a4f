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
export function decidedNames(definition: Pick<Definition, 'parameterNames' | 'userScopes' | 'resource'>): Set<string> {
  const { parameterNames: names, userScopes, resource } = definition
  const own = [nameOf(names, 'clientId'), nameOf(names, 'redirectUri'), nameOf(names, 'scope')]
  return new Set([
    ...decided,
    ...own,
    ...(userScopes ? [userScopes.parameter] : []),
    ...(resource.length > 0 ? ['resource'] : []),
  ])
}

/** State and verifier: 32 random bytes each (S-2, S-3). */
const randomBytes = 32

export async function begin(definition: Definition, input: BeginInput, exchange: Exchange): Promise<Begun> {
  const state = exchange.random(randomBytes)
  const verifier = usesPkce(definition) ? exchange.random(randomBytes) : undefined
  const challenge = verifier === undefined ? undefined : await calculatePKCECodeChallenge(verifier)
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
  return appendQuery(needed(definition.authorizationUrl, 'Authorization URL'), query.join('&'))
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
  return appendQuery(
    url,
    encodePairs(await pushRequest(definition, endpoint, input, [...own, ...parameters], exchange)),
  )
}

function parametersOf(
  definition: Definition,
  { callbackUrl, scopes, scopeDelimiter }: BeginInput,
  fresh: Fresh,
): Pair[] {
  const { parameterNames: names, userScopes } = definition
  const pairs: Pair[] = []
  const add = (name: string, value: string): void => void pairs.push([name, value, percentEncode(value)])
  const addScopes = (name: string, values: readonly string[]): void => {
    const joined = joinScopes(values, scopeDelimiter)
    if (joined !== undefined) pairs.push([name, joined.plain, joined.encoded])
  }
  add('response_type', 'code')
  add(nameOf(names, 'clientId'), needed(definition.clientId, 'Client ID'))
  add(nameOf(names, 'redirectUri'), callbackUrl)
  addScopes(nameOf(names, 'scope'), scopes)
  if (userScopes) addScopes(userScopes.parameter, userScopes.scopes)
  add('state', fresh.state)
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
