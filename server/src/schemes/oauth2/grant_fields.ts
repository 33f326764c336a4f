/** What the grants besides the code and client credentials need: fields of an OAuth 2 definition. */
import { fields as field } from '@mooring/contract'
import { z } from 'zod'
import { claim } from './client_fields.ts'
import { choice, optional, preset } from '../rules.ts'

const only = (...grants: string[]) => ({ field: 'grantType', in: grants })

const accessTokenType = 'urn:ietf:params:oauth:token-type:access_token'

export const grantFields = {
  deviceAuthorizationUrl: optional(field.endpointUrl).meta({
    title: 'Device Authorization URL',
    description: 'Where Mooring gets the code that a person enters at the provider (RFC 8628).',
    form: {
      kind: 'url',
      required: true,
      shownWhen: only('device_code'),
      example: 'https://www.example.com/oauth/device_authorization',
    },
  }),
  assertion: preset(
    z.strictObject({
      keyFrom: preset(choice(['connection', 'service']), 'connection').meta({
        title: 'Key',
        form: {
          choices: {
            connection: ['Of each connection', 'Asked of whoever connects, such as a service account key'],
            service: ['Of the service', 'The Private Key below, or one that Mooring makes and publishes'],
          },
        },
      }),
      issuer: optional(claim).meta({
        title: 'Issuer',
        description: 'iss. Empty: the client_email that came with the key, or the Client ID.',
      }),
      subject: optional(claim).meta({
        title: 'Subject',
        description: 'sub, such as the user to act for. Empty: the issuer.',
      }),
      audience: optional(claim).meta({ title: 'Audience', description: 'aud. Empty: the Token URL.' }),
      scopeIn: preset(choice(['request', 'assertion']), 'request').meta({
        title: 'Scopes',
        form: {
          choices: { request: 'A parameter of the token request', assertion: 'The scope claim of the assertion' },
        },
      }),
      lifetimeSeconds: preset(field.wholeNumber(30, 3600, 'seconds'), 300).meta({
        title: 'Lifetime',
        form: { unit: 'seconds' },
      }),
    }),
    {
      keyFrom: 'connection',
      issuer: null,
      subject: null,
      audience: null,
      scopeIn: 'request',
      lifetimeSeconds: 300,
    },
  ).meta({
    title: 'Assertion',
    description: 'The signed statement that is exchanged for an access token (RFC 7523).',
    form: { shownWhen: only('jwt_bearer') },
  }),
  assertionClaims: preset(z.record(field.parameterKey, claim), {}).meta({
    title: 'Assertion Claims',
    description: 'Added to the assertion.',
    advanced: true,
    form: { shownWhen: only('jwt_bearer') },
  }),
  tokenExchange: preset(
    z.strictObject({
      subjectTokenType: preset(claim, accessTokenType).meta({ title: 'Subject Token Type' }),
      actorTokenType: optional(claim).meta({
        title: 'Actor Token Type',
        description: 'Empty: no actor token is asked for.',
      }),
      requestedTokenType: optional(claim).meta({ title: 'Requested Token Type' }),
      audience: optional(claim).meta({ title: 'Audience' }),
    }),
    { subjectTokenType: accessTokenType, actorTokenType: null, requestedTokenType: null, audience: null },
  ).meta({
    title: 'Token Exchange',
    description: 'What is exchanged for what (RFC 8693).',
    form: { shownWhen: only('token_exchange') },
  }),
  allowPasswordGrant: preset(z.boolean(), false).meta({
    title: 'Allow the Password Grant',
    description:
      'Whoever connects hands over their password, which OAuth 2.1 no longer has. Only where the provider offers nothing else.',
    form: { shownWhen: only('password') },
  }),
}
