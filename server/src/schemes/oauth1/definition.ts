/** What a service says about its OAuth 1.0a provider, and the rules over it. */
import { type FieldError, fieldErrors, fields as field } from '@mooring/contract'
import { z } from 'zod'
import { choice, optional } from '../rules.ts'
import { protocolNames } from './inject.ts'
import { isRsa, rsaPrivateKey, signatureMethods } from './signature.ts'

/** One value or, for the RSA methods, a PEM text of several lines; `check` judges which by the method. */
const secretOrKey = field.text({
  max: 8192,
  all: [/^[\x20-\x7e\r\n]*$/, 'Use printable ASCII characters only.'],
})

/** The heading of the form under which the answers to providers' oddities stand. */
const specifics = 'Provider specifics'

const constants = z.record(field.parameterKey, field.text({ min: 0, max: 2048 }))

/** Where a person grants access at the provider. */
const withPerson = { field: 'flow', in: ['three_legged'] }

export const fields = z.strictObject({
  flow: choice(['three_legged', 'one_legged'])
    .default('three_legged')
    .meta({
      title: 'Flow',
      description: 'Where the right to sign comes from.',
      form: {
        choices: {
          three_legged: ['A person grants access', 'Three requests, as RFC 5849 section 2 says'],
          one_legged: ['Keys alone', 'The provider issues all keys itself, and nobody signs in'],
        },
      },
    }),
  oneLeggedToken: choice(['asked', 'none'])
    .default('asked')
    .meta({
      title: 'Token',
      description: 'Whether the provider issues a token and its secret besides the Consumer Key.',
      form: {
        shownWhen: { field: 'flow', in: ['one_legged'] },
        choices: { asked: 'Asked of whoever connects', none: 'None: signed with the Consumer Secret alone' },
      },
    }),
  consumerKey: field.credential.meta({
    title: 'Consumer Key',
    description: 'The key that the provider issued for your app.',
    secret: true,
  }),
  consumerSecret: secretOrKey.meta({
    title: 'Consumer Secret',
    description: 'The secret that belongs to the key; for the RSA methods the private key, as PEM.',
    secret: true,
  }),
  requestTokenUrl: optional(field.endpointUrl).meta({
    title: 'Request Token URL',
    description: 'Where Mooring starts and gets a request token.',
    form: {
      kind: 'url',
      required: true,
      shownWhen: withPerson,
      example: 'https://www.example.com/oauth/request_token',
    },
  }),
  authorizationUrl: optional(field.endpointUrl).meta({
    title: 'Authorization URL',
    description: 'The sign-in page, where the person grants access; also called Authorize URL.',
    form: {
      kind: 'url',
      required: true,
      shownWhen: withPerson,
      example: 'https://www.example.com/oauth/authorize',
    },
  }),
  tokenUrl: optional(field.endpointUrl).meta({
    title: 'Token URL',
    description: 'Where Mooring exchanges the request token for the access token; also called Access Token URL.',
    form: {
      kind: 'url',
      required: true,
      shownWhen: withPerson,
      example: 'https://www.example.com/oauth/access_token',
    },
  }),
  revokeTokenUrl: field.endpointUrl
    .nullable()
    .default(null)
    .meta({
      title: 'Revoke Token URL',
      description: 'Where Mooring tells the provider that the access is no longer wanted; empty for none.',
      form: { kind: 'url', shownWhen: withPerson, example: 'https://www.example.com/oauth/revoke' },
    }),
  signatureMethod: z
    .enum(signatureMethods, { error: `Use one of ${signatureMethods.join(', ')}.` })
    .default('HMAC-SHA1')
    .meta({ title: 'Signature Method', description: 'How requests are signed. PLAINTEXT needs https.' }),
  parameterLocation: z
    .enum(['header', 'query', 'form'], { error: 'Use header, query or form.' })
    .default('header')
    .meta({
      title: 'Parameter Location',
      description: 'The part of the request that carries the signature; also called Parameter Type.',
      form: { choices: { header: 'Header', query: 'Query String', form: 'Form Data' } },
    }),
  realm: field
    .text({ max: 200, all: [/^[\x20-\x7e]*$/, 'Use printable ASCII characters only.'] })
    .nullable()
    .default(null)
    .meta({
      title: 'Realm',
      description: 'Sent in the header where the provider asks for one.',
      advanced: true,
      form: { section: specifics, shownWhen: { field: 'parameterLocation', in: ['header'] } },
    }),
  bodyHash: z
    .boolean()
    .default(false)
    .meta({
      title: 'Sign Bodies',
      description: 'Covers bodies that are not forms with oauth_body_hash.',
      advanced: true,
      form: { section: specifics },
    }),
  requestTokenParams: constants.default({}).meta({
    title: 'Request Token Parameters',
    description: 'Sent along when getting a request token.',
    advanced: true,
    form: { section: specifics, shownWhen: withPerson },
  }),
  authorizationParams: constants.default({}).meta({
    title: 'Authorization Parameters',
    description: 'Added to the authorization URL.',
    advanced: true,
    form: { section: specifics, shownWhen: withPerson },
  }),
})
export type Definition = z.output<typeof fields>

/** Whether whoever connects gives a token; without one the consumer secret signs alone. */
export function hasToken({ flow, oneLeggedToken }: Partial<Definition>): boolean {
  return flow !== 'one_legged' || oneLeggedToken !== 'none'
}

/** What no field alone can tell: the secret goes by the method, and some parameters are the protocol's. */
export function check(definition: Partial<Definition>, stage: 'draft' | 'ready'): FieldError[] {
  const { consumerSecret, signatureMethod = 'HMAC-SHA1' } = definition
  const { flow = 'three_legged', requestTokenParams = {}, authorizationParams = {} } = definition
  const errors: FieldError[] = []
  const fail = (path: string, code: string, message: string): number => errors.push({ path, code, message })
  if (stage === 'ready' && flow === 'three_legged') {
    for (const name of ['requestTokenUrl', 'authorizationUrl', 'tokenUrl'] as const)
      if ((definition[name] ?? null) === null) fail(name, 'required', 'Fill this in.')
  }
  if (consumerSecret !== undefined && isRsa(signatureMethod)) {
    if (rsaPrivateKey(consumerSecret) === undefined) {
      const says = 'paste an RSA private key as PEM, from -----BEGIN to -----, without a passphrase.'
      fail('consumerSecret', 'invalid_format', `For ${signatureMethod}, ${says}`)
    }
  } else if (consumerSecret !== undefined) {
    const parsed = field.credential.safeParse(consumerSecret)
    if (!parsed.success) errors.push(...fieldErrors(parsed.error.issues, ['consumerSecret']))
  }
  for (const name of Object.keys(requestTokenParams).filter((each) => protocolNames.has(each))) {
    fail(`requestTokenParams.${name}`, 'duplicate', 'Remove this; Mooring sends it itself.')
  }
  if (authorizationParams['oauth_token'] !== undefined) {
    fail('authorizationParams.oauth_token', 'duplicate', 'Remove this; Mooring sends it itself.')
  }
  return errors
}
