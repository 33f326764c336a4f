/** The statement that is exchanged for an access token: RFC 7523 sections 2.1 and 3. */
import type { Exchange, ScopeInput } from '../scheme.ts'
import { validity } from './client_assertion.ts'
import { serviceKey, signingKey } from './client_keys.ts'
import { needed } from './client.ts'
import type { Definition } from './definition.ts'
import { type Given, keyIdOf } from './given.ts'
import { readPrivateKey, signJwt, type SigningKey } from './jwt.ts'
import { joinScopes } from './scope.ts'

export function signAssertion(
  definition: Definition,
  given: Given,
  { scopes, scopeDelimiter }: ScopeInput,
  { now, random }: Pick<Exchange, 'now' | 'random'>,
): string {
  const { assertion } = definition
  const issuer = needed(assertion.issuer ?? given['client_email'] ?? definition.clientId, 'Issuer')
  const scope = assertion.scopeIn === 'assertion' ? joinScopes(scopes, scopeDelimiter)?.plain : undefined
  return signJwt(keyOf(definition, given, now()), {
    ...definition.assertionClaims,
    iss: issuer,
    sub: assertion.subject ?? issuer,
    aud: assertion.audience ?? definition.tokenUrl,
    jti: random(16),
    ...(scope === undefined ? {} : { scope }),
    ...validity(now(), assertion.lifetimeSeconds),
  })
}

function keyOf(definition: Definition, given: Given, now: number): SigningKey {
  const key = readPrivateKey(given['private_key'] ?? '')
  return key === undefined ? serviceKey(definition, now) : signingKey(key, keyIdOf(given), definition.signingAlgorithm)
}
