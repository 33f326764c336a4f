/** The ways to an access token, and what each asks of a definition. */
import { canRefresh, type DeclaredExchange } from './exchange_field.ts'
export const grantTypes = [
  'authorization_code',
  'authorization_code_pkce',
  'client_credentials',
  'device_code',
  'jwt_bearer',
  'token_exchange',
  'refresh_token',
  'password',
] as const
export type GrantType = (typeof grantTypes)[number]

interface Grant {
  title: string
  /** One line in plain words for whoever chooses. */
  note: string
  /** How it begins: at the provider, with a code to enter there, by itself, or with what whoever connects gives. */
  begins: 'redirect' | 'device' | 'acquire' | 'prompt'
  /** Whether there must be a Client ID, and a Client Secret. */
  client: 'with secret' | 'secret optional' | 'optional'
}

export const grants: Record<GrantType, Grant> = {
  authorization_code: {
    title: 'Authorization Code',
    note: 'A person signs in once',
    begins: 'redirect',
    client: 'with secret',
  },
  authorization_code_pkce: {
    title: 'Authorization Code With PKCE',
    note: 'No client secret needed',
    begins: 'redirect',
    client: 'secret optional',
  },
  client_credentials: {
    title: 'Client Credentials',
    note: 'No sign-in; the app acts as itself',
    begins: 'acquire',
    client: 'with secret',
  },
  device_code: {
    title: 'Device Code',
    note: 'A person enters a code at the provider, on any device',
    begins: 'device',
    client: 'secret optional',
  },
  jwt_bearer: {
    title: 'JWT Bearer',
    note: 'A signed statement, such as of a service account',
    begins: 'prompt',
    client: 'optional',
  },
  token_exchange: {
    title: 'Token Exchange',
    note: 'A token that you have is exchanged for another',
    begins: 'prompt',
    client: 'optional',
  },
  refresh_token: {
    title: 'Refresh Token',
    note: 'A refresh token that was got elsewhere',
    begins: 'prompt',
    client: 'secret optional',
  },
  password: {
    title: 'Password',
    note: 'Username and password are handed over; a last resort',
    begins: 'prompt',
    client: 'secret optional',
  },
}

/** Grant types by a trait, for conditions of the form. */
export function grantsWhere(test: (grant: Grant) => boolean): GrantType[] {
  return grantTypes.filter((type) => test(grants[type]))
}

export function begins({
  grantType,
  assertion,
}: {
  grantType: GrantType
  assertion: { keyFrom: 'connection' | 'service' }
}): Grant['begins'] {
  return grantType === 'jwt_bearer' && assertion.keyFrom === 'service' ? 'acquire' : grants[grantType].begins
}

/** Whether a credential gets its next token without a person. */
export function isRefreshable(
  definition: Parameters<typeof begins>[0] & { refreshExchange: DeclaredExchange | null },
  held: { refreshToken: string | null; given?: Record<string, string> | undefined },
): boolean {
  const { refreshExchange } = definition
  if (refreshExchange !== null) return canRefresh(refreshExchange, held)
  return begins(definition) === 'acquire' || held.refreshToken !== null || held.given !== undefined
}
