/** OAuth 2 (R-130 … R-164, RFC 6749): by a person's sign-in, here or on another device, by what one has, or by the client alone. */
import { fieldErrors, fields as field } from '@mooring/contract'
import { z } from 'zod'
import { begin } from './oauth2/authorize.ts'
import { check, warnings } from './oauth2/check.ts'
import { certified, clientCertificate } from './oauth2/client.ts'
import { makeKeys, publishedKeys } from './oauth2/client_keys.ts'
import { type Credential, credential, type Definition, fields, presets } from './oauth2/definition.ts'
import { describe } from './oauth2/describe.ts'
import { beginDevice, pollDevice } from './oauth2/device.ts'
import { bound } from './oauth2/dpop.ts'
import { lifetime } from './oauth2/expiry.ts'
import { promptOf, readGiven } from './oauth2/given.ts'
import { begins, isRefreshable } from './oauth2/grants.ts'
import { redeem } from './oauth2/redeem.ts'
import { revoke } from './oauth2/revoke.ts'
import { acquireToken, exchangeCode, refreshToken } from './oauth2/token.ts'
import { setHeader, setParameter } from './request.ts'
import { type Applied, defineScheme, type Exchange, type Grant, type ScopeInput } from './scheme.ts'

const blank = (value: unknown): unknown => (value === '' || value === null ? undefined : value)
const token = field.unicodeCredential.refine((value) => value.isWellFormed(), {
  error: 'Remove the broken characters.',
})

/** A grant made elsewhere, taken over with its tokens. */
const existingGrant = z.strictObject({
  accessToken: z.preprocess(blank, token),
  refreshToken: z.preprocess(blank, token.optional()).optional(),
  expiresAt: z.preprocess(blank, field.instant.optional()).optional(),
})

function read(
  definition: Definition,
  values: Record<string, unknown>,
  now: number,
): { grant: Grant<Credential> } | { errors: ReturnType<typeof fieldErrors> } {
  if (promptOf(definition).length > 0 && !('accessToken' in values)) {
    const read = readGiven(definition, values)
    if ('errors' in read) return read
    // No token yet: `complete` gets one for it.
    const held = { accessToken: '', refreshToken: null, given: read.given }
    return { grant: { credential: held, expiresAt: null, grantedScopes: null, account: null, notes: [] } }
  }
  const parsed = existingGrant.safeParse(values)
  if (!parsed.success) return { errors: fieldErrors(parsed.error.issues) }
  const { accessToken, refreshToken: renewed = null, expiresAt } = parsed.data
  const held = { accessToken, refreshToken: renewed }
  const known = expiresAt === undefined ? undefined : Date.parse(expiresAt)
  const { notes, ...ends } =
    known === undefined
      ? lifetime({
          absolute: undefined,
          relative: undefined,
          now,
          zero: definition.expiresInZero,
          fallbackSeconds: isRefreshable(definition, held) ? definition.expiryTime : null,
        })
      : { expiresAt: known, notes: [] }
  return { grant: { credential: held, ...ends, grantedScopes: null, account: null, notes } }
}

/** A token for the old one: by its refresh token, or as the first was got. */
async function refresh(
  definition: Definition,
  held: Credential,
  input: ScopeInput,
  exchange: Exchange,
): Promise<Grant<Credential>> {
  const again = held.given !== undefined || (definition.grantType === 'jwt_bearer' && begins(definition) === 'acquire')
  return held.refreshToken === null && again
    ? redeem(definition, held, input, exchange, 'refresh')
    : refreshToken(definition, held, input, exchange)
}

function apply(definition: Definition, held: Credential): Applied {
  const certificate = definition.certificateBoundTokens ? clientCertificate(definition) : undefined
  return { ...carried(definition, held), ...(certificate === undefined ? {} : { certificate }) }
}

function carried(definition: Definition, { accessToken, dpop }: Credential): Applied {
  if (definition.dpop && dpop !== undefined) return bound(accessToken, dpop)
  const { parameterLocation, queryParameter, bearerName, header } = definition
  if (parameterLocation === 'query') {
    return {
      inject: (request) => setParameter(request.url, queryParameter, accessToken),
      headers: [],
      parameters: [queryParameter],
      bodyUse: 'none',
    }
  }
  const name = header?.name.toLowerCase() ?? 'authorization'
  // split and join: a token may hold what replaceAll reads as a pattern ($&).
  const value = header ? header.format.split('{token}').join(accessToken) : `${bearerName} ${accessToken}`
  return { inject: (request) => setHeader(request, name, value), headers: [name], parameters: [], bodyUse: 'none' }
}

function endpoints(definition: Partial<Definition>): Record<string, string> {
  const { authorizationUrl, pushedAuthorizationRequestUrl, deviceAuthorizationUrl } = definition
  const { tokenUrl, refreshTokenUrl, revokeTokenUrl } = definition
  const all = {
    authorizationUrl,
    pushedAuthorizationRequestUrl,
    deviceAuthorizationUrl,
    tokenUrl,
    refreshTokenUrl,
    revokeTokenUrl,
  }
  return Object.fromEntries(
    Object.entries(all).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
}

export const oauth2 = defineScheme<Definition, Credential>({
  type: 'oauth2',
  title: 'OAuth2',
  summary: 'A person, or the app itself, is given an access token by the provider, which is renewed before it ends.',
  fields,
  credential,
  scopes: true,
  check,
  endpoints,
  warnings,
  headerNames: ({ header, dpop }) => [...(header ? [header.name] : []), ...(dpop ? ['DPoP'] : [])],
  flow: (definition) => begins({ ...presets, ...definition }),
  prompt: promptOf,
  read,
  apply,
  begin: (definition, input, exchange) => begin(definition, input, certified(definition, exchange)),
  correlate: (parameters) => parameters.get('state'),
  finish: (definition, input, exchange) => exchangeCode(definition, input, certified(definition, exchange)),
  beginDevice: (definition, input, exchange) => beginDevice(definition, input, certified(definition, exchange)),
  pollDevice: (definition, input, exchange) => pollDevice(definition, input, certified(definition, exchange)),
  complete: async (definition, held, input, exchange) =>
    held.accessToken === '' ? redeem(definition, held, input, certified(definition, exchange)) : null,
  acquire: (definition, input, exchange) =>
    definition.grantType === 'client_credentials'
      ? acquireToken(definition, input, certified(definition, exchange))
      : redeem(definition, {}, input, certified(definition, exchange)),
  refreshable: isRefreshable,
  refresh: (definition, held, input, exchange) => refresh(definition, held, input, certified(definition, exchange)),
  refreshMarginSeconds: ({ refreshMarginSeconds }) => refreshMarginSeconds,
  expired: ({ expiredWhen }, status) => expiredWhen.some((answer) => answer.status === status),
  revoke: (definition, held, exchange) => revoke(definition, held, certified(definition, exchange)),
  keys: { make: makeKeys, published: publishedKeys },
  describe,
})
