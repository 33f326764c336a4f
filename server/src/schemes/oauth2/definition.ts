/** The fields of an OAuth 2 service's `auth`: what the form asks (R-130 … R-157) and the answers to providers' oddities. */
import { fields as field } from '@mooring/contract'
import { z } from 'zod'
import type { FormNotes } from '../form.ts'
import { clientFields, keysSection } from './client_fields.ts'
import { exchangeFields } from './exchange_field.ts'
import { choice, optional, preset } from '../rules.ts'
import { constants, path, renamed, section, withPerson } from './field.ts'
import { grantFields } from './grant_fields.ts'
import { grants, grantsWhere, grantTypes } from './grants.ts'
import { learnField } from './learn_field.ts'
import { particularFields } from './particular_fields.ts'
import { protectionFields } from './protection_fields.ts'
import { keyText } from '../pem.ts'

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

export const clientAuthentications = [
  'form',
  'header',
  'header_raw',
  'query',
  'private_key_jwt',
  'client_secret_jwt',
  'tls_client_auth',
  'self_signed_tls_client_auth',
  'none',
] as const
const clientAuthenticationChoices: FormNotes['choices'] = {
  form: ['Include in the form data', 'As fields of the token request'],
  header: ['Include in authorization header', 'As HTTP Basic, encoded as RFC 6749 says'],
  header_raw: ['Include in authorization header, as they are', 'For providers that do not decode'],
  query: ['Include in the query string', 'Readable in the URL; only where nothing else works'],
  private_key_jwt: ['Signed with a private key', 'private_key_jwt: no secret is shared with the provider'],
  client_secret_jwt: ['Signed with the secret', 'client_secret_jwt: the secret itself is not sent'],
  tls_client_auth: ['Client certificate', 'Issued by an authority that the provider trusts (RFC 8705)'],
  self_signed_tls_client_auth: ['Client certificate, self-signed', 'Registered with the provider (RFC 8705)'],
  none: ['None', 'The Client ID alone is sent, for apps without a secret'],
}

/** Whether the client proves itself with its certificate (RFC 8705 section 2). */
export function byCertificate(method: (typeof clientAuthentications)[number]): boolean {
  return method.includes('tls_client_auth')
}

/** Where the provider may give a refresh token, which can be given back. */
const renewable = { field: 'grantType', in: grantTypes.filter((type) => type !== 'client_credentials') }

