/** Grants that begin with what whoever connects gives: each gets a token at once, and again where no refresh token came. */
import * as oauth from 'oauth4webapi'
import { MooringError } from '../../errors.ts'
import type { Exchange, Grant, ScopeInput } from '../scheme.ts'
import { signAssertion } from './assertion.ts'
import { tokenUrl } from './client.ts'
import type { Credential, Definition } from './definition.ts'
import type { Given } from './given.ts'
import { joinScopes } from './scope.ts'
import { refreshToken, requestToken } from './token.ts'

/** `held`: what was given, and the key that its tokens are bound to. `step`: the first time, or a later one. */
export async function redeem(
  definition: Definition,
  held: Pick<Credential, 'given' | 'dpop'>,
  scopes: ScopeInput,
  exchange: Exchange,
  step: 'acquire' | 'refresh' = 'acquire',
): Promise<Grant<Credential>> {
  const { given = {} } = held
  if (definition.grantType === 'refresh_token') {
    const brought = { accessToken: '', refreshToken: given['refreshToken'] ?? null }
    return refreshToken(definition, { ...brought, dpop: held.dpop }, scopes, exchange, step)
  }
  const joined =
    definition.grantType === 'jwt_bearer' && definition.assertion.scopeIn === 'assertion'
      ? undefined
      : joinScopes(scopes.scopes, scopes.scopeDelimiter)
  const grant = await requestToken(definition, exchange, {
    step,
    url: tokenUrl(definition),
    scopes,
    joined,
    secrets: Object.values(given),
    refreshToken: null,
    given,
    dpop: held.dpop,
    send: ({ server, client, authenticate }, options) => {
      const { type, parameters } = requestOf(definition, given, scopes, exchange)
      const all = { ...definition.tokenParams, ...parameters, ...(joined ? { scope: joined.plain } : {}) }
      return oauth.genericTokenEndpointRequest(server, client, authenticate, type, all, options)
    },
    read: oauth.processGenericTokenEndpointResponse,
  })
  const account = grant.account ?? given['client_email'] ?? given['username'] ?? null
  const { given: _, ...credential } = grant.credential
  // An assertion is renewed by another, whatever came with the token (RFC 7521 section 4.1).
  if (definition.grantType === 'jwt_bearer')
    return { ...grant, account, credential: { ...credential, refreshToken: null, given } }
  // A password is kept only where nothing else renews.
  return { ...grant, account, credential: grant.credential.refreshToken === null ? grant.credential : credential }
}

function requestOf(
  definition: Definition,
  given: Given,
  scopes: ScopeInput,
  exchange: Exchange,
): { type: string; parameters: Record<string, string> } {
  switch (definition.grantType) {
    case 'jwt_bearer':
      return {
        type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
        parameters: { assertion: signAssertion(definition, given, scopes, exchange) },
      }
    case 'token_exchange':
      return { type: 'urn:ietf:params:oauth:grant-type:token-exchange', parameters: exchangeOf(definition, given) }
    case 'password':
      return {
        type: 'password',
        parameters: { username: given['username'] ?? '', password: given['password'] ?? '' },
      }
    case 'authorization_code':
    case 'authorization_code_pkce':
    case 'client_credentials':
    case 'device_code':
    case 'refresh_token':
      throw new MooringError('internal_error', { detail: `Nothing is given for ${definition.grantType}.` })
  }
}

/** RFC 8693 section 2.1. */
function exchangeOf({ tokenExchange }: Definition, given: Given): Record<string, string> {
  const { subjectTokenType, actorTokenType, requestedTokenType, audience } = tokenExchange
  return {
    subject_token: given['subjectToken'] ?? '',
    subject_token_type: subjectTokenType,
    ...(actorTokenType === null ? {} : { actor_token: given['actorToken'] ?? '', actor_token_type: actorTokenType }),
    ...(requestedTokenType === null ? {} : { requested_token_type: requestedTokenType }),
    ...(audience === null ? {} : { audience }),
  }
}
