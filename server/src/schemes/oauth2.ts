/** OAuth 2 (R-130 … R-164, RFC 6749): authorization code with and without PKCE, and client credentials. */
import { fieldErrors, fields as field } from '@mooring/contract'
import { z } from 'zod'
import { begin } from './oauth2/authorize.ts'
import { check, warnings } from './oauth2/check.ts'
import { certified } from './oauth2/client.ts'
import { type Credential, credential, type Definition, fields } from './oauth2/definition.ts'
import { describe } from './oauth2/describe.ts'
import { apply } from './oauth2/carry.ts'
import { lifetime } from './oauth2/expiry.ts'
import { afterFirst, canRefresh, exchangeTexts, refreshDeclared } from './oauth2/extra.ts'
import { fill } from './placeholders.ts'
import { learns, lookUp, lookupEndpoints } from './oauth2/learn.ts'
import { atMoment, withoutMoments } from './oauth2/moment.ts'
import { revoke } from './oauth2/revoke.ts'
import { acquireToken, exchangeCode, refreshToken } from './oauth2/token.ts'
import { defineScheme, type Exchange, type FinishInput, type Grant } from './scheme.ts'

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
          fallbackSeconds: refreshable(definition, held) ? definition.expiryTime : null,
        })
      : { expiresAt: known, notes: [] }
  return { grant: { credential: held, ...ends, grantedScopes: null, account: null, notes } }
}

function refreshable(definition: Definition, held: Credential): boolean {
  const { grantType, refreshExchange } = definition
  if (grantType === 'client_credentials') return true
  return refreshExchange === null ? held.refreshToken !== null : canRefresh(refreshExchange, held)
}

function endpoints(definition: Partial<Definition>): Record<string, string> {
  const { authorizationUrl, tokenUrl, refreshTokenUrl, revokeTokenUrl, learn } = definition
  const named = {
    authorizationUrl,
    tokenUrl,
    refreshTokenUrl,
    revokeTokenUrl,
    'secondExchange.url': definition.secondExchange?.url,
    'refreshExchange.url': definition.refreshExchange?.url,
    ...lookupEndpoints(learn),
  }
  return Object.fromEntries(
    Object.entries(named).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
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
  headerNames: ({ header }) => (header ? [header.name] : []),
  flow: ({ grantType }) => (grantType === 'client_credentials' ? 'acquire' : 'redirect'),
  prompt: () => [],
  read,
  apply,
  begin: (definition, input, exchange) => begin(atMoment(definition, exchange), input, exchange),
  correlate: (parameters) => parameters.get('state'),
  finish: (definition, input, exchange) => finish(definition, input, certified(definition, exchange)),
  acquire: async (definition, input, exchange) => {
    const now = atMoment(definition, exchange)
    const certain = certified(now, exchange)
    return lookUp(now, await acquireToken(now, input, certain), certain)
  },
  refreshable,
  refresh: async (definition, held, input, exchange) => {
    const now = atMoment(definition, exchange)
    return now.refreshExchange === null
      ? refreshToken(now, held, input, certified(now, exchange))
      : refreshDeclared(now, now.refreshExchange, held, input, certified(now, exchange))
  },
  refreshMarginSeconds: ({ refreshMarginSeconds }) => refreshMarginSeconds,
  expired: ({ expiredWhen }, status) =>
    expiredWhen.some((answer) => answer.status === status && answer.bodyContains === undefined),
  expiredTexts: ({ expiredWhen }, status) =>
    expiredWhen.flatMap(({ status: its, bodyContains }) =>
      its === status && bodyContains !== undefined ? [bodyContains] : [],
    ),
  revoke: (definition, held, exchange) => revoke(definition, held, certified(definition, exchange)),
  describe,
})
