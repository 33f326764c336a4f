/**
 * How each way to authenticate that documents speak of is written as `auth`. The one place of the import that names
 * authentication types, as data; whether this server has the type, and each field of it, is asked of the registry.
 */
import type { Auth } from '@mooring/contract'
import type { Fields } from './values.ts'

export interface KeyParameter {
  name: string
  key: string
  location: 'query' | 'form' | 'header' | 'cookie'
  prefix?: string
}

/** What the words of RFC 6749, RFC 8414 and OpenAPI come to; what is undefined was not said. */
export interface OAuth2 {
  grantType: 'authorization_code' | 'authorization_code_pkce' | 'client_credentials' | 'device_code' | 'password'
  clientId?: string | undefined
  clientSecret?: string | undefined
  clientAuthentication?: string | undefined
  authorizationUrl?: string | undefined
  tokenUrl?: string | undefined
  refreshTokenUrl?: string | undefined
  revokeTokenUrl?: string | undefined
  deviceAuthorizationUrl?: string | undefined
  pushedAuthorizationRequestUrl?: string | undefined
  issuer?: string | undefined
  pkce?: boolean | undefined
  authorizationResponseIssParameterSupported?: true | undefined
  /** RFC 8707. */
  resource?: string[] | undefined
  parameterLocation?: 'header' | 'query' | undefined
  bearerName?: string | undefined
  authorizationParams?: Record<string, string> | undefined
  tokenParams?: Record<string, string> | undefined
  refreshParams?: Record<string, string> | undefined
}

const of =
  (type: string) =>
  (fields: Fields = {}): Auth => ({ ...fields, type })

export const targets = {
  keys: (parameters: KeyParameter[]): Auth => of('api_key')({ parameters }),
  password: of('basic'),
  digest: of('digest'),
  certificate: of('mtls'),
  token: (prefix?: string): Auth => of('bearer')(prefix === undefined ? {} : { tokenPrefix: prefix }),
  oauth2: (fields: OAuth2): Auth => of('oauth2')({ ...fields }),
  oauth1: of('oauth1'),
  aws: of('aws'),
  hawk: of('hawk'),
  ntlm: of('ntlm'),
  edgegrid: of('edgegrid'),
  jwt: of('jwt'),
}
