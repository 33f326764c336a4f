/** How a client proves itself other than by sending its secret: fields of an OAuth 2 definition (RFC 7523). */
import { fields as field } from '@mooring/contract'
import { z } from 'zod'
import { choice, optional, preset } from '../rules.ts'
import { algorithms, algorithmsOf, readPrivateKey } from './jwt.ts'

/** The heading of the form. */
export const keysSection = 'Keys'

/** A claim of a signed statement; may hold placeholders. */
export const claim = field.text({
  max: 1024,
  all: [/^[^\p{Cc}\p{Cs}]*$/u, 'Remove line breaks and other control characters.'],
})

const privateKey = field.text({
  max: 16_384,
  check: (value) => {
    const key = readPrivateKey(value)
    if (key === undefined)
      return {
        code: 'invalid_format',
        message: 'Paste a private key as PEM (-----BEGIN PRIVATE KEY-----) or JWK, not locked with a password.',
      }
    return algorithmsOf(key).length > 0
      ? undefined
      : { code: 'invalid_value', message: 'Use an RSA key of at least 2048 bits, or an EC key on the curve P-256.' }
  },
})

/** One that Mooring made, the newest first in a list; it signs from `signsFrom` until the next one does. Milliseconds. */
const madeKey = z.strictObject({
  id: z.string(),
  algorithm: z.enum(algorithms),
  jwk: z.record(z.string(), z.unknown()),
  createdAt: z.number(),
  signsFrom: z.number(),
})
export type MadeKey = z.output<typeof madeKey>

export const clientFields = {
  clientKey: optional(privateKey).meta({
    title: 'Private Key',
    description:
      'The key that signs, as PEM or JWK. Empty: Mooring makes one and publishes its public half at the JWKS URL of the service.',
    secret: true,
    advanced: true,
    form: { section: keysSection },
  }),
  clientKeyId: optional(claim).meta({
    title: 'Key ID',
    description: 'What the provider calls the Private Key (kid). Not needed where there is only one.',
    advanced: true,
    form: { section: keysSection },
  }),
  signingAlgorithm: optional(choice(algorithms)).meta({
    title: 'Signing Algorithm',
    description: 'Empty: by the kind of the key, RS256 or ES256.',
    advanced: true,
    form: { section: keysSection },
  }),
  clientAssertionAudience: optional(claim).meta({
    title: 'Client Assertion Audience',
    description: 'The aud of the signed statement that proves who the client is. Empty: the Token URL.',
    advanced: true,
    form: {
      section: keysSection,
      shownWhen: { field: 'clientAuthentication', in: ['private_key_jwt', 'client_secret_jwt'] },
    },
  }),
  clientSecretJwt: optional(
    z.strictObject({
      issuer: claim.meta({ title: 'Issuer', description: 'iss, such as a team ID.' }),
      subject: optional(claim).meta({ title: 'Subject', description: 'sub. Empty: the Client ID.' }),
      audience: claim.meta({ title: 'Audience', description: 'aud.' }),
      lifetimeSeconds: preset(field.wholeNumber(60, 15_777_000, 'seconds'), 300).meta({
        title: 'Lifetime',
        form: { unit: 'seconds' },
      }),
    }),
  ).meta({
    title: 'Client Secret as JWT',
    description:
      'For providers whose client secret is a JWT signed with a key of theirs: made anew for each request with the Private Key and Key ID, in place of the Client Secret.',
    advanced: true,
    form: { section: keysSection },
  }),
  signingKeys: optional(z.array(madeKey).max(10)).meta({
    title: 'Signing Keys',
    description: 'Made by Mooring.',
    secret: true,
    form: false,
  }),
}
