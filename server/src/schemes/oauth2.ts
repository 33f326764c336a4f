/** OAuth 2 (R-130 … R-164, RFC 6749): authorization code with and without PKCE, and client credentials. */
import { fieldErrors, fields as field } from '@mooring/contract'
import { z } from 'zod'
import { begin } from './oauth2/authorize.ts'
import { check, warnings } from './oauth2/check.ts'
import { certified, clientCertificate } from './oauth2/client.ts'
import { type Credential, credential, type Definition, fields } from './oauth2/definition.ts'
import { describe } from './oauth2/describe.ts'
import { lifetime } from './oauth2/expiry.ts'
import { revoke } from './oauth2/revoke.ts'
import { acquireToken, exchangeCode, refreshToken } from './oauth2/token.ts'
import { setHeader, setParameter } from './request.ts'
import { type Applied, defineScheme, type Grant } from './scheme.ts'

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
  return definition.grantType === 'client_credentials' || held.refreshToken !== null
}

function apply(definition: Definition, held: Credential): Applied {
  const certificate = definition.certificateBoundTokens ? clientCertificate(definition) : undefined
  return { ...carried(definition, held), ...(certificate === undefined ? {} : { certificate }) }
}

function carried(definition: Definition, { accessToken }: Credential): Applied {
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
  const { authorizationUrl, tokenUrl, refreshTokenUrl, revokeTokenUrl } = definition
  return Object.fromEntries(
    Object.entries({ authorizationUrl, tokenUrl, refreshTokenUrl, revokeTokenUrl }).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    ),
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
  headerNames: ({ header }) => (header ? [header.name] : []),
  flow: ({ grantType }) => (grantType === 'client_credentials' ? 'acquire' : 'redirect'),
  prompt: () => [],
  read,
  apply,
  begin,
  correlate: (parameters) => parameters.get('state'),
  finish: (definition, input, exchange) => exchangeCode(definition, input, certified(definition, exchange)),
  acquire: (definition, input, exchange) => acquireToken(definition, input, certified(definition, exchange)),
  refreshable,
  refresh: (definition, held, input, exchange) =>
    refreshToken(definition, held, input, certified(definition, exchange)),
  refreshMarginSeconds: ({ refreshMarginSeconds }) => refreshMarginSeconds,
  expired: ({ expiredWhen }, status) => expiredWhen.some((answer) => answer.status === status),
  revoke: (definition, held, exchange) => revoke(definition, held, certified(definition, exchange)),
  describe,
})
