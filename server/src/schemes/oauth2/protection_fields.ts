/** What keeps a request or a token from being used elsewhere: fields of an OAuth 2 definition (RFC 9126, 9449, 8707, 9207). */
import { fields as field } from '@mooring/contract'
import { z } from 'zod'
import { optional, preset } from '../rules.ts'

/** The heading of the form. */
const section = 'Protection'

/** Where a person is sent to the provider. */
const withRedirect = { field: 'grantType', in: ['authorization_code', 'authorization_code_pkce'] }

/** RFC 8707 section 2: an absolute URI without a fragment. */
const resource = field.text({
  max: 2048,
  all: [/^[\x21-\x7e]*$/, 'Use printable ASCII characters without spaces.'],
  check: (value) =>
    /^[A-Za-z][A-Za-z0-9+.-]*:[^#]+$/.test(value)
      ? undefined
      : { code: 'invalid_format', message: 'Write a whole URI without a fragment, such as https://api.example.com/.' },
})

export const protectionFields = {
  pushedAuthorizationRequestUrl: optional(field.endpointUrl).meta({
    title: 'Pushed Authorization Request URL',
    description:
      'Where the authorization request is sent first, so that the browser carries a reference only (PAR, RFC 9126).',
    advanced: true,
    form: { kind: 'url', section, shownWhen: withRedirect, example: 'https://www.example.com/oauth/par' },
  }),
  dpop: preset(z.boolean(), false).meta({
    title: 'DPoP',
    description:
      'Binds tokens to a key of each connection, so that a token that is stolen is no use (RFC 9449). Only where the provider and the API support it.',
    advanced: true,
    form: { section },
  }),
  resource: preset(z.array(resource).max(10), []).meta({
    title: 'Resource',
    description: 'The APIs that the token is for, as the provider names them (RFC 8707).',
    advanced: true,
    form: { section },
  }),
  authorizationResponseIssParameterSupported: preset(z.boolean(), false).meta({
    title: 'Issuer in Every Reply',
    description:
      'The provider promises the iss parameter in every reply (authorization_response_iss_parameter_supported, RFC 9207): a reply without it is refused. Needs the Issuer.',
    advanced: true,
    form: { section, shownWhen: withRedirect },
  }),
}
