/** Clients that prove themselves by a signature: RFC 7523 section 2.2, and client secrets that are JWTs. */
import type { ClientAuth } from 'oauth4webapi'
import type { Exchange } from '../scheme.ts'
import { serviceKey } from './client_keys.ts'
import type { Definition } from './definition.ts'
import { type Claims, signJwt, signWithSecret } from './jwt.ts'

type Clock = Pick<Exchange, 'now' | 'random'>

/** How long a client assertion is good for, in seconds: it is used at once. */
const lifetime = 60
/** Clocks of providers that are behind ours must not find it made in the future. Seconds. */
const leeway = 5

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

export function seconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000)
}

/** `iat` and `exp` of a statement made now. */
export function validity(now: number, lifetimeSeconds: number): { iat: number; exp: number } {
  const at = seconds(now)
  return { iat: at - leeway, exp: at - leeway + lifetimeSeconds }
}

/** `secret`: what signs with `client_secret_jwt`; null where the service's key does. Only the client's id goes with it. */
export function assertingClient(definition: Definition, id: string, secret: string | null, clock: Clock): ClientAuth {
  return (_server, _client, body) => {
    const claims: Claims = {
      iss: id,
      sub: id,
      aud: definition.clientAssertionAudience ?? definition.tokenUrl,
      jti: clock.random(16),
      ...validity(clock.now(), lifetime + leeway),
    }
    body.set('client_id', id)
    body.set('client_assertion_type', assertionType)
    body.set(
      'client_assertion',
      secret === null ? signJwt(serviceKey(definition, clock.now()), claims) : signWithSecret(secret, claims),
    )
  }
}

/** The client secret as it goes out: what the provider issued, or a JWT made now in its place. */
export function clientSecret(definition: Definition, id: string, { now }: Clock): string | null {
  const { clientSecretJwt: jwt } = definition
  if (jwt === null) return definition.clientSecret
  return signJwt(serviceKey(definition, now()), {
    iss: jwt.issuer,
    sub: jwt.subject ?? id,
    aud: jwt.audience,
    ...validity(now(), jwt.lifetimeSeconds),
  })
}
