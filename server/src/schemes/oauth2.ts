/** OAuth 2 (R-130 … R-164, RFC 6749): by a person's sign-in, here or on another device, by what one has, or by the client alone. */
import { fieldErrors, fields as field } from '@mooring/contract'
import { z } from 'zod'
import { begin } from './oauth2/authorize.ts'
import { check, warnings } from './oauth2/check.ts'
import { certified } from './oauth2/client.ts'
import { makeKeys, publishedKeys } from './oauth2/client_keys.ts'
import { type Credential, credential, type Definition, fields, presets } from './oauth2/definition.ts'
import { describe } from './oauth2/describe.ts'
import { apply } from './oauth2/carry.ts'
import { beginDevice, pollDevice } from './oauth2/device.ts'
import { lifetime } from './oauth2/expiry.ts'
import { afterFirst, exchangeTexts, refreshDeclared } from './oauth2/extra.ts'
import { promptOf, readGiven } from './oauth2/given.ts'
import { begins, isRefreshable } from './oauth2/grants.ts'
import { learns, lookUp, lookupEndpoints } from './oauth2/learn.ts'
import { atMoment, withoutMoments } from './oauth2/moment.ts'
import { redeem } from './oauth2/redeem.ts'
import { revoke } from './oauth2/revoke.ts'
import { acquireToken, exchangeCode, refreshToken } from './oauth2/token.ts'
import { fill } from './placeholders.ts'
import { defineScheme, type Exchange, type FinishInput, type Grant, type ScopeInput } from './scheme.ts'

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

/** A token for the old one: as the service declares it, by its refresh token, or as the first was got. */
async function refresh(
  given: Definition,
  held: Credential,
  input: ScopeInput,
  exchange: Exchange,
): Promise<Grant<Credential>> {
  const definition = atMoment(given, exchange)
  if (definition.refreshExchange !== null)
    return refreshDeclared(definition, definition.refreshExchange, held, input, exchange)
  const again = held.given !== undefined || (definition.grantType === 'jwt_bearer' && begins(definition) === 'acquire')
  return held.refreshToken === null && again
    ? redeem(definition, held, input, exchange, 'refresh')
    : refreshToken(definition, held, input, exchange)
}

function endpoints(definition: Partial<Definition>): Record<string, string> {
  const { authorizationUrl, pushedAuthorizationRequestUrl, deviceAuthorizationUrl } = definition
  const { tokenUrl, refreshTokenUrl, revokeTokenUrl, secondExchange, refreshExchange, learn } = definition
  const all = {
    authorizationUrl,
    pushedAuthorizationRequestUrl,
    deviceAuthorizationUrl,
    tokenUrl,
    refreshTokenUrl,
    revokeTokenUrl,
    'secondExchange.url': secondExchange?.url,
    'refreshExchange.url': refreshExchange?.url,
    ...lookupEndpoints(learn),
  }
  return Object.fromEntries(
    Object.entries(all).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
}

/** Constants by their path, less what is filled in at the moment of a request. */
function texts(definition: Partial<Definition>): Record<string, string> {
  const { authorizationParams, tokenParams, refreshParams, tokenHeaders, callParams } = definition
  const constants = { authorizationParams, tokenParams, refreshParams, tokenHeaders, callParams }
  return {
    ...exchangeTexts(definition),
    ...Object.fromEntries(
      Object.entries(constants).flatMap(([field, values]) =>
        Object.entries(values ?? {}).map(([name, value]) => [`${field}.${name}`, withoutMoments(value)]),
      ),
    ),
  }
}

/** A code for a token, and what is looked up with it. */
async function finish(definition: Definition, input: FinishInput, exchange: Exchange): Promise<Grant<Credential>> {
  const { state } = input.kept
  const now = atMoment(definition, exchange, state === undefined ? {} : { state })
  const first = await exchangeCode(now, input, exchange)
  const known = fill(now, { ...input.given, ...first.learned })
  return lookUp(now, await afterFirst(known, first, input, exchange), exchange, input.given)
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
  learns,
  texts,
  values: ({ clientId }) => ({ clientId: clientId ?? '' }),
  warnings,
  headerNames: ({ header, dpop }) => [...(header ? [header.name] : []), ...(dpop ? ['DPoP'] : [])],
  flow: (definition) => begins({ ...presets, ...definition }),
  prompt: promptOf,
  read,
  apply,
  begin: (definition, input, exchange) => begin(atMoment(definition, exchange), input, certified(definition, exchange)),
  correlate: (parameters) => parameters.get('state'),
  finish: (definition, input, exchange) => finish(definition, input, certified(definition, exchange)),
  beginDevice: (definition, input, exchange) =>
    beginDevice(atMoment(definition, exchange), input, certified(definition, exchange)),
  pollDevice: (definition, input, exchange) => pollDevice(definition, input, certified(definition, exchange)),
  complete: async (definition, held, input, exchange) => {
    if (held.accessToken !== '') return null
    const now = atMoment(definition, exchange)
    const by = certified(definition, exchange)
    return lookUp(now, await redeem(now, held, input, by), by)
  },
  acquire: async (definition, input, exchange) => {
    const now = atMoment(definition, exchange)
    const by = certified(definition, exchange)
    const grant =
      now.grantType === 'client_credentials' ? await acquireToken(now, input, by) : await redeem(now, {}, input, by)
    return lookUp(now, grant, by)
  },
  refreshable: isRefreshable,
  refresh: (definition, held, input, exchange) => refresh(definition, held, input, certified(definition, exchange)),
  refreshMarginSeconds: ({ refreshMarginSeconds }) => refreshMarginSeconds,
  expired: ({ expiredWhen }, status) =>
    expiredWhen.some((answer) => answer.status === status && answer.bodyContains === undefined),
  expiredTexts: ({ expiredWhen }, status) =>
    expiredWhen.flatMap(({ status: its, bodyContains }) =>
      its === status && bodyContains !== undefined ? [bodyContains] : [],
    ),
  revoke: (definition, held, exchange) => revoke(definition, held, certified(definition, exchange)),
  keys: { make: makeKeys, published: publishedKeys },
  describe,
})
