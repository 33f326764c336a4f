/** The registry: the one place that lists the authentication types. */
import { apiKey } from './api_key.ts'
import { aws } from './aws.ts'
import { basic } from './basic.ts'
import { bearer } from './bearer.ts'
import { digest } from './digest.ts'
import { hmac } from './hmac.ts'
import { jwt } from './jwt.ts'
import { mtls } from './mtls.ts'
import { oauth1 } from './oauth1.ts'
import { oauth2 } from './oauth2.ts'
import { session } from './session.ts'
import type { AnyScheme } from './scheme.ts'

export const schemes: readonly AnyScheme[] = [
  apiKey,
  aws,
  basic,
  bearer,
  oauth1,
  oauth2,
  digest,
  hmac,
  jwt,
  mtls,
  session,
]

const byType = new Map(schemes.map((scheme) => [scheme.type, scheme]))

/** The scheme of this type; undefined where there is none. */
export function findScheme(type: string): AnyScheme | undefined {
  return byType.get(type)
}
