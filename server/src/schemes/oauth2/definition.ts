/** The fields of an OAuth 2 service's `auth`: what the form asks (R-130 … R-157) and the answers to providers' oddities. */
import { fields as field } from '@mooring/contract'
import { z } from 'zod'

/** A field that may be left out: an empty string and null count as absent, so that a form can send what it holds. */
function optional<Rule extends z.ZodType>(rule: Rule) {
  return z
    .preprocess((value) => (value === '' || value === undefined ? null : value), z.nullable(rule))
    .default(null as z.core.util.NoUndefined<z.output<Rule> | null>)
}

/** A field with a preset: an empty string and null give the preset. */
function preset<Rule extends z.ZodType>(rule: Rule, value: z.core.util.NoUndefined<z.output<Rule>>) {
  return z
    .preprocess((given) => (given === '' || given === null || given === undefined ? value : given), rule)
    .default(value)
}

function choice<const Values extends readonly string[]>(values: Values) {
  const last = values.at(-1) ?? ''
  return z.enum(values, { error: `Use ${values.slice(0, -1).join(', ')} or ${last}.` })
}

const constant = field.text({
  min: 0,
  max: 4096,
  all: [/^[^\p{Cc}\p{Cs}]*$/u, 'Remove line breaks and other control characters.'],
})
const constants = z.record(field.parameterKey, constant)

const dotPath = field.text({
  max: 200,
  all: [/^[^\s.]+(\.[^\s.]+)*$/, 'Write the names from the outside in with dots between, such as data.access_token.'],
})
const path = z
  .preprocess((value) => (value === '' || value === null ? undefined : value), dotPath.optional())
  .optional()

const renamed = z
  .preprocess((value) => (value === '' || value === null ? undefined : value), field.parameterKey.optional())
  .optional()

