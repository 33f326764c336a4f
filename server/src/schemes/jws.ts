/** The signatures of JSON Web Signature (RFC 7515): the algorithms of RFC 7518 section 3 and RFC 8037. */
import { constants, createHmac, type KeyObject, sign as asymmetric } from 'node:crypto'

export const algorithms = [
  'HS256',
  'HS384',
  'HS512',
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
] as const
export type Algorithm = (typeof algorithms)[number]

/** The JWS signature (RFC 7515 section 5.1) over `input`, in base64url. */
export function signature(algorithm: Algorithm, key: KeyObject, input: string): string {
  const hash = `sha${algorithm.slice(2)}`
  const bytes = Buffer.from(input, 'utf8')
  switch (algorithm.slice(0, 2)) {
    case 'HS':
      return createHmac(hash, key).update(bytes).digest('base64url')
    case 'PS': {
      const padding = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
      return asymmetric(hash, bytes, { key, ...padding }).toString('base64url')
    }
    case 'ES':
      // RFC 7518 section 3.4: the two numbers side by side, not as DER.
      return asymmetric(hash, bytes, { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')
    case 'RS':
      return asymmetric(hash, bytes, key).toString('base64url')
    default:
      return asymmetric(null, bytes, key).toString('base64url')
  }
}