export const fields = z.strictObject({
  grantType: preset(choice(grantTypes), 'authorization_code').meta({
    title: 'Grant Type',
    description: 'How access tokens are obtained.',
    form: { choices: Object.fromEntries(grantTypes.map((type) => [type, [grants[type].title, grants[type].note]])) },
  }),
  clientId: optional(field.credential).meta({
    title: 'Client ID',
    description: 'Issued by the provider when you register your app; some call it Consumer Key.',
    form: {
      required: true,
      optionalWhen: { field: 'grantType', in: grantsWhere(({ client }) => client === 'optional') },
    },
  }),
  clientSecret: optional(field.credential).meta({
    title: 'Client Secret',
    description: 'Issued together with the Client ID; some call it Consumer Secret. Not needed with PKCE.',
    secret: true,
    form: {
      required: true,
      optionalWhen: { field: 'grantType', in: grantsWhere(({ client }) => client !== 'with secret') },
      shownWhen: {
        field: 'clientAuthentication',
        in: ['form', 'header', 'header_raw', 'query', 'client_secret_jwt'],
      },
    },
  }),
  clientAuthentication: preset(choice(clientAuthentications), 'form').meta({
    title: 'Client Authentication',
    description: 'How the Client ID and Client Secret travel to the provider.',
    form: { choices: clientAuthenticationChoices },
  }),
  authorizationUrl: optional(field.endpointUrl).meta({
    title: 'Authorization URL',
    description:
      'The page where a person sees the scopes and agrees; also called Authorize URL. A query in it is kept.',
    form: {
      kind: 'url',
      required: true,
      shownWhen: withPerson,
      example: 'https://www.example.com/oauth/authorize',
    },
  }),
  ...grantFields,
  tokenUrl: optional(field.endpointUrl).meta({
    title: 'Token URL',
    description: 'Where a code, or the client itself, is exchanged for an access token; also called Access Token URL.',
    form: { kind: 'url', required: true, example: 'https://www.example.com/oauth/token' },
  }),
  refreshTokenUrl: optional(field.endpointUrl).meta({
    title: 'Refresh Token URL',
    description: 'Where a new access token comes from when the current one ends. Empty: the Token URL.',
    form: { kind: 'url', shownWhen: renewable },
  }),
  revokeTokenUrl: optional(field.endpointUrl).meta({
    title: 'Revoke Token URL',
    description: 'Where a token is given back when a connection is revoked.',
    form: { kind: 'url', shownWhen: renewable, example: 'https://www.example.com/oauth/revoke' },
  }),
  parameterLocation: preset(choice(['header', 'query']), 'header').meta({
    title: 'Parameter Location',
    description: 'Where the access token travels on each request; also called Parameter Type.',
    form: { choices: { header: 'Header', query: 'Query String' } },
  }),
  bearerName: preset(field.bearerName, 'Bearer').meta({
    title: 'Bearer Name',
    description: 'The word before the access token in the Authorization header.',
    advanced: true,
    form: { shownWhen: { field: 'parameterLocation', in: ['header'] } },
  }),
  expiryTime: preset(field.expiryTime, 3600).meta({
    title: 'Expiry Time',
    description: 'How long an access token lives when the provider does not say.',
    advanced: true,
    form: { unit: 'seconds' },
  }),
  clientCertificate: optional(keyText).meta({
    title: 'Client Certificate',
    description: 'A certificate with its chain and its private key, as PEM, one after the other.',
    secret: true,
    advanced: true,
    form: {
      section: keysSection,
      required: true,
      optionalWhen: { field: 'clientAuthentication', in: clientAuthentications.filter((one) => !byCertificate(one)) },
    },
  }),
  certificateBoundTokens: preset(z.boolean(), false).meta({
    title: 'Certificate-Bound Tokens',
    description: 'Show the client certificate to the API too: the access token is good with it alone (RFC 8705).',
    advanced: true,
    form: { section: keysSection },
  }),
  pkce: preset(z.boolean(), true).meta({
    title: 'PKCE',
    description:
      'Protects the code on its way (RFC 7636, S256). Turn off only for a provider that refuses code_challenge.',
    advanced: true,
    form: { section, shownWhen: { field: 'grantType', in: ['authorization_code'] } },
  }),
  issuer: optional(field.baseUrl).meta({
    title: 'Issuer',
    description:
      'The issuer the provider names in the iss parameter of its replies (RFC 9207), character for character. Needed only where its host is neither that of the Authorization URL nor of the Token URL.',
    advanced: true,
    form: { kind: 'url', section, shownWhen: withPerson },
  }),
  authorizationParams: preset(constants, {}).meta({
    title: 'Authorization Parameters',
    description: 'Added to the Authorization URL, such as access_type: offline.',
    advanced: true,
    form: { section, shownWhen: withPerson },
  }),
  tokenParams: preset(constants, {}).meta({
    title: 'Token Parameters',
    description: 'Added to the token request, such as audience.',
    advanced: true,
    form: { section },
  }),
  refreshParams: preset(constants, {}).meta({
    title: 'Refresh Parameters',
    description: 'Added to the refresh request.',
    advanced: true,
    form: { section, shownWhen: renewable },
  }),
  parameterNames: preset(
    z.strictObject({
      clientId: renamed.meta({ title: 'client_id' }),
      clientSecret: renamed.meta({ title: 'client_secret' }),
      scope: renamed.meta({ title: 'scope' }),
      code: renamed.meta({ title: 'code' }),
      redirectUri: renamed.meta({ title: 'redirect_uri' }),
      grantType: renamed.meta({ title: 'grant_type' }),
      refreshToken: renamed.meta({ title: 'refresh_token' }),
    }),
    {},
  ).meta({
    title: 'Parameter Names',
    description: 'Other names for standard parameters, such as client_key for client_id.',
    advanced: true,
    form: { section },
  }),
  userScopes: optional(
    z.strictObject({
      parameter: field.parameterKey.meta({ title: 'Parameter Key', form: { example: 'user_scope' } }),
      scopes: z.array(field.scopeValue).min(1).max(50).meta({ title: 'Scopes' }),
    }),
  ).meta({
    title: 'User Scopes',
    description: 'A second list of scopes, sent to the Authorization URL under a parameter of its own.',
    advanced: true,
    form: { section, shownWhen: withPerson },
  }),
  tokenRequestMethod: preset(choice(['POST', 'GET']), 'POST').meta({
    title: 'Token Request Method',
    description: 'POST, unless the provider takes token requests as GET with everything in the query.',
    advanced: true,
    form: { section },
  }),
  tokenRequestFormat: preset(choice(['form', 'json', 'query']), 'form').meta({
    title: 'Token Request Format',
    description: 'How the parameters of the token request are written.',
    advanced: true,
    form: { section, choices: { form: 'Form Data', json: 'JSON', query: 'Query String' } },
  }),
  tokenHeaders: preset(z.record(tokenHeaderName, field.headerValue), {}).meta({
    title: 'Token Request Headers',
    description: 'Added to requests to the token, refresh and revoke URLs, such as User-Agent.',
    advanced: true,
    form: { section },
  }),
  tokenResponse: optional(
    z.strictObject({
      accessToken: path.meta({ title: 'Access Token', form: { example: 'authed_user.access_token' } }),
      alternateAccessToken: path.meta({
        title: 'Access Token, Otherwise',
        description: 'Where it is in answers that have none in the first place.',
        form: { example: 'data.0.access_token' },
      }),
      refreshToken: path.meta({ title: 'Refresh Token', form: { example: 'authed_user.refresh_token' } }),
      expiresIn: path.meta({ title: 'Lifetime', form: { example: 'data.expires_in' } }),
      scope: path.meta({ title: 'Scopes', form: { example: 'authed_user.scope' } }),
      account: path.meta({ title: 'Account', form: { example: 'team.name' } }),
    }),
  ).meta({
    title: 'Token Answer',
    description:
      'Where the provider puts what it answers, as dot paths such as authed_user.access_token. What is left out is looked for under its standard name beside the access token.',
    advanced: true,
    form: { section },
  }),
  expiresInZero: preset(choice(['now', 'never']), 'now').meta({
    title: 'Lifetime of 0',
    description: 'What the provider means by expires_in: 0.',
    advanced: true,
    form: { section, choices: { now: 'The token has ended', never: 'The token never ends' } },
  }),
  header: optional(
    z.strictObject({
      name: freeHeaderName.meta({ title: 'Name', form: { example: 'X-Shopify-Access-Token' } }),
      format: preset(
        field.headerValue.refine((format) => format.includes('{token}'), {
          error: 'Write {token} where the access token goes.',
        }),
        '{token}',
      ).meta({ title: 'Format', description: '{token} is the access token.' }),
    }),
  ).meta({
    title: 'Header',
    description: 'A header that carries the access token instead of Authorization.',
    advanced: true,
    form: { section, shownWhen: { field: 'parameterLocation', in: ['header'] } },
  }),
  queryParameter: preset(field.parameterKey, 'access_token').meta({
    title: 'Parameter Key',
    description: 'The parameter that carries the access token in the query string.',
    advanced: true,
    form: { section, shownWhen: { field: 'parameterLocation', in: ['query'] } },
  }),
  responseMode: preset(choice(['query', 'form_post']), 'query').meta({
    title: 'Response Mode',
    description: "How the provider's reply comes back.",
    advanced: true,
    form: {
      section,
      shownWhen: withPerson,
      choices: { query: "In the callback's query", form_post: 'As a form (form_post)' },
    },
  }),
  ...particularFields(clientAuthentications, clientAuthenticationChoices),
  ...exchangeFields,
  learn: learnField,
  refreshMarginSeconds: optional(field.wholeNumber(0, 86_400, 'seconds')).meta({
    title: 'Refresh Margin',
    description: 'How long before its end a token is renewed. Empty: 300, or half its lifetime if less.',
    advanced: true,
    form: { section, unit: 'seconds' },
  }),
  expiredWhen: preset(
    z
      .array(
        z.strictObject({
          status: field.wholeNumber(100, 599, 'an HTTP status').meta({ title: 'Status', form: { example: '401' } }),
          bodyContains: field.text({ max: 200 }).optional().meta({ title: 'Body Contains' }),
        }),
      )
      .max(10),
    [{ status: 401 }],
  ).meta({
    title: 'Expired When',
    description:
      'Answers of the API that mean the access token has ended: it is renewed and the request repeated, once. With Body Contains the status alone is not enough; the text is looked for in the first 8 KiB.',
    advanced: true,
    form: { section },
  }),
  revocation: preset(
    z.strictObject({
      method: preset(choice(['POST', 'GET', 'PUT', 'DELETE']), 'POST').meta({ title: 'Method' }),
      tokenIn: preset(choice(['form', 'query', 'path', 'json']), 'form').meta({
        title: 'Parameter Location',
        form: {
          choices: { form: 'Form Data', query: 'Query String', path: 'Last segment of the path', json: 'JSON' },
        },
      }),
      tokenParameter: preset(field.parameterKey, 'token').meta({
        title: 'Parameter Key',
        form: { shownWhen: { field: 'tokenIn', in: ['form', 'query', 'json'] } },
      }),
      which: preset(choice(['refresh_token', 'access_token']), 'refresh_token').meta({
        title: 'Token',
        form: { choices: { refresh_token: 'Refresh token', access_token: 'Access token' } },
      }),
      clientAuthentication: optional(choice(clientAuthentications)).meta({
        title: 'Client Authentication',
        description: 'Empty: as for the Token URL.',
        form: { choices: clientAuthenticationChoices },
      }),
    }),
    { method: 'POST', tokenIn: 'form', tokenParameter: 'token', which: 'refresh_token', clientAuthentication: null },
  ).meta({
    title: 'Revocation',
    description: 'How the Revoke Token URL is called: as RFC 7009 says unless changed here.',
    advanced: true,
    form: { section, shownWhen: renewable },
  }),
  ...protectionFields,
  ...clientFields,
})

export type Definition = z.output<typeof fields>

export const credential = z.object({
  accessToken: z.string(),
  /** Null where the provider gave none. */
  refreshToken: z.string().nullable(),
  /** What the provider called it; kept for diagnosis, the token is sent as the service says. */
  tokenType: z.string().optional(),
  /** What whoever connected gave and each renewal needs again: a key, a subject token, a password. */
  given: z.record(z.string(), z.string()).optional(),
  /** The key that the tokens are bound to (RFC 9449), and what the token endpoint's server last gave as nonce. */
  dpop: z.object({ key: z.record(z.string(), z.unknown()), nonce: z.string().optional() }).optional(),
})

export type Credential = z.output<typeof credential>

/** What a definition means where a draft has not said. */
export const presets: Definition = fields.parse({})

/** Whether this grant sends a code challenge (S-2). */
export function usesPkce(definition: Definition): boolean {
  return definition.grantType === 'authorization_code_pkce' || definition.pkce
}