/** Headers that the connection itself decides about (RFC 9110 sections 6.6, 7.2 and 7.6.1). */
const framing = new Set([
  'connection',
  'content-length',
  'host',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

const freeHeaderName = field.headerName.refine((name) => !framing.has(name.toLowerCase()), {
  error: 'Mooring sets this header itself; choose another.',
})

const tokenHeaderName = freeHeaderName.refine(
  (name) => !['authorization', 'content-type'].includes(name.toLowerCase()),
  {
    error: 'Client Authentication and the format of the token request decide about this header; choose another.',
  },
)

export const clientAuthentications = ['form', 'header', 'header_raw', 'query', 'none'] as const

export const fields = z.strictObject({
  grantType: preset(
    choice(['authorization_code', 'authorization_code_pkce', 'client_credentials']),
    'authorization_code',
  ).meta({
    title: 'Grant Type',
    description:
      'How access tokens are obtained: a person authorizes (authorization code, with PKCE for apps without a secret), or the app by itself (client credentials).',
  }),
  clientId: optional(field.credential).meta({
    title: 'Client ID',
    description: 'Issued by the provider when you register your app; some call it Consumer Key.',
  }),
  clientSecret: optional(field.credential).meta({
    title: 'Client Secret',
    description: 'Issued together with the Client ID; some call it Consumer Secret. Not needed with PKCE.',
    secret: true,
  }),
  clientAuthentication: preset(choice(clientAuthentications), 'form').meta({
    title: 'Client Authentication',
    description:
      'How the Client ID and Client Secret travel to the provider: in the form data, in the Authorization header (encoded as RFC 6749 section 2.3.1 says, or as they are), in the query, or no secret at all.',
  }),
  authorizationUrl: optional(field.endpointUrl).meta({
    title: 'Authorize URL',
    description:
      'The page where a person sees the scopes and agrees. A query in it is kept. Not used by client credentials.',
  }),
  tokenUrl: optional(field.endpointUrl).meta({
    title: 'Access Token URL',
    description: 'Where a code, or the client itself, is exchanged for an access token.',
  }),
  refreshTokenUrl: optional(field.endpointUrl).meta({
    title: 'Refresh Token URL',
    description: 'Where a new access token comes from when the current one ends. Empty: the Access Token URL.',
  }),
  revokeTokenUrl: optional(field.endpointUrl).meta({
    title: 'Revoke Token URL',
    description: 'Where a token is given back when a connection is revoked.',
  }),
  parameterLocation: preset(choice(['header', 'query']), 'header').meta({
    title: 'Parameter Type',
    description: 'Where the access token travels on each request: in a header, or in the query string.',
  }),
  bearerName: preset(field.bearerName, 'Bearer').meta({
    title: 'Bearer Name',
    description: 'The word before the access token in the Authorization header.',
    advanced: true,
  }),
  expiryTime: preset(field.expiryTime, 3600).meta({
    title: 'Expiry Time',
    description: 'Seconds an access token lives when the provider does not say.',
    advanced: true,
  }),
  pkce: preset(z.boolean(), true).meta({
    title: 'PKCE',
    description:
      'Protects the code on its way (RFC 7636, S256). Turn off only for a provider that refuses code_challenge; the grant Authorization Code With PKCE always sends it.',
    advanced: true,
  }),
  issuer: optional(field.baseUrl).meta({
    title: 'Issuer',
    description:
      'The issuer the provider names in the iss parameter of its replies (RFC 9207), character for character. Needed only where its host is neither that of the Authorize URL nor of the Access Token URL.',
    advanced: true,
  }),
  authorizationParams: preset(constants, {}).meta({
    title: 'Authorization parameters',
    description: 'Added to the Authorize URL, such as access_type: offline.',
    advanced: true,
  }),
  tokenParams: preset(constants, {}).meta({
    title: 'Token parameters',
    description: 'Added to the token request, such as audience.',
    advanced: true,
  }),
  refreshParams: preset(constants, {}).meta({
    title: 'Refresh parameters',
    description: 'Added to the refresh request.',
    advanced: true,
  }),
  parameterNames: preset(
    z.strictObject({
      clientId: renamed,
      clientSecret: renamed,
      scope: renamed,
      code: renamed,
      redirectUri: renamed,
      grantType: renamed,
      refreshToken: renamed,
    }),
    {},
  ).meta({
    title: 'Parameter names',
    description: 'Other names for standard parameters, such as clientId: client_key.',
    advanced: true,
  }),
  userScopes: optional(
    z.strictObject({ parameter: field.parameterKey, scopes: z.array(field.scopeValue).min(1).max(50) }),
  ).meta({
    title: 'User scopes',
    description: 'A second list of scopes, sent to the Authorize URL under a parameter of its own.',
    advanced: true,
  }),
  tokenRequestMethod: preset(choice(['POST', 'GET']), 'POST').meta({
    title: 'Token request method',
    description: 'POST, unless the provider takes token requests as GET with everything in the query.',
    advanced: true,
  }),
  tokenRequestFormat: preset(choice(['form', 'json', 'query']), 'form').meta({
    title: 'Token request format',
    description: 'How the parameters of the token request are written: a form, a JSON body, or the query.',
    advanced: true,
  }),
  tokenHeaders: preset(z.record(tokenHeaderName, field.headerValue), {}).meta({
    title: 'Token request headers',
    description: 'Added to requests to the token, refresh and revoke URLs, such as User-Agent.',
    advanced: true,
  }),
  tokenResponse: optional(
    z.strictObject({ accessToken: path, refreshToken: path, expiresIn: path, scope: path, account: path }),
  ).meta({
    title: 'Token answer',
    description:
      'Where the provider puts what it answers, as dot paths such as authed_user.access_token. What is left out is looked for under its standard name beside the access token.',
    advanced: true,
  }),
  expiresInZero: preset(choice(['now', 'never']), 'now').meta({
    title: 'expires_in of 0',
    description: 'What the provider means by it: the token has ended, or it never ends.',
    advanced: true,
  }),
  header: optional(
    z.strictObject({
      name: freeHeaderName,
      format: preset(
        field.headerValue.refine((format) => format.includes('{token}'), {
          error: 'Write {token} where the access token goes.',
        }),
        '{token}',
      ),
    }),
  ).meta({
    title: 'Header',
    description: 'A header that carries the access token instead of Authorization; {token} in its format is the token.',
    advanced: true,
  }),
  queryParameter: preset(field.parameterKey, 'access_token').meta({
    title: 'Query parameter',
    description: 'The parameter that carries the access token where Parameter Type is the query string.',
    advanced: true,
  }),
  responseMode: preset(choice(['query', 'form_post']), 'query').meta({
    title: 'Response mode',
    description: "How the provider's reply comes back: in the callback's query, or as a form.",
    advanced: true,
  }),
  refreshMarginSeconds: optional(field.wholeNumber(0, 86_400, 'seconds')).meta({
    title: 'Refresh margin',
    description: 'How many seconds before its end a token is renewed. Empty: 300, or half its lifetime if less.',
    advanced: true,
  }),
  expiredWhen: preset(
    z
      .array(
        z.strictObject({
          status: field.wholeNumber(100, 599, 'an HTTP status'),
          bodyContains: field.text({ max: 200 }).optional(),
        }),
      )
      .max(10),
    [{ status: 401 }],
  ).meta({
    title: 'Expired when',
    description:
      'Answers of the API that mean the access token has ended. Judged by status alone: bodyContains is kept, and not yet looked at.',
    advanced: true,
  }),
  revocation: preset(
    z.strictObject({
      method: preset(choice(['POST', 'GET', 'PUT', 'DELETE']), 'POST'),
      tokenIn: preset(choice(['form', 'query', 'path', 'json']), 'form'),
      tokenParameter: preset(field.parameterKey, 'token'),
      which: preset(choice(['refresh_token', 'access_token']), 'refresh_token'),
      clientAuthentication: optional(choice(clientAuthentications)),
    }),
    { method: 'POST', tokenIn: 'form', tokenParameter: 'token', which: 'refresh_token', clientAuthentication: null },
  ).meta({
    title: 'Revocation',
    description:
      'How the Revoke Token URL is called: as RFC 7009 says unless changed here. A token in the path becomes its last segment.',
    advanced: true,
  }),
})

export type Definition = z.output<typeof fields>

export const credential = z.object({
  accessToken: z.string(),
  /** Null where the provider gave none. */
  refreshToken: z.string().nullable(),
  /** What the provider called it; kept for diagnosis, the token is sent as the service says. */
  tokenType: z.string().optional(),
})

export type Credential = z.output<typeof credential>

/** What a definition means where a draft has not said. */
export const presets: Definition = fields.parse({})

/** Whether this grant sends a code challenge (S-2). */
export function usesPkce(definition: Definition): boolean {
  return definition.grantType === 'authorization_code_pkce' || definition.pkce
}
